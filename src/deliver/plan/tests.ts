import { type MetricState, type MetricTest, RunningMetric } from '../statistics/metric.ts';
import type { CanaryPlan } from './schema.ts';

/** The tests of a plan, in the order of its metrics; alpha is split by their shares. */
export function testsOf(plan: CanaryPlan): MetricTest[] {
  return plan.metrics.map((metric): MetricTest => {
    const common = { name: metric.name, alpha: plan.alpha * metric.share, phi: metric.phi };
    if (metric.kind === 'slo') return { kind: 'budget', ...common, budget: metric.budget };
    return {
      kind: 'comparison',
      ...common,
      rho: metric.rho,
      buckets: metric.kind === 'latency' ? metric.slowerThan.length : 1,
      promotion: plan.promotion,
    };
  });
}

export function runningTests(plan: CanaryPlan, saved?: Record<string, MetricState>): RunningMetric[] {
  return testsOf(plan).map((test) => new RunningMetric(test, saved?.[test.name]));
}
