import type { Edit, Finding, Fix, Rule, Suppression } from '../finding.ts';
import type { Json } from '../json/values.ts';
import type { Place } from '../location.ts';
import type { ReportHead } from '../report.ts';
import { FINGERPRINT, RUN_PROPERTY, SEVERITY } from './schema.ts';
import { levelFor } from './severity.ts';

/** A path that is the same as a URI reference. */
const PLAIN = /^[A-Za-z0-9_./-]*$/u;

/** A path below the root as a relative URI reference (RFC 3986): names may hold anything but `/`. */
function uriOf(path: string): string {
  if (PLAIN.test(path)) return path;
  const uri = encodeURI(path.toWellFormed()).replaceAll('?', '%3F').replaceAll('#', '%23');
  const slash = uri.indexOf('/');
  const first = slash === -1 ? uri : uri.slice(0, slash);
  // A `:` in the first part would make a scheme of it.
  return first.includes(':') ? first.replaceAll(':', '%3A') + uri.slice(first.length) : uri;
}

function renderRegion(place: Place): Json | undefined {
  if (place.line === undefined) return undefined;
  const region: Json = { startLine: place.line };
  if (place.column !== undefined) region.startColumn = place.column;
  if (place.endLine !== undefined) region.endLine = place.endLine;
  if (place.endColumn !== undefined) region.endColumn = place.endColumn;
  return region;
}

/** A SARIF location of one place. */
export function renderLocation(place: Place): Json {
  const physical: Json = { artifactLocation: { uri: uriOf(place.path) } };
  const region = renderRegion(place);
  if (region !== undefined) physical.region = region;
  return { physicalLocation: physical };
}

/** A SARIF reportingDescriptor, without what `Rule.source` keeps. */
export function renderRule(rule: Rule): Json {
  const descriptor: Json = { id: rule.id };
  if (rule.name !== undefined) descriptor.name = rule.name;
  descriptor.shortDescription = { text: rule.summary };
  if (rule.why !== undefined) descriptor.fullDescription = { text: rule.why };
  if (rule.help !== undefined) descriptor.help = { text: rule.help };
  if (rule.helpUri !== undefined) descriptor.helpUri = rule.helpUri;
  descriptor.defaultConfiguration = { level: levelFor(rule.severity) };
  const properties: Json = { [SEVERITY]: rule.severity };
  if (rule.tags.length > 0) properties.tags = unique(rule.tags);
  descriptor.properties = properties;
  return descriptor;
}

/** A SARIF result, without what `Finding.source` keeps. `ruleIndex` is the position in `driver.rules`. */
export function renderResult(finding: Finding, ruleIndex: number | undefined): Json {
  const result: Json = { ruleId: finding.rule };
  if (ruleIndex !== undefined) result.ruleIndex = ruleIndex;
  result.level = levelFor(finding.severity);
  result.message = { text: finding.message };
  if (finding.places.length > 0) result.locations = finding.places.map(renderLocation);
  result.partialFingerprints = { [FINGERPRINT]: finding.fingerprint };
  if (finding.suppressions.length > 0)
    result.suppressions = unique(finding.suppressions.map(renderSuppression));
  if (finding.fix !== undefined) result.fixes = [renderFix(finding.fix)];
  const properties: Json = { [SEVERITY]: finding.severity };
  if (finding.score !== null) properties['security-severity'] = String(finding.score);
  if (finding.tags.length > 0) properties.tags = unique(finding.tags);
  if (finding.component !== undefined) properties['sallyport/component'] = finding.component;
  if (finding.advisory !== undefined) properties['sallyport/advisory'] = finding.advisory;
  if (finding.help !== undefined) properties['sallyport/help'] = finding.help;
  if (finding.verification !== undefined) properties['sallyport/verification'] = finding.verification;
  result.properties = properties;
  return result;
}

/** The schema wants some lists without equal entries. */
function unique<Value>(values: readonly Value[]): Value[] {
  const seen = new Set<string>();
  return values.filter((value) => {
    const key = JSON.stringify(value);
    return !seen.has(key) && seen.add(key);
  });
}

function renderSuppression(suppression: Suppression): Json {
  const { kind, justification, place } = suppression;
  return {
    kind,
    status: 'accepted',
    justification,
    ...(place === undefined ? {} : { location: renderLocation(place) }),
  };
}

function renderFix(fix: Fix): Json {
  const changes: { path: string; edits: Edit[] }[] = [];
  for (const edit of fix.edits) {
    const last = changes.at(-1);
    if (last?.path === edit.place.path) last.edits.push(edit);
    else changes.push({ path: edit.place.path, edits: [edit] });
  }
  return {
    description: { text: fix.description },
    artifactChanges: changes.map(({ path, edits }) => ({
      artifactLocation: { uri: uriOf(path) },
      replacements: edits.map(({ place, text }) => ({
        deletedRegion: renderRegion(place),
        insertedContent: { text },
      })),
    })),
    ...(fix.safe ? { properties: { 'sallyport/safe': true } } : {}),
  };
}

/** A SARIF run without its results and without what `ScanReport.source` keeps. */
export function renderRun(report: ReportHead, rules: readonly Json[]): Json {
  const { engine, state, startedAt, finishedAt, looked, problems, stage } = report;
  const failed = state === 'error';
  return {
    tool: { driver: { name: engine.name, version: engine.version, rules } },
    invocations: [
      {
        executionSuccessful: !failed,
        startTimeUtc: startedAt,
        endTimeUtc: finishedAt,
        ...(problems.length === 0
          ? {}
          : {
              toolExecutionNotifications: problems.map((problem) => ({
                level: failed ? 'error' : 'note',
                descriptor: { id: problem.code },
                message: { text: problem.message },
                ...(problem.place === undefined ? {} : { locations: [renderLocation(problem.place)] }),
              })),
            }),
      },
    ],
    columnKind: 'utf16CodeUnits',
    properties: { [RUN_PROPERTY]: { stage, state, startedAt, finishedAt, engine, looked, problems } },
  };
}
