import { createHash } from 'node:crypto';
import type { Problem } from '../error.ts';
import { SallyportError } from '../error.ts';
import type { Finding } from '../finding.ts';
import { Fingerprinter } from '../fingerprint.ts';
import { valuesIn } from '../json/batches.ts';
import { beyond } from '../json/lossless.ts';
import { placeInJson } from '../json/parse.ts';
import { isObject, type Json, objectsOf, textOf } from '../json/values.ts';
import type { ScanReport } from '../report.ts';
import type { FindingStage } from '../stage.ts';
import { checkedLog } from './log.ts';
import { accountOf, lookedOf, stateOfRun } from './outcome.ts';
import { PlaceReader } from './places.ts';
import { mayHoldSecret, redactResult, redactRun } from './redact.ts';
import { renderResult, renderRun } from './render.ts';
import { assignFingerprints, isFinding, type ResultContext, readResult } from './result.ts';
import { RuleBook } from './rules.ts';
import { engineOf, overridesOf, timesOf, UNKNOWN_TIME } from './run.ts';
import {
  LOG_MEMBER,
  type OwnRun,
  ownRun,
  RUN_PROPERTY,
  SARIF_LIMITS,
  SARIF_SCHEMA_URI,
  type SarifRun,
  withoutOurs,
} from './schema.ts';
import { splitLog, splitWritten } from './split.ts';
import { sarifTool } from './tools/registry.ts';
import { driverRules, ruleIndexes } from './write.ts';

export interface ReadSarifOptions {
  stage: FindingStage;
  /** The file's name for messages. */
  path: string;
  /** A line of a scanned file without its line ending; what fingerprints are made of. */
  lineAt?: ((path: string, line: number) => string | undefined) | undefined;
  /** Old path to new path: places in these files are told, and asked of `lineAt`, under the new name. */
  renames?: Readonly<Record<string, string>> | undefined;
  /** Absolute path of the folder that was scanned: absolute places become relative to it. */
  root?: string | undefined;
  /**
   * `own`: this process, or a job of the same run that the caller has proven, wrote the file with `writeSarif`. Only
   * then are fingerprints, engine, state and counts believed that stand in it under our names: who could set them in
   * a file that is handed in could give a new finding the fingerprint of a waived one.
   */
  origin?: 'own' | 'handed-in' | undefined;
  /** `drop`: the reports are to be judged, not written back, so what the model does not name of a result is let go. */
  leftovers?: 'keep' | 'drop' | undefined;
  /** `written`: these are the very bytes that `writeSarif` gave a moment ago. */
  form?: 'written' | undefined;
  /** For runs that do not say when they were, RFC 3339. Without it such a run is as old as can be. */
  readAt?: string | undefined;
  /** Of the bytes, hex, where the caller has made it already. */
  sha256?: string | undefined;
}

/**
 * Reads a SARIF 2.1.0 log: one report for each run, at least one. Secrets are redacted before anything is kept;
 * fields that the model does not name are kept for `writeSarif`. Throws a SallyportError with file, line, column and
 * what was expected where the log cannot be understood; a run that failed gives a report in the state `error`.
 */
export function readSarif(bytes: Uint8Array, options: ReadSarifOptions): ScanReport[] {
  const split = options.form === 'written' ? splitWritten : splitLog;
  const { skeleton, batches } = split(bytes, options.path);
  const log = checkedLog(skeleton, bytes, options.path);
  const runs = log.runs as SarifRun[];
  const digest = options.sha256 ?? createHash('sha256').update(bytes).digest('hex');
  if (runs.length === 0) return [noRuns(options, digest)];
  const fingerprinters = new Map<string, Fingerprinter>();
  const reports = runs.map((run, index) => {
    const results = valuesIn(bytes, batches[index] ?? [], options.path);
    return readRun(run, results, { ...options, digest, index, bytes, fingerprinters });
  });
  keepLog(log, reports[0]);
  return reports;
}

/** The commits that a report says it was made of (`versionControlProvenance[].revisionId`), lower case. */
export function revisionsOf(report: Pick<ScanReport, 'source'>): string[] {
  return objectsOf(report.source?.versionControlProvenance).flatMap(
    (entry) => textOf(entry.revisionId)?.toLowerCase() ?? [],
  );
}

