import type { Gate, Requirement, StageVerdict } from '../model/decision.ts';
import type { Problem } from '../model/error.ts';
import type { ScanReport, ScanState } from '../model/report.ts';
import { type Stage, stages } from '../model/stage.ts';
import { held } from './chain.ts';
import { dataAgeDays } from './facts.ts';
import type { Policy } from './merge.ts';

/** Whether the tree holds anything that a stage is for, by the gate's own walk. */
export interface Presence {
  present: boolean;
  /** The walk reached everything. */
  complete: boolean;
}

/** The stages that a policy asks for at a gate. */
export function requirementsAt(policy: Policy, gate: Gate): Map<Stage, Requirement> {
  const found = new Map<Stage, Requirement>();
  for (const stage of stages) {
    const requirement = held(policy.requirements.get(`${gate}/${stage}`));
    if (requirement !== undefined) found.set(stage, requirement);
  }
  return found;
}

/** The engines that must each report in a stage, beside the embedded ones. */
export function requiredEngines(policy: Policy, stage: Stage): string[] {
  return [...policy.engines.keys()]
    .filter((key) => key.startsWith(`${stage}/`))
    .map((key) => key.slice(stage.length + 1));
}

/** Judges that a stage was looked at as the policy asks; its findings are judged elsewhere. */
export function judgeStage(
  policy: Policy,
  stage: Stage,
  requirement: Requirement | null,
  reports: readonly ScanReport[],
  presence: Presence,
  now: Date,
): StageVerdict {
  const maxHours = held(policy.maxDataAge.get(stage));
  const runs = reports.map((report) => {
    const stale = maxHours === undefined ? null : staleness(report, maxHours, now);
    return {
      engine: report.engine,
      state: stale === null ? report.state : ('error' as const),
      looked: report.looked,
      findings: report.findings.length,
      problems: stale === null ? report.problems : [...report.problems, stale],
    };
  });
  const verdict = (
    state: StageVerdict['state'],
    outcome: StageVerdict['outcome'],
    reason: string,
  ): StageVerdict => ({
    stage,
    requirement,
    state,
    outcome,
    reason,
    runs,
  });
  const failed = runs.find((run) => run.state === 'error');
  if (failed !== undefined) {
    const problem = failed.problems[0];
    const skipped = failed.looked.skipped.find((s) => s.blocking);
    const why =
      problem?.message ?? (skipped === undefined ? 'no reason given' : `${skipped.path}: ${skipped.reason}`);
    return verdict('error', 'error', `${failed.engine.name}: ${why}`);
  }
  const absent = requiredEngines(policy, stage).filter(
    (name) => !runs.some((run) => run.engine.name === name),
  );
  if (absent.length > 0) return verdict('missing', 'error', `no report of ${absent.join(', ')}`);
  const looked = runs.filter((run) => run.state !== 'nothing-scanned');
  if (looked.length > 0) {
    const state: ScanState = looked.some((run) => run.state === 'findings') ? 'findings' : 'clean';
    return verdict(state, 'passed', looked.map((run) => run.engine.name).join(', '));
  }
  return judgeNothing(requirement, runs.length > 0, presence, verdict);
}

function judgeNothing(
  requirement: Requirement | null,
  ran: boolean,
  presence: Presence,
  verdict: (state: StageVerdict['state'], outcome: StageVerdict['outcome'], reason: string) => StageVerdict,
): StageVerdict {
  const state = ran ? 'nothing-scanned' : 'missing';
  if (requirement === 'always') {
    return ran
      ? verdict(state, 'failed', 'the policy asks for it always, and nothing was scanned')
      : verdict(state, 'error', 'the policy asks for it always, and no engine reported');
  }
  if (!presence.complete)
    return verdict(
      state,
      'error',
      'the look at the files is incomplete: whether there is something of its kind is unknown',
    );
  if (presence.present) {
    return ran
      ? verdict(state, 'failed', 'there are files of its kind, and nothing was scanned')
      : verdict(state, 'error', 'there are files of its kind, and no engine reported');
  }
  return verdict(state, 'passed', 'nothing of its kind is here');
}

/** Clocks differ, by less than this. */
const CLOCK_SKEW_DAYS = 1;

/** The problem of data that is too old or of unknown age; null where it is fresh, or the engine has no data of its own. */
function staleness(report: ScanReport, maxHours: number, now: Date): Problem | null {
  const days = dataAgeDays(report, now);
  if (days === null && report.engine.data === undefined && report.engine.how === 'in-process') return null;
  const future = days !== null && days < -CLOCK_SKEW_DAYS;
  if (days !== null && days * 24 <= maxHours && !future) return null;
  return {
    code: 'SP-DATA-STALE',
    message:
      days === null
        ? 'the age of its data is unknown'
        : future
          ? 'its data is dated in the future'
          : 'its data is too old',
    expected: `at most ${maxHours / 24} days`,
    found: days === null ? 'no date' : `${days.toFixed(1)} days`,
    next: 'update the engine’s data and scan again',
  };
}
