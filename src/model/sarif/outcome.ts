import type { Problem } from '../error.ts';
import { isObject, type Json, objectsOf, textOf } from '../json/values.ts';
import type { Looked, ScanState, Skipped } from '../report.ts';
import { readMessage } from './message.ts';
import type { PlaceReader } from './places.ts';
import type { SarifRun } from './schema.ts';
import type { OwnRun } from './shape.ts';
import type { SarifTool } from './tools/tool.ts';

const MAX_PROBLEMS = 100;

/** What the run says about itself apart from its results. */
export interface RunAccount {
  problems: Problem[];
  skipped: Skipped[];
}

/**
 * What went wrong in a run: an invocation that failed, or does not say whether it did, error notifications, results
 * that are not there. Warnings about a file are files that were not looked at in full.
 */
export function accountOf(run: SarifRun, engine: string, places: PlaceReader): RunAccount {
  const problems: Problem[] = [];
  const skipped: Skipped[] = [];
  const sources = { rule: undefined, driver: run.tool.driver };
  for (const invocation of objectsOf(run.invocations)) {
    if (invocation.executionSuccessful !== true) {
      const exit = ['exitCode', 'exitSignalName', 'processStartFailureMessage', 'exitCodeDescription']
        .map((name) => invocation[name])
        .filter((value) => typeof value === 'string' || typeof value === 'number')
        .join(', ');
      problems.push({
        code: 'SP-SARIF-RUN-FAILED',
        message: `${engine} did not finish its run`,
        expected: 'executionSuccessful: true',
        found: `executionSuccessful: ${String(invocation.executionSuccessful)}${exit === '' ? '' : ` (${exit})`}`,
        next: `see what ${engine} wrote to its log`,
      });
    }
    for (const list of ['toolExecutionNotifications', 'toolConfigurationNotifications']) {
      for (const notification of objectsOf(invocation[list])) {
        const location = objectsOf(notification.locations)[0];
        const place = places.place(location?.physicalLocation);
        const text = readMessage(notification.message, sources) ?? exceptionOf(notification) ?? 'no message';
        if (notification.level === 'error') {
          problems.push({
            code: 'SP-SARIF-TOOL-ERROR',
            message: `${engine}: ${text}`,
            ...(place && { place }),
          });
        } else if (notification.level === 'warning' && place !== undefined) {
          skipped.push({ path: place.path, reason: text, blocking: false });
        }
      }
    }
  }
  if (!Array.isArray(run.results)) {
    problems.push({
      code: 'SP-SARIF-NO-RESULTS',
      message: `the run of ${engine} has no results, not even an empty list`,
      expected: '`results`: an array',
      found: run.results === null ? 'null: the tool could not begin its scan' : 'no such member',
      next: `see what ${engine} wrote to its log`,
    });
  }
  return { problems: shortened(problems), skipped };
}

function exceptionOf(notification: Json): string | undefined {
  const exception = notification.exception;
  return isObject(exception) ? textOf(exception.message) : undefined;
}

function shortened(problems: Problem[]): Problem[] {
  if (problems.length <= MAX_PROBLEMS) return problems;
  const rest = problems.length - MAX_PROBLEMS;
  return [
    ...problems.slice(0, MAX_PROBLEMS),
    { code: 'SP-SARIF-TOOL-ERROR', message: `and ${rest} more problems` },
  ];
}

/** What was looked at, as far as a tool's run tells. `complete` is ours to say: nobody else's run has walked the tree. */
export function lookedOf(run: SarifRun, tool: SarifTool, rules: number, skipped: Skipped[]): Looked {
  const artifacts = objectsOf(run.artifacts);
  const lengths = artifacts.map((artifact) => artifact.length);
  const bytes = lengths.every((length) => typeof length === 'number' && length >= 0)
    ? (lengths as number[]).reduce((sum, length) => sum + length, 0)
    : null;
  return {
    files: tool.files?.(run) ?? (artifacts.length > 0 ? artifacts.length : null),
    bytes: artifacts.length > 0 ? bytes : null,
    commits: null,
    rules: rules > 0 ? rules : null,
    skipped,
    complete: false,
  };
}

/**
 * The state of a run. What it claims of itself (`own`) can only make it worse: a run with an error in it is `error`,
 * whatever it says, and so is one that speaks of findings and has none. `looks` is true where a result says that something was looked at.
 */
export function stateOfRun(
  account: RunAccount,
  own: OwnRun | undefined,
  looked: Looked,
  findings: number,
  looks: boolean,
): ScanState {
  const failed =
    account.problems.length > 0 || own?.state === 'error' || looked.skipped.some(({ blocking }) => blocking);
  if (failed) return 'error';
  if (findings > 0) return 'findings';
  if (own?.state === 'nothing-scanned' || looked.files === 0) return 'nothing-scanned';
  if (own?.state === 'findings') return 'error';
  if (looks || (own !== undefined && own.looked.files !== 0) || (looked.files ?? 0) > 0) return 'clean';
  return 'nothing-scanned';
}
