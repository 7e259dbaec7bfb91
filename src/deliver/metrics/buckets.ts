import { SallyportError } from '../../model/error.ts';
import type { CanaryPlan } from '../plan/schema.ts';
import { checkCounts, type Look } from '../statistics/counts.ts';
import { assemble } from './assemble.ts';
import type { MetricSource } from './source.ts';

/** Counts of one query in buckets: when each begins, in milliseconds since 1970, and what was counted in it. */
export type Buckets = readonly (readonly [begins: number, count: number])[];

/**
 * A source that keeps counts in buckets of `period` milliseconds and not as running counters. A look takes the buckets
 * that begin in it, both ends rounded up: looks that follow one another share none and leave none out, and none reaches
 * back over a change of weight. The plan's lag covers the last one. No bucket is no requests.
 */
export function bucketSource<Query>(
  plan: CanaryPlan,
  period: number,
  queryOf: (selector: unknown, path: string) => Query,
  ask: (queries: readonly Query[], from: number, to: number) => Promise<Buckets[]>,
): MetricSource {
  const arms = plan.metrics.map((metric, index) => {
    if (metric.kind !== 'errors') return null;
    const { selectors } = metric;
    const one = (arm: 'canary' | 'baseline', what: 'requests' | 'errors') =>
      queryOf(selectors?.[arm][what], `metrics.${index}.selectors.${arm}.${what}`);
    return [
      one('canary', 'requests'),
      one('canary', 'errors'),
      one('baseline', 'requests'),
      one('baseline', 'errors'),
    ];
  });
  return {
    read: async (from, to) => {
      const [first, end] = [from, to].map((time) => Math.ceil(time / period) * period) as [number, number];
      const looks: (Look[] | null)[] = [];
      for (const queries of arms) {
        if (queries === null) {
          looks.push(null);
          continue;
        }
        const found = first === end ? queries.map(() => []) : await ask(queries, first, end);
        const [canary, canaryErrors, baseline, baselineErrors] = found.map((buckets) =>
          sumOf(buckets, first, end),
        ) as [number, number, number, number];
        const look = {
          canary: { requests: canary, errors: canaryErrors },
          baseline: { requests: baseline, errors: baselineErrors },
        };
        checkCounts('canary', look.canary);
        checkCounts('baseline', look.baseline);
        looks.push([look]);
      }
      return assemble(plan, looks);
    },
  };
}

function sumOf(buckets: Buckets, first: number, end: number): number {
  const seen = new Set<number>();
  let sum = 0;
  for (const [begins, count] of buckets) {
    if (!Number.isFinite(count) || count < 0)
      throw bad('a count has a value that no count can have', 'a number of at least 0', String(count));
    if (begins < first || begins >= end) continue;
    if (seen.has(begins)) throw bad('a bucket is there twice', 'each once', new Date(begins).toISOString());
    seen.add(begins);
    sum += count;
  }
  // Sums of what the service stores as floating point.
  return Math.round(sum);
}

function bad(message: string, expected: string, found: string): SallyportError {
  return new SallyportError({ code: 'SP-METRIC-VALUE', message, expected, found });
}
