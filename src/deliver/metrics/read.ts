import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import type { CanaryPlan } from '../plan/schema.ts';
import { type ArmCounts, checkCounts, type Look } from '../statistics/counts.ts';
import { assemble } from './assemble.ts';
import { type ArmSelectors, type MetricSelectors, selectorsOf } from './presets.ts';
import { type PrometheusServer, querySamples } from './prometheus.ts';
import { growth, type Instances, instancesOf, newest, type Series } from './series.ts';
import type { MetricSource } from './source.ts';

/** How many scrapes a look reaches back beyond its beginning, to know where the counters stood. */
const SCRAPES_BACK = 4;

/** The plan's counters in Prometheus. Throws SP-CANARY-METRIC for a preset that has no such histogram. */
export function prometheusSource(
  plan: CanaryPlan,
  settings: NonNullable<CanaryPlan['prometheus']>,
  context: Context,
): MetricSource {
  const { url, tokenFrom, timeout, startTime, scrapeInterval } = settings;
  const server: PrometheusServer = {
    url,
    timeout,
    skew: Math.max(5_000, plan.lag),
    token: () => (tokenFrom === undefined ? null : (context.env[tokenFrom] ?? null)),
  };
  const selectors = plan.metrics.map((metric): MetricSelectors | null => {
    if (metric.kind === 'slo') return null;
    const found = selectorsOf(metric);
    if (found !== null) return found;
    throw new SallyportError({
      code: 'SP-CANARY-METRIC',
      message: `the preset of metric ${metric.name} has no histogram`,
      expected: '`selectors` with the bucket counters of both arms',
    });
  });
  return {
    read: async (from, to) => {
      const range = to - from + SCRAPES_BACK * scrapeInterval;
      const asked = new Map<string, Promise<Series[]>>();
      const query = (selector: string): Promise<Series[]> => {
        const before = asked.get(selector);
        if (before !== undefined) return before;
        const now = context.clock.now().getTime();
        const made = querySamples(context.http, server, selector, to, range, now);
        asked.set(selector, made);
        return made;
      };
      const window: Window = { from: from / 1000, to: to / 1000, stale: (2 * scrapeInterval) / 1000, query };
      const started = await startTimes(startTime, query);
      const looks: (Look[] | null)[] = [];
      for (const one of selectors) looks.push(one === null ? null : await readMetric(one, window, started));
      return assemble(plan, looks);
    },
  };
}

interface Window {
  /** Seconds. */
  from: number;
  to: number;
  /** Seconds after which the newest sample is too old to speak for the window's end. */
  stale: number;
  query(selector: string): Promise<Series[]>;
}

async function startTimes(
  selector: string | undefined,
  query: (selector: string) => Promise<Series[]>,
): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  if (selector === undefined) return found;
  for (const { instance, samples } of await query(selector)) {
    const last = samples.at(-1);
    if (last !== undefined && Number.isFinite(last[1])) found.set(instance, last[1]);
  }
  return found;
}

async function readMetric(
  selectors: MetricSelectors,
  window: Window,
  started: ReadonlyMap<string, number>,
): Promise<Look[]> {
  const [canary, baseline] = [
    await window.query(selectors.canary.requests),
    await window.query(selectors.baseline.requests),
  ];
  const keys = new Set(canary.map(({ key }) => key));
  const shared = baseline.find(({ key }) => keys.has(key));
  if (shared !== undefined) {
    throw new SallyportError({
      code: 'SP-METRIC-OVERLAP',
      message: 'canary and baseline are counted by the same series',
      expected: 'selectors that share no series',
      found: shared.key.slice(0, 300),
    });
  }
  const c = await readArm('canary', selectors.canary, canary, window, started);
  const b = await readArm('baseline', selectors.baseline, baseline, window, started);
  return c.map((counts, bucket) => ({ canary: counts, baseline: b[bucket] as ArmCounts }));
}

/** Requests and errors of one arm, one entry a bucket. No series at all is no requests: no data, never a pass. */
async function readArm(
  arm: string,
  selectors: ArmSelectors,
  requests: readonly Series[],
  window: Window,
  started: ReadonlyMap<string, number>,
): Promise<ArmCounts[]> {
  const known = instancesOf(requests, window.from, started);
  const last = newest(requests, window.to);
  if (requests.length > 0 && (last === null || last < window.to - window.stale)) {
    throw new SallyportError({
      code: 'SP-METRIC-STALE',
      message: `the counters of the ${arm} are old`,
      expected: `a sample within ${window.stale} s of the end of the look`,
      found: last === null ? 'none' : `${(window.to - last).toFixed(1)} s before it`,
    });
  }
  const count = (series: readonly Series[], at: Instances) => growth(series, window.from, window.to, at);
  const total = count(requests, known);
  if (selectors.fast === undefined) {
    const errors = selectors.errors === undefined ? [] : await window.query(selectors.errors);
    return [checked(arm, total, count(errors, known))];
  }
  const all: ArmCounts[] = [];
  for (const selector of selectors.fast) {
    const fast = await window.query(selector);
    if (fast.length < requests.length) {
      throw new SallyportError({
        code: 'SP-METRIC-BUCKET',
        message: `the histogram of the ${arm} has no such bucket`,
        expected: `${requests.length} series of ${selector}`,
        found: String(fast.length),
        next: 'slowerThan must name upper bounds that the histogram has',
      });
    }
    all.push(checked(arm, total, total - count(fast, known)));
  }
  return all;
}

function checked(arm: string, requests: number, errors: number): ArmCounts {
  const counts = { requests, errors };
  checkCounts(arm, counts);
  return counts;
}