interface RunOptions extends ReadSarifOptions {
  digest: string;
  index: number;
  bytes: Uint8Array;
  /** By engine: what one tool found in several runs is numbered through. */
  fingerprinters: Map<string, Fingerprinter>;
}

function readRun(run: SarifRun, results: Iterable<unknown>, options: RunOptions): ScanReport {
  const { stage, lineAt, root } = options;
  const { driver } = run.tool;
  const tool = sarifTool(driver.name);
  const claims = claimsOf(run, options);
  const own = options.origin === 'own' && claims !== undefined;
  const engine = engineOf(run, tool, own ? claims : undefined, options.digest);
  const places = new PlaceReader({
    bases: isObject(run.originalUriBaseIds) ? run.originalUriBaseIds : {},
    artifacts: Array.isArray(run.artifacts) ? run.artifacts : [],
    root,
    codePoints: run.columnKind === 'unicodeCodePoints',
    lineAt,
    renames: options.renames,
  });
  const account = accountOf(run, engine.name, places);
  const book = new RuleBook(run, tool, own);
  const looked = own ? claims.looked : lookedOf(run, tool, book.rules.length, account.skipped);
  const time = timesOf(run, own ? claims : undefined, options.readAt);
  const report: ScanReport = {
    stage,
    state: 'error',
    engine,
    looked,
    startedAt: time.startedAt,
    finishedAt: time.finishedAt,
    rules: book.rules,
    findings: [],
    problems: [],
  };

  const stated = Array.isArray(run.results);
  redactRun(run, stage);
  delete run.results;
  delete run[LOG_MEMBER];
  withoutOurs(run, 'properties');
  const indexes = ruleIndexes(restoreRun(report, run));
  const context: ResultContext = {
    stage,
    engine: engine.name,
    own,
    tool,
    driver,
    book,
    places,
    overrides: overridesOf(run, book),
    lineAt,
  };
  const contexts: (string | undefined)[] = [];
  const others: Json[] = [];
  let position = 0;
  for (const raw of results) {
    if (!isObject(raw)) throw badResult(options, position);
    position++;
    if (!isFinding(raw)) {
      others.push(mayHoldSecret(stage, raw, undefined) ? redactResult(raw) : raw);
      continue;
    }
    const { finding, kept, context: about } = readResult(raw, context);
    if (options.leftovers !== 'drop') {
      withoutOurs(kept, 'properties', 'partialFingerprints');
      const rest = beyond(kept, renderResult(finding, indexes.get(finding.rule)));
      if (isObject(rest)) finding.source = JSON.stringify(rest);
    }
    report.findings.push(finding);
    contexts.push(about);
  }
  const fingerprinter = options.fingerprinters.get(engine.name) ?? new Fingerprinter();
  options.fingerprinters.set(engine.name, fingerprinter);
  assignFingerprints(report.findings, contexts, fingerprinter);
  if (own) refuseEqualFingerprints(report.findings, options.path);

  report.state = stateOfRun(account, claims, looked, report.findings.length, others.length > 0);
  report.problems = problemsOf(report, account.problems, own ? claims : undefined);
  const rules = driverRules(report, run);
  // Descriptors that are the model's rules one by one are kept with these; else the list is kept whole.
  const descriptors = objectsOf(driver.rules);
  if (descriptors.length === rules.length && rules.every((rule, at) => rule.id === descriptors[at]?.id)) {
    run.tool.driver.rules = rules as (Json & { id: string })[];
  }
  const source = beyond(run, renderRun(report, rules));
  if (isObject(source)) report.source = source;
  // A run without results is told apart from one with an empty list when it is written back.
  if (!stated) report.source = { ...report.source, results: null };
  if (others.length > 0) report.source = { ...report.source, results: others };
  return report;
}

/** The run as the writer will give it back, for the positions of its rules. */
function restoreRun(report: ScanReport, run: SarifRun): Json {
  const rules = run.tool.driver.rules;
  return Array.isArray(rules) ? run : renderRun(report, driverRules(report, run));
}

