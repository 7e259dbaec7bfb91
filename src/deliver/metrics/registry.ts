import type { Context } from '../../platform/context.ts';
import type { CanaryPlan } from '../plan/schema.ts';
import { cloudWatchSource } from './cloudwatch.ts';
import { datadogSource } from './datadog.ts';
import { prometheusSource } from './read.ts';
import type { MetricSource } from './source.ts';

/** Where a plan's counts come from: the one source that it names. */
export function metricsOf(plan: CanaryPlan, context: Context): MetricSource {
  if (plan.prometheus !== undefined) return prometheusSource(plan, plan.prometheus, context);
  if (plan.datadog !== undefined) return datadogSource(plan, plan.datadog, context);
  if (plan.cloudwatch !== undefined) return cloudWatchSource(plan, plan.cloudwatch, context);
  throw new Error('a plan without a source of metrics was let through');
}
