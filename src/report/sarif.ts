import type { JudgedFinding } from '../model/decision.ts';
import type { Rule } from '../model/finding.ts';
import { renderLocation } from '../model/sarif/render.ts';
import { SARIF_SCHEMA_URI, SARIF_VERSION } from '../model/sarif/schema.ts';
import { levelFor } from '../model/sarif/severity.ts';
import { scoreOfSeverity } from '../model/severity.ts';
import { rankOf } from './issues.ts';
import { lineHashes } from './line-hash.ts';
import { markdownText } from './markdown-text.ts';
import type { Report } from './report.ts';
import { exactly, firstParagraph, oneLine, printableJson } from './text.ts';

export interface CodeScanningOptions {
  /** The whole text of a scanned file; for `primaryLocationLineHash`. */
  textAt?: ((path: string) => string | undefined) | undefined;
  /** What was scanned, where one repository has several: part of the category of each run. */
  target?: string | undefined;
}

/** What code scanning takes: over these it refuses the file, or drops what it likes (formats.md of GitHub's docs). */
const MAX_RUNS = 20;
const MAX_RESULTS_OF_A_RUN = 5_000;
const MAX_RESULTS = 25_000;
const MAX_TAGS = 10;
const MAX_LOCATIONS = 100;
const MAX_TEXT = 1_000;
const CHUNK = 64 * 1024;

/** Code scanning shows nothing that has no place; such findings are shown here. */
const NO_PLACE = 'no-place-in-the-files';

interface Run {
  engine: string;
  stage: string;
  findings: JudgedFinding[];
}

/**
 * The report for code scanning: one run for each engine and stage, each with its category, the worst first where
 * there are more than it takes, waived and suppressed ones marked as such. Findings that the gate let pass below its
 * rules are in it too.
 */
export function* renderSarif(report: Report, options: CodeScanningOptions = {}): Generator<string> {
  const all = runsOf(report);
  const runs = all.slice(0, MAX_RUNS);
  yield `{"$schema":${JSON.stringify(SARIF_SCHEMA_URI)},"version":"${SARIF_VERSION}","runs":[`;
  let left = MAX_RESULTS;
  const chosen = runs.map((run) => {
    const kept = run.findings.slice(0, Math.min(MAX_RESULTS_OF_A_RUN, left));
    left -= kept.length;
    return { run, kept };
  });
  const hashes = hashesFor(
    chosen.flatMap(({ kept }) => kept),
    options.textAt,
  );
  let separator = '\n';
  for (const { run, kept } of chosen) {
    yield separator;
    separator = ',\n';
    const last = run === runs.at(-1) ? all.slice(MAX_RUNS) : [];
    yield* writeRun(report, run, kept, last, hashes, options.target ?? '');
  }
  yield '\n]}\n';
}

/** By stage and engine, those with the worst findings first. An engine that found nothing has a run too: it clears alerts. */
function runsOf(report: Report): Run[] {
  const runs = new Map<string, Run>();
  const runFor = (stage: string, engine: string): Run => {
    const key = `${stage}\n${engine}`;
    let run = runs.get(key);
    if (run === undefined) {
      run = { engine, stage, findings: [] };
      runs.set(key, run);
    }
    return run;
  };
  for (const { stage, runs: told } of report.decision.stages) {
    // A run that failed or did not look must not close the alerts of an earlier one.
    for (const { engine, state } of told)
      if (state === 'clean' || state === 'findings') runFor(stage, engine.name);
  }
  // Findings come engine by engine: only the last run is remembered.
  let last: Run | undefined;
  for (const judged of report.decision.findings) {
    const { stage, engine } = judged.finding;
    if (last?.stage !== stage || last.engine !== engine) last = runFor(stage, engine);
    last.findings.push(judged);
  }
  for (const run of runs.values()) {
    const ranked = run.findings.map((judged) => ({ judged, rank: rankOf(judged) }));
    run.findings = ranked.sort((a, b) => a.rank - b.rank).map(({ judged }) => judged);
  }
  const worst = (run: Run): number => (run.findings[0] === undefined ? 99 : rankOf(run.findings[0]));
  return [...runs.values()].sort(
    (a, b) => worst(a) - worst(b) || (a.stage + a.engine < b.stage + b.engine ? -1 : 1),
  );
}

function* writeRun(
  report: Report,
  run: Run,
  kept: readonly JudgedFinding[],
  dropped: readonly Run[],
  hashes: LineHashes,
  target: string,
): Generator<string> {
  const { engine, stage, findings } = run;
  const index = new Map<string, number>();
  const rules: unknown[] = [];
  for (const { finding } of kept) {
    if (index.has(finding.rule)) continue;
    index.set(finding.rule, rules.length);
    rules.push(ruleFor(finding.rule, report.ruleOf(engine, finding.rule), finding));
  }
  const version = report.decision.stages.flatMap((s) => s.runs).find((r) => r.engine.name === engine)
    ?.engine.version;
  const commit = report.decision.subject.digest.gitCommit;
  const notes = [
    ...(kept.length < findings.length
      ? [
          `${findings.length - kept.length} of ${findings.length} results are left out: code scanning keeps ${MAX_RESULTS_OF_A_RUN} a run; the worst are here`,
        ]
      : []),
    ...dropped.map(
      (other) =>
        `the run of ${oneLine(other.engine, 80)} (${other.findings.length} results) is left out: code scanning takes ${MAX_RUNS} runs`,
    ),
  ];
  const head = {
    tool: {
      driver: {
        name: oneLine(engine, 200),
        version: oneLine(version ?? report.tool.version, 100),
        rules,
      },
    },
    automationDetails: { id: categoryOf(target, stage, engine) },
    invocations: [
      {
        executionSuccessful: true,
        ...(notes.length === 0
          ? {}
          : { toolExecutionNotifications: notes.map((text) => ({ level: 'note', message: { text } })) }),
      },
    ],
    columnKind: 'utf16CodeUnits',
    // versionControlProvenance needs an address, which a gate on a laptop does not know.
    ...(commit === undefined ? {} : { properties: { 'sallyport/commit': commit } }),
  };
  let chunk = `${JSON.stringify(head).slice(0, -1)},"results":[`;
  let separator = '\n';
  for (const judged of kept) {
    chunk += separator + JSON.stringify(resultFor(judged, index.get(judged.finding.rule), hashes));
    separator = ',\n';
    if (chunk.length < CHUNK) continue;
    yield printableJson(chunk);
    chunk = '';
  }
  yield printableJson(`${chunk}]}`);
}