function claimsOf(run: SarifRun, { origin, stage, path, bytes, index }: RunOptions): OwnRun | undefined {
  const properties = isObject(run.properties) ? run.properties : {};
  if (!Object.hasOwn(properties, RUN_PROPERTY)) return undefined;
  const parsed = ownRun.safeParse(properties[RUN_PROPERTY]);
  if (origin !== 'own') return parsed.data;
  // As it stands, in its own order, so that writing it again gives the same bytes.
  if (parsed.success && parsed.data.stage === stage) return properties[RUN_PROPERTY] as OwnRun;
  const issue = parsed.error?.issues[0];
  const steps = [
    'runs',
    index,
    'properties',
    RUN_PROPERTY,
    ...(issue?.path ?? (parsed.success ? ['stage'] : [])),
  ];
  throw new SallyportError({
    code: 'SP-SARIF-SHAPE',
    message: 'our own account of this run cannot be read',
    expected: issue?.message ?? `stage "${stage}"`,
    place: placeInJson(bytes, path, steps, SARIF_LIMITS),
    next: 'run the stage again with this version',
  });
}

function problemsOf(report: ScanReport, account: Problem[], claims: OwnRun | undefined): Problem[] {
  // The account of our own runs is made from what they claim; it counts where they claim to be well.
  if (claims?.state === report.state) return claims.problems;
  if (account.length > 0) return account;
  const { name } = report.engine;
  if (report.state === 'error') {
    return [
      { code: 'SP-SARIF-TOOL-ERROR', message: `${name} says of itself that its run ended in an error` },
    ];
  }
  if (report.state !== 'nothing-scanned') return [];
  return [
    {
      code: 'SP-SARIF-NOTHING-SCANNED',
      message: `${name} found nothing and names nothing that it looked at`,
      expected: 'results, or `artifacts` that list the files looked at',
      next: `check that ${name} was pointed at the right folder, and let it list its artifacts`,
    },
  ];
}

function refuseEqualFingerprints(findings: readonly Finding[], path: string): void {
  const seen = new Set<string>();
  for (const { fingerprint } of findings) {
    if (seen.has(fingerprint)) {
      throw new SallyportError({
        code: 'SP-SARIF-FINGERPRINT',
        message: 'two results of one run have the same fingerprint',
        expected: 'fingerprints that are unique in a run',
        found: fingerprint,
        place: { path },
        next: 'run the stage again with this version',
      });
    }
    seen.add(fingerprint);
  }
}

function badResult({ bytes, path, index }: RunOptions, position: number): SallyportError {
  return new SallyportError({
    code: 'SP-SARIF-SHAPE',
    message: 'a result of this log is not an object',
    expected: 'a SARIF result: an object',
    place: placeInJson(bytes, path, ['runs', index, 'results', position], SARIF_LIMITS),
    next: 'check the file with a SARIF validator, or update the tool that wrote it',
  });
}

function noRuns({ stage, readAt = UNKNOWN_TIME }: ReadSarifOptions, digest: string): ScanReport {
  return {
    stage,
    state: 'nothing-scanned',
    engine: { name: 'unknown', version: 'unknown', publisher: 'unknown', digest, how: 'handed-in' },
    looked: { files: null, bytes: null, commits: null, rules: null, skipped: [], complete: false },
    startedAt: readAt,
    finishedAt: readAt,
    rules: [],
    findings: [],
    problems: [
      {
        code: 'SP-SARIF-NO-RUNS',
        message: 'the log holds no run',
        expected: 'at least one run of a tool',
        next: 'check that the tool was started and pointed at the right folder',
      },
    ],
  };
}

/** Members of the log itself go with its first report. */
function keepLog(log: Json, report: ScanReport | undefined): void {
  const { version: _version, runs: _runs, ...rest } = log;
  if (report === undefined || rest.$schema === SARIF_SCHEMA_URI) delete rest.$schema;
  if (report !== undefined && Object.keys(rest).length > 0)
    report.source = { ...report.source, [LOG_MEMBER]: rest };
}
