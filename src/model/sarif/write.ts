import { restore } from '../json/lossless.ts';
import { isObject, type Json, objectsOf, textOf } from '../json/values.ts';
import type { ReportHead, ScanReport, StreamedReport } from '../report.ts';
import { renderResult, renderRule, renderRun } from './render.ts';
import { LOG_MEMBER, SARIF_SCHEMA_URI, SARIF_VERSION } from './schema.ts';

const CHUNK = 64 * 1024;

/**
 * Writes reports as one SARIF 2.1.0 log, one run each, in chunks of about 64 KiB: every result on a line of its own, and
 * the end of each list of results at the beginning of one (`splitWritten` goes by that). The same reports give the same
 * bytes. What they were read from comes back, and under `sallyport/` what no standard member holds, so that
 * `readSarif` gives the same reports again. `bom` is not part of it: it has a file of its own (CycloneDX).
 */
export function* writeSarif(reports: Iterable<ScanReport | StreamedReport>): Generator<string> {
  let log: Json = {};
  let first = true;
  for (const one of reports) {
    const report = 'head' in one ? one : streamed(one);
    if (first) {
      const kept = report.head.source?.[LOG_MEMBER];
      log = isObject(kept) ? kept : {};
      yield `{"$schema":${JSON.stringify(textOf(log.$schema) ?? SARIF_SCHEMA_URI)},"version":"${SARIF_VERSION}","runs":[`;
    }
    yield first ? '\n' : ',\n';
    first = false;
    yield* writeRun(report);
  }
  if (first) yield `{"$schema":${JSON.stringify(SARIF_SCHEMA_URI)},"version":"${SARIF_VERSION}","runs":[`;
  const { $schema: _schema, version: _version, runs: _runs, ...rest } = log;
  const members = JSON.stringify(rest).slice(1, -1);
  yield `\n]${members === '' ? '' : `,${members}`}}\n`;
}

/** Names the commit that a report is about, as SARIF does: `versionControlProvenance`. */
export function withRevision(report: ScanReport, repositoryUri: string, revisionId: string): ScanReport {
  return {
    ...report,
    source: { ...report.source, versionControlProvenance: [{ repositoryUri, revisionId }] },
  };
}

/** The descriptors of `tool.driver.rules`: those of extensions stand there, in `holder` (a run, or what is kept of it). */
export function driverRules(report: ReportHead, holder: Json | undefined): Json[] {
  const tool = isObject(holder?.tool) ? holder.tool : {};
  const elsewhere = new Set(
    objectsOf(tool.extensions).flatMap((extension) => objectsOf(extension.rules).map((rule) => rule.id)),
  );
  return report.rules
    .filter((rule) => !elsewhere.has(rule.id))
    .map((rule) => restore(renderRule(rule), rule.source) as Json);
}

/** Position of each rule in the `tool.driver.rules` of a whole run. */
export function ruleIndexes(run: Json): Map<string, number> {
  const tool = isObject(run.tool) ? run.tool : {};
  const driver = isObject(tool.driver) ? tool.driver : {};
  const indexes = new Map<string, number>();
  objectsOf(driver.rules).forEach((rule, index) => {
    const id = textOf(rule.id);
    if (id !== undefined && !indexes.has(id)) indexes.set(id, index);
  });
  return indexes;
}

function streamed({ findings, ...head }: ScanReport): StreamedReport {
  return {
    head,
    *findings() {
      for (const finding of findings)
        yield { finding, original: finding.source === undefined ? undefined : JSON.parse(finding.source) };
    },
  };
}

function* writeRun({ head, findings }: StreamedReport): Generator<string> {
  const { [LOG_MEMBER]: _log, results: others, ...source } = head.source ?? {};
  const run = restore(renderRun(head, driverRules(head, source)), source) as Json;
  const indexes = ruleIndexes(run);
  let chunk = JSON.stringify(run).slice(0, -1);
  let separator = ',"results":[\n';
  for (const result of resultsIn(findings(), others, indexes)) {
    chunk += separator + JSON.stringify(result);
    separator = ',\n';
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  const none = separator !== ',\n';
  yield none && others === null ? `${chunk},"results":null}` : `${chunk}${none ? ',"results":[' : ''}\n]}`;
}

function* resultsIn(
  findings: ReturnType<StreamedReport['findings']>,
  others: unknown,
  indexes: ReadonlyMap<string, number>,
): Generator<unknown> {
  for (const { finding, original } of findings)
    yield restore(renderResult(finding, indexes.get(finding.rule)), original);
  // Results that are no findings (`kind: pass`, `baselineState: absent`): kept for whoever reads the file next.
  yield* objectsOf(others);
}