/** Everything before the last `/` is the category; two runs of one category in one file are refused. */
function categoryOf(target: string, stage: string, engine: string): string {
  const part = (text: string): string => encodeURIComponent(text.toWellFormed()).slice(0, 100);
  return ['sallyport', ...(target === '' ? [] : [part(target)]), part(stage), part(engine), ''].join('/');
}

function ruleFor(id: string, rule: Rule | undefined, example: JudgedFinding['finding']): unknown {
  const severity = rule?.severity ?? example.severity;
  const summary = oneLine(rule?.summary ?? id, MAX_TEXT);
  const why = rule?.why === undefined ? summary : firstParagraph(rule.why, MAX_TEXT);
  const help = [why, rule?.help === undefined ? '' : firstParagraph(rule.help, MAX_TEXT)].filter(
    (text) => text !== '',
  );
  // `security` is what makes code scanning show the security severity.
  const tags = [...new Set(['security', ...(rule?.tags ?? []).map((tag) => oneLine(tag, 100))])].slice(
    0,
    MAX_TAGS,
  );
  const uri = rule?.helpUri;
  return {
    id,
    name: oneLine(rule?.name ?? id, 200),
    shortDescription: { text: summary },
    fullDescription: { text: why },
    help: {
      text: help.join('\n\n'),
      markdown: help.map((text) => markdownText(text, MAX_TEXT)).join('\n\n'),
    },
    ...(uri !== undefined && /^https?:\/\/[^\s<>"\\]{1,1000}$/u.test(uri) ? { helpUri: uri } : {}),
    defaultConfiguration: { level: levelFor(severity) },
    properties: { tags, 'security-severity': scoreOfSeverity(severity).toFixed(1), precision: 'high' },
  };
}

function resultFor(judged: JudgedFinding, ruleIndex: number | undefined, hashes: LineHashes): unknown {
  const { finding } = judged;
  const places = finding.places.slice(0, MAX_LOCATIONS);
  const first = places[0];
  const hash = first === undefined ? undefined : hashes.get(first.path)?.get(first.line ?? 1);
  const locations = places.map(renderLocation);
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: levelFor(finding.severity),
    message: { text: messageOf(judged) },
    locations: locations.length > 0 ? locations : [renderLocation({ path: NO_PLACE, line: 1 })],
    partialFingerprints: {
      ...(hash === undefined ? {} : { primaryLocationLineHash: hash }),
      'sallyport/v1': finding.fingerprint,
    },
    ...suppressionsOf(judged),
    properties: {
      'security-severity': (finding.score ?? scoreOfSeverity(finding.severity)).toFixed(1),
      'sallyport/outcome': judged.outcome,
      ...(judged.introduced === null ? {} : { 'sallyport/introduced': judged.introduced }),
    },
  };
}

/** The message, with square brackets and backslashes as they stand: SARIF takes them for links. */
function messageOf({ finding }: JudgedFinding): string {
  const text = oneLine(finding.message, MAX_TEXT) || finding.rule;
  const help = finding.help === undefined ? '' : ` ${firstParagraph(finding.help, MAX_TEXT)}`;
  return (text + help).replace(/[\\[\]]/gu, (character) => `\\${character}`);
}

function suppressionsOf({ outcome, waiver, suppressedBy }: JudgedFinding): { suppressions?: unknown[] } {
  if (outcome === 'waived' && waiver !== undefined) {
    const justification = `waived by ${oneLine(waiver.owner, 100)} until ${oneLine(waiver.expires, 40)}: ${oneLine(waiver.reason, 500)}`;
    return { suppressions: [{ kind: 'external', status: 'accepted', justification }] };
  }
  if (outcome === 'suppressed') {
    return {
      suppressions: [
        { kind: 'inSource', status: 'accepted', justification: exactly(suppressedBy ?? 'suppressed', 500) },
      ],
    };
  }
  return {};
}

type LineHashes = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The hashes of the lines that findings name: each file is read and hashed once, and only these lines are kept. */
function hashesFor(findings: readonly JudgedFinding[], textAt: CodeScanningOptions['textAt']): LineHashes {
  const wanted = new Map<string, Map<number, string>>();
  if (textAt === undefined) return wanted;
  for (const { finding } of findings) {
    const place = finding.places[0];
    if (place === undefined) continue;
    const lines = wanted.get(place.path) ?? new Map<number, string>();
    wanted.set(place.path, lines.set(place.line ?? 1, ''));
  }
  for (const [path, lines] of wanted) {
    const text = textAt(path);
    const hashes = text === undefined ? [] : lineHashes(text);
    for (const line of lines.keys()) {
      const hash = hashes[line - 1];
      if (hash === undefined) lines.delete(line);
      else lines.set(line, hash);
    }
  }
  return wanted;
}
