import { SallyportError } from '../../model/error.ts';
import { isObject } from '../../model/json/values.ts';
import type { Context } from '../../platform/context.ts';
import type { CanaryPlan } from '../plan/schema.ts';
import { type Buckets, bucketSource } from './buckets.ts';
import type { MetricSource } from './source.ts';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_SERIES = 1_000;

/**
 * Counts by the query API (https://docs.datadoghq.com/api/latest/metrics/query-timeseries-points/): each selector is a
 * query `sum:METRIC{TAGS}`, asked as a count in buckets of `interval`; several series are added up.
 */
export function datadogSource(
  plan: CanaryPlan,
  settings: NonNullable<CanaryPlan['datadog']>,
  context: Context,
): MetricSource {
  const { url, apiKeyFrom, appKeyFrom, interval, timeout } = settings;
  const seconds = interval / 1000;
  const queryOf = (selector: unknown) => `${String(selector)}.as_count().rollup(sum, ${seconds})`;
  const key = (name: string): string => {
    const value = context.env[name];
    if (value !== undefined && value !== '') return value;
    throw problem('SP-CREDENTIAL', 'there is no key for Datadog', `it in $${name}`);
  };
  const one = async (query: string, from: number, to: number): Promise<Buckets> => {
    const address = new URL(`${url.replace(/\/$/u, '')}/api/v1/query`);
    address.searchParams.set('from', String(from / 1000));
    address.searchParams.set('to', String(to / 1000));
    address.searchParams.set('query', query);
    const answer = await context.http.request({
      method: 'GET',
      url: address.href,
      headers: {
        'dd-api-key': key(apiKeyFrom),
        'dd-application-key': key(appKeyFrom),
        accept: 'application/json',
      },
      limits: { bytes: MAX_BYTES, timeout },
      retries: 0,
      redirects: 0,
    });
    return readPoints(answer.status, answer.body.toString('utf8'), interval);
  };
  return bucketSource(plan, interval, queryOf, async (queries, from, to) => {
    const found: Buckets[] = [];
    for (const query of queries) found.push(await one(query, from, to));
    return found;
  });
}

/** The points of all series by their time. A bucket without a value is none; another interval is no answer. */
export function readPoints(status: number, text: string, interval: number): Buckets {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // No object, which is said below.
  }
  if (!isObject(body) || status !== 200 || body.status !== 'ok' || !Array.isArray(body.series)) {
    const said = isObject(body) ? JSON.stringify(body.error ?? body.errors ?? body.message ?? '') : '';
    throw problem('SP-METRIC-QUERY', 'the query failed', 'HTTP 200 and ok', `HTTP ${status} ${said}`);
  }
  if (body.series.length > MAX_SERIES)
    throw problem('SP-METRIC-ANSWER', 'too many series', `at most ${MAX_SERIES}`, `${body.series.length}`);
  const sums = new Map<number, number>();
  const scopes = new Set<string>();
  for (const series of body.series as unknown[]) {
    if (!isObject(series) || !Array.isArray(series.pointlist) || series.interval !== interval / 1000)
      throw problem(
        'SP-METRIC-ANSWER',
        'a series cannot be read',
        `points each ${interval / 1000} s`,
        JSON.stringify(series).slice(0, 200),
      );
    const scope = String(series.scope);
    if (scopes.has(scope)) throw problem('SP-METRIC-ANSWER', 'a series is there twice', 'each once', scope);
    scopes.add(scope);
    for (const point of series.pointlist as unknown[]) {
      const [at, value] = Array.isArray(point) ? (point as unknown[]) : [];
      if (value === null) continue;
      if (typeof at !== 'number' || typeof value !== 'number')
        throw problem(
          'SP-METRIC-ANSWER',
          'a point cannot be read',
          '[milliseconds, number]',
          JSON.stringify(point).slice(0, 100),
        );
      sums.set(at, (sums.get(at) ?? 0) + value);
    }
  }
  return [...sums];
}

function problem(code: string, message: string, expected: string, found?: string): SallyportError {
  return new SallyportError({ code, message, expected, found: found?.slice(0, 300) });
}
