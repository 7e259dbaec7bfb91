import type { CanaryPlan } from '../plan/schema.ts';
import type { Look } from '../statistics/counts.ts';
import type { Reading } from './source.ts';

/** Puts the counts in the plan's order; an SLO is judged on the counts of the metric that it names. */
export function assemble(plan: CanaryPlan, found: readonly (Look[] | null)[]): Reading {
  const looks = plan.metrics.map((metric, index): Look[] => {
    const own =
      metric.kind === 'slo' ? found[plan.metrics.findIndex((m) => m.name === metric.of)] : found[index];
    if (own === null || own === undefined) throw new Error(`metric ${metric.name} was not read`);
    return own;
  });
  const first = plan.metrics.findIndex((metric) => metric.kind !== 'slo');
  const arms = looks[first]?.[0];
  if (arms === undefined) throw new Error('a plan without a comparison was let through');
  return { looks, arms };
}
