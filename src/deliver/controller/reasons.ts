import type { Move } from '../course.ts';
import type { CanaryPlan } from '../plan/schema.ts';
import type { CanaryState } from '../state/state.ts';
import type { ArmCounts } from '../statistics/counts.ts';
import type { MetricEvidence } from '../statistics/metric.ts';

/** `5.1 %`, with two digits that count; `no requests`. */
function rateText({ requests, errors }: ArmCounts): string {
  if (requests === 0) return 'no requests';
  const percent = (100 * errors) / requests;
  return `${percent === 0 ? '0' : percent >= 10 ? percent.toFixed(0) : percent.toPrecision(2)} %`;
}

/** An e-value from its logarithm: `212`, `3.1e+12`. */
function eValueText(log: number): string {
  const value = Math.exp(Math.min(log, 700));
  return value >= 1e6 ? value.toExponential(1) : value >= 10 ? value.toFixed(0) : value.toPrecision(2);
}

export function secondsText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** Why a promotion ended, in one sentence; `now` in milliseconds since 1970. */
export function reasonFor(
  move: Exclude<Move, { kind: 'stay' | 'advance' }>,
  plan: CanaryPlan,
  state: CanaryState,
  evidence: readonly MetricEvidence[],
  counts: readonly { canary: ArmCounts; baseline: ArmCounts }[],
  now: number,
): string {
  const after = secondsText(now - state.startedAt);
  if (move.kind === 'promote') {
    const arms = state.total;
    return `promoted after ${after}: canary ${rateText(arms.canary)} errors against ${rateText(arms.baseline)} in ${arms.canary.requests} and ${arms.baseline.requests} requests`;
  }
  if (move.kind === 'rollback') {
    const metric = plan.metrics[move.metric];
    const one = evidence[move.metric];
    const arms = counts[move.metric] ?? state.total;
    const values =
      one === undefined
        ? 'no evidence could be computed'
        : `e-value ${eValueText(one.worse)} at threshold ${eValueText(one.rollbackAt)}`;
    if (metric?.kind === 'slo')
      return `rolled back after ${after}: canary ${rateText(arms.canary)} errors against a budget of ${(100 * metric.budget).toPrecision(2)} % (${metric.name}); ${values}`;
    const what =
      metric?.kind === 'latency' ? `requests slower than ${metric.slowerThan.join(', ')}` : 'errors';
    return `rolled back after ${after}: canary ${rateText(arms.canary)} ${what} against ${rateText(arms.baseline)} (${metric?.name}); ${values}`;
  }
  const held = move.metric === null ? undefined : plan.metrics[move.metric];
  if (held !== undefined)
    return `no decision after ${after}: the error budget of ${held.name} is being spent, canary ${rateText(state.total.canary)} errors, baseline ${rateText(state.total.baseline)}`;
  const limit = move.why === 'deadline' ? 'the deadline' : 'the longest time of the step';
  return `no decision after ${after}: ${limit} is over without enough evidence that the version is good`;
}
