import type { z } from 'zod';
import type { cloudwatch } from './cloudwatch.ts';
import { type datadog, isSelector, type MetricPlan, type prometheus } from './metrics.ts';

interface Sources {
  look: number;
  lag: number;
  metrics: readonly MetricPlan[];
  prometheus?: z.output<typeof prometheus> | undefined;
  datadog?: z.output<typeof datadog> | undefined;
  cloudwatch?: z.output<typeof cloudwatch> | undefined;
}
type Issue = (path: (string | number)[], message: string) => void;

/** `sum:METRIC{TAGS}`: one sum over one scope, to which the count and its buckets are added. */
const DATADOG = /^sum:[A-Za-z][A-Za-z0-9_.]{0,199}\{[A-Za-z0-9_.:/*,! -]{1,1000}\}$/u;

/** A plan names one source of counts; its selectors are in that source's form, its times fit the source's buckets. */
export function checkSource(plan: Sources, issue: Issue): void {
  const named = (['prometheus', 'datadog', 'cloudwatch'] as const).filter((name) => plan[name] !== undefined);
  const [source, another] = named;
  if (source === undefined || another !== undefined) {
    issue(another === undefined ? [] : [another], 'expected one of prometheus, datadog and cloudwatch');
    return;
  }
  const bucket = plan.datadog?.interval ?? plan.cloudwatch?.period ?? 0;
  if (plan.look < bucket) issue(['look'], `expected at least the ${bucket / 1000} s of a bucket`);
  if (plan.lag < bucket) issue(['lag'], `expected at least the ${bucket / 1000} s of a bucket`);
  for (const [index, metric] of plan.metrics.entries()) {
    if (metric.kind === 'slo') continue;
    if (source !== 'prometheus' && (metric.kind === 'latency' || metric.preset !== undefined)) {
      const path = ['metrics', index, metric.kind === 'latency' ? 'kind' : 'preset'];
      issue(path, `expected kind errors with selectors: ${source} has no histograms and no presets here`);
    } else if (metric.kind === 'errors') checkSelectors(metric, index, source, issue);
  }
}

function checkSelectors(
  { selectors }: Extract<MetricPlan, { kind: 'errors' }>,
  index: number,
  source: 'prometheus' | 'datadog' | 'cloudwatch',
  issue: Issue,
): void {
  for (const [arm, both] of Object.entries(selectors ?? {})) {
    for (const [what, selector] of Object.entries(both)) {
      const wrong = wrongFor(source, selector);
      if (wrong !== null) issue(['metrics', index, 'selectors', arm, what], wrong);
    }
  }
}

function wrongFor(source: 'prometheus' | 'datadog' | 'cloudwatch', selector: unknown): string | null {
  if (source === 'cloudwatch')
    return typeof selector === 'object' ? null : 'expected a map of namespace, metric and dimensions';
  if (source === 'datadog')
    return typeof selector === 'string' && DATADOG.test(selector)
      ? null
      : 'expected a sum of a count such as sum:trace.http.request.hits{service:pay,version:2}';
  return typeof selector === 'string' && isSelector(selector)
    ? null
    : 'expected a plain selector of raw counters such as http_requests_total{version="2"}: no function, range or operator';
}
