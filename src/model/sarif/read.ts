import { createHash } from 'node:crypto';
import { valuesIn } from '../json/batches.ts';
import { placeInJson } from '../json/parse.ts';
import { type Json, objectsOf, textOf } from '../json/values.ts';
import type { ReportHead, ScanReport, StreamedReport } from '../report.ts';
import type { FindingStage } from '../stage.ts';
import { checkedLog, keepLog } from './log.ts';
import { UNKNOWN_TIME } from './run.ts';
import type { RunOptions } from './run-reader.ts';
import { type Fingerprinters, RunCollector, streamRun } from './runs.ts';
import { SARIF_LIMITS, type SarifRun } from './schema.ts';
import { splitLog } from './split.ts';

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
  const log = openLog(bytes, options);
  const { fingerprinters, path } = log;
  if (log.runs.length === 0) return [{ ...noRuns(options, log.digest), findings: [] }];
  const reports = log.runs.map(({ run, results, options: about }) => {
    const collector = new RunCollector(run, about, { leftovers: options.leftovers, fingerprinters, path });
    for (const raw of results()) collector.add(raw);
    return collector.end();
  });
  keepLog(log.skeleton, reports[0]);
  return reports;
}

/**
 * The same without the findings in memory: every result is read once for what identifies it, and once more when it is
 * asked for. Holds on to `bytes`. Throws what `readSarif` throws.
 */
export function streamSarif(bytes: Uint8Array, options: ReadSarifOptions): StreamedReport[] {
  const log = openLog(bytes, options);
  if (log.runs.length === 0) return [{ head: noRuns(options, log.digest), findings: () => [] }];
  const reports = log.runs.map(({ run, results, options: about }) =>
    streamRun(run, results, about, log.fingerprinters),
  );
  keepLog(log.skeleton, reports[0]?.head);
  return reports;
}

interface OpenLog {
  skeleton: Json;
  digest: string;
  path: string;
  runs: { run: SarifRun; results: () => Iterable<unknown>; options: RunOptions }[];
  fingerprinters: Fingerprinters;
}

function openLog(bytes: Uint8Array, options: ReadSarifOptions): OpenLog {
  const { path } = options;
  const { skeleton, batches } = splitLog(bytes, path);
  const placeOf: RunOptions['placeOf'] = (steps) => placeInJson(bytes, path, steps, SARIF_LIMITS);
  const log = checkedLog(skeleton, placeOf);
  const digest = options.sha256 ?? createHash('sha256').update(bytes).digest('hex');
  const runs = (log.runs as SarifRun[]).map((run, index) => ({
    run,
    results: () => valuesIn(bytes, batches[index] ?? [], path),
    options: { ...options, digest, index, placeOf },
  }));
  return { skeleton: log, digest, path, runs, fingerprinters: new Map() };
}

/** The commits that a report says it was made of (`versionControlProvenance[].revisionId`), lower case. */
export function revisionsOf(report: Pick<ReportHead, 'source'>): string[] {
  return objectsOf(report.source?.versionControlProvenance).flatMap(
    (entry) => textOf(entry.revisionId)?.toLowerCase() ?? [],
  );
}

function noRuns({ stage, readAt = UNKNOWN_TIME }: ReadSarifOptions, digest: string): ReportHead {
  return {
    stage,
    state: 'nothing-scanned',
    engine: { name: 'unknown', version: 'unknown', publisher: 'unknown', digest, how: 'handed-in' },
    looked: { files: null, bytes: null, commits: null, rules: null, skipped: [], complete: false },
    startedAt: readAt,
    finishedAt: readAt,
    rules: [],
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
