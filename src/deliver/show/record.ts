import { createHash } from 'node:crypto';
import { STATEMENT_TYPE, type Statement, TEST_RESULT_TYPE, type TestResult } from '../../model/evidence.ts';
import { VERSION } from '../../model/version.ts';
import type { Ending } from '../controller/world.ts';
import type { LoadedPlan } from '../plan/read.ts';

/** A promotion as one record; the names of the four keys of DORA are in `dora`. */
export interface CanaryRecord {
  service: string;
  environment: string;
  subject: string;
  outcome: Ending['outcome'];
  reason: string;
  startedAt: string;
  endedAt: string;
  requests: { canary: number; baseline: number };
  errors: { canary: number; baseline: number };
  dora: {
    /** One deployment to this environment. */
    deployment: true;
    /** From the commit to all of the traffic; null where it was not promoted or the commit's time is not known. */
    leadTimeSeconds: number | null;
    /** The change had to be taken back. */
    changeFailed: boolean;
    /** From the first traffic that the failed version got until it got none any more. */
    recoverySeconds: number | null;
  };
}

export function recordOf(ending: Ending, commitTime: number | null): CanaryRecord {
  const { state } = ending;
  const endedAt = state.endedAt ?? state.beat;
  const seconds = (from: number) => Math.max(0, Math.round((endedAt - from) / 1000));
  const promoted = ending.outcome === 'promoted';
  const failed = ending.outcome === 'rolled-back';
  return {
    service: state.service,
    environment: state.environment,
    subject: state.subject,
    outcome: ending.outcome,
    reason: ending.reason,
    startedAt: new Date(state.startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    requests: { canary: state.total.canary.requests, baseline: state.total.baseline.requests },
    errors: { canary: state.total.canary.errors, baseline: state.total.baseline.errors },
    dora: {
      deployment: true,
      leadTimeSeconds: promoted && commitTime !== null ? seconds(commitTime) : null,
      changeFailed: failed,
      recoverySeconds: failed ? seconds(state.startedAt) : null,
    },
  };
}

/** The test-result that the promote gate reads: PASSED only for a promotion. `record` is the text of the record. */
export function testResult(
  ending: Ending,
  loaded: LoadedPlan,
  record: string,
  job: string,
): Statement<TestResult> {
  const { subject } = ending.state;
  const at = subject.lastIndexOf('sha256:');
  const passed = ending.outcome === 'promoted';
  const names = loaded.plan.metrics.map((metric) => metric.name);
  return {
    _type: STATEMENT_TYPE,
    subject: [
      {
        name: at > 0 ? subject.slice(0, at - 1) : loaded.plan.service,
        digest: { sha256: subject.slice(at + 'sha256:'.length) },
      },
    ],
    predicateType: TEST_RESULT_TYPE,
    predicate: {
      result: passed ? 'PASSED' : 'FAILED',
      configuration: [{ name: loaded.uri, digest: { sha256: loaded.sha256 } }],
      passedTests: passed ? names : [],
      warnedTests: [],
      failedTests: passed ? [] : names,
      sallyport_report: {
        name: 'canary.json',
        mediaType: 'application/json',
        digest: { sha256: createHash('sha256').update(record).digest('hex') },
      },
      sallyport_producer: {
        kind: 'in-process',
        job,
        engines: [{ name: 'sallyport-canary', version: VERSION, publisher: 'sallyport', how: 'in-process' }],
      },
    },
  };
}
