import { SallyportError } from '../../model/error.ts';
import { type Json, objectsOf } from '../../model/json/values.ts';
import { Aws } from '../../platform/aws/client.ts';
import type { Context } from '../../platform/context.ts';
import type { CloudWatchMetric } from '../plan/cloudwatch.ts';
import type { CanaryPlan } from '../plan/schema.ts';
import { type Buckets, bucketSource } from './buckets.ts';
import type { MetricSource } from './source.ts';

const SERVICE = { host: 'monitoring', signingName: 'monitoring' } as const;
const TARGET = 'GraniteServiceVersion20100801.GetMetricData';
const MAX_PAGES = 20;

/**
 * Sums of metrics by GetMetricData
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html), in AWS JSON 1.0.
 */
export function cloudWatchSource(
  plan: CanaryPlan,
  settings: NonNullable<CanaryPlan['cloudwatch']>,
  context: Context,
): MetricSource {
  const api = new Aws(settings, SERVICE, context);
  const { period } = settings;
  const ask = async (queries: readonly object[], from: number, to: number): Promise<Buckets[]> => {
    const found = new Map<string, [number, number][]>(queries.map((_, index) => [`m${index}`, []]));
    let token: unknown;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const answer = await api.json(TARGET, '1.0', {
        StartTime: from / 1000,
        EndTime: to / 1000,
        ScanBy: 'TimestampAscending',
        MetricDataQueries: queries.map((Metric, index) => ({
          Id: `m${index}`,
          MetricStat: { Metric, Period: period / 1000, Stat: 'Sum' },
        })),
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const more = answer.NextToken ?? undefined;
      for (const result of objectsOf(answer.MetricDataResults)) take(result, found, more !== undefined);
      if (objectsOf(answer.Messages).length > 0)
        throw problem('SP-METRIC-WARNING', 'the data is not complete', 'no messages', answer.Messages);
      if (more === undefined) return [...found.values()];
      token = more;
    }
    throw problem('SP-METRIC-ANSWER', 'the answer has no end', `at most ${MAX_PAGES} pages`, 'one more');
  };
  const source = bucketSource(
    plan,
    period,
    (selector) => {
      const { namespace, metric, dimensions } = selector as CloudWatchMetric;
      return {
        Namespace: namespace,
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      };
    },
    ask,
  );
  return { ...source, ending: () => api.ending() };
}

function take(result: Json, found: Map<string, [number, number][]>, more: boolean): void {
  const buckets = found.get(String(result.Id));
  const { StatusCode: status, Timestamps: times, Values: values } = result;
  // While there are further pages a result is partial; at the end that means that data is missing.
  if (status !== 'Complete' && !(status === 'PartialData' && more))
    throw problem('SP-METRIC-WARNING', 'the data is not complete', 'Complete', result.StatusCode);
  if (
    buckets === undefined ||
    !Array.isArray(times) ||
    !Array.isArray(values) ||
    times.length !== values.length
  )
    throw problem('SP-METRIC-ANSWER', 'a result cannot be read', 'as many times as values', result);
  for (const [index, time] of (times as unknown[]).entries()) {
    const value: unknown = values[index];
    if (typeof time !== 'number' || typeof value !== 'number')
      throw problem('SP-METRIC-ANSWER', 'a value cannot be read', 'numbers', [time, value]);
    buckets.push([time * 1000, value]);
  }
}

function problem(code: string, message: string, expected: string, found: unknown): SallyportError {
  return new SallyportError({ code, message, expected, found: JSON.stringify(found)?.slice(0, 300) });
}
