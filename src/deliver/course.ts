import type { CanaryPlan } from './plan/schema.ts';
import type { MetricEvidence } from './statistics/metric.ts';

/** Where a promotion stands; times in milliseconds. */
export interface Progress {
  step: number;
  /** Since the weight of this step has settled. */
  inStep: number;
  /** Since the first weight was set, without waiting for approvals. */
  elapsed: number;
  /** Whether both arms had requests in this step. */
  seen: boolean;
}

export type Move =
  | { kind: 'stay' }
  | { kind: 'advance'; step: number }
  | { kind: 'promote' }
  | { kind: 'rollback'; metric: number }
  | { kind: 'inconclusive'; why: 'deadline' | 'step' | 'budget'; metric: number | null };

/**
 * What to do next, from the evidence alone; `evidence` is in the order of the plan's metrics. Rollback comes before
 * everything else, so it wins a tie. A step is left only when requests were seen in it, and the last one only with the
 * evidence that promotion asks for: silence never promotes.
 */
export function decide(plan: CanaryPlan, progress: Progress, evidence: readonly MetricEvidence[]): Move {
  let held: number | null = null;
  for (const [index, metric] of plan.metrics.entries()) {
    const one = evidence[index];
    if (one === undefined || Number.isNaN(one.worse)) return { kind: 'rollback', metric: index };
    if (one.worse < one.rollbackAt) continue;
    if (metric.kind !== 'slo' || metric.onBreach === 'rollback') return { kind: 'rollback', metric: index };
    held ??= index;
  }
  const step = plan.steps[progress.step];
  const last = progress.step === plan.steps.length - 1;
  const good = evidence.every(
    (one) => one.good === null || (one.promoteAt !== null && one.good >= one.promoteAt),
  );
  const mayLeave =
    held === null && step !== undefined && progress.seen && progress.inStep >= step.min && (!last || good);
  if (mayLeave) return last ? { kind: 'promote' } : { kind: 'advance', step: progress.step + 1 };
  const over = progress.elapsed >= plan.deadline ? 'deadline' : null;
  const stuck = step === undefined || progress.inStep >= step.max ? 'step' : null;
  const why = over ?? stuck;
  if (why === null) return { kind: 'stay' };
  return { kind: 'inconclusive', why: held === null ? why : 'budget', metric: held };
}
