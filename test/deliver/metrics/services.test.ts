import { describe, expect, it } from 'vitest';
import { readPoints } from '../../../src/deliver/metrics/datadog.ts';
import { metricsOf } from '../../../src/deliver/metrics/registry.ts';
import { planWith } from '../plan.ts';
import { wire } from '../wire.ts';
import { world } from '../world.ts';

/** A whole number of minutes, so that buckets are easy to read. */
const AT = 1_700_000_040_000;

const datadogPlan = planWith(
  ["prometheus: { url: 'http://127.0.0.1:9090', scrapeInterval: 5s }", 'datadog: { interval: 10s }'],
  ['lag: 5s', 'lag: 30s'],
  [
    / {6}canary: [^\n]+\n {6}baseline: [^\n]+/u,
    `      canary: { requests: 'sum:hits{version:2}', errors: 'sum:errors{version:2}' }
      baseline: { requests: 'sum:hits{version:1}', errors: 'sum:errors{version:1}' }`,
  ],
).plan;

const points = (...values: (readonly [number, number | null])[]) => ({
  body: {
    status: 'ok',
    series: [{ scope: 'version:2', interval: 10, pointlist: values.map(([at, v]) => [AT + at * 1000, v]) }],
  },
});

describe('counts from Datadog', () => {
  it('are sums of buckets that begin in the look, asked by the keys of the environment', async () => {
    const { http, asked } = wire(
      points([-10, 9], [0, 40], [10, 60], [20, 500]),
      { body: { status: 'ok', series: [] } },
      points([0, 300], [10, null]),
      points([10, 3]),
    );
    const env = { DD_API_KEY: 'a', DD_APP_KEY: 'b' };
    const source = metricsOf(datadogPlan, world('/', { http, env }));
    const { looks, arms } = await source.read(AT - 3_000, AT + 12_000);
    expect(arms).toEqual({
      canary: { requests: 100, errors: 0 },
      baseline: { requests: 300, errors: 3 },
    });
    expect(looks[1]).toEqual(looks[0]);
    expect(Object.fromEntries(new URL(asked[0]?.url ?? '').searchParams)).toEqual({
      from: String(AT / 1000),
      to: String(AT / 1000 + 20),
      query: 'sum:hits{version:2}.as_count().rollup(sum, 10)',
    });
    expect(asked[0]?.headers).toMatchObject({ 'dd-api-key': 'a', 'dd-application-key': 'b' });
  });

  it('of looks that follow one another share no bucket and leave none out', async () => {
    const all = Array.from({ length: 12 }, (_, i) => [i * 10, 1] as const);
    let total = 0;
    for (const [from, to] of [
      [1, 14],
      [14, 37],
      [37, 38],
      [38, 90],
    ] as const) {
      const { http } = wire(points(...all), points(), points(...all), points());
      const env = { DD_API_KEY: 'a', DD_APP_KEY: 'b' };
      const { arms } = await metricsOf(datadogPlan, world('/', { http, env })).read(
        AT + from * 1000,
        AT + to * 1000,
      );
      total += arms.canary.requests;
    }
    expect(total).toBe(8);
  });

  it.each<[string, number, unknown]>([
    ['a refusal', 403, { errors: ['Forbidden'] }],
    ['an error', 200, { status: 'error', error: 'parse' }],
    ['another interval', 200, { status: 'ok', series: [{ interval: 60, pointlist: [] }] }],
    ['a point that is none', 200, { status: 'ok', series: [{ interval: 10, pointlist: [['x', 1]] }] }],
    ['a value as text', 200, { status: 'ok', series: [{ interval: 10, pointlist: [[1, '1']] }] }],
    [
      'a series twice',
      200,
      {
        status: 'ok',
        series: [
          { scope: 'a', interval: 10, pointlist: [] },
          { scope: 'a', interval: 10, pointlist: [] },
        ],
      },
    ],
    ['no JSON', 200, 'oops'],
  ])('are none for %s', (_what, status, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    expect(() => readPoints(status, text, 10_000)).toThrow();
  });

  it('are none without keys, and for a count below zero', async () => {
    const { http } = wire(points([0, -1]), points(), points(), points());
    await expect(metricsOf(datadogPlan, world('/', { http })).read(AT, AT + 10_000)).rejects.toMatchObject({
      code: 'SP-CREDENTIAL',
    });
    const env = { DD_API_KEY: 'a', DD_APP_KEY: 'b' };
    await expect(
      metricsOf(datadogPlan, world('/', { http, env })).read(AT, AT + 10_000),
    ).rejects.toMatchObject({ code: 'SP-METRIC-VALUE' });
  });
});

const metricOf = (name: string, group: string) =>
  `{ namespace: AWS/ApplicationELB, metric: ${name}, dimensions: { TargetGroup: ${group} } }`;
const cloudWatchPlan = planWith(
  [
    "prometheus: { url: 'http://127.0.0.1:9090', scrapeInterval: 5s }",
    'cloudwatch: { region: eu-central-1 }',
  ],
  ['look: 10s', 'look: 60s'],
  ['lag: 5s', 'lag: 2m'],
  ['lease: 60s', 'lease: 5m'],
  [
    / {6}canary: [^\n]+\n {6}baseline: [^\n]+/u,
    `      canary: { requests: ${metricOf('RequestCount', 'c')}, errors: ${metricOf('HTTPCode_Target_5XX_Count', 'c')} }
      baseline: { requests: ${metricOf('RequestCount', 'b')}, errors: ${metricOf('HTTPCode_Target_5XX_Count', 'b')} }`,
  ],
).plan;
const env = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const result = (id: number, values: number[], change: object = {}) => ({
  Id: `m${id}`,
  StatusCode: 'Complete',
  Timestamps: values.map((_, i) => AT / 1000 + i * 60),
  Values: values,
  ...change,
});

describe('counts from CloudWatch', () => {
  it('are sums of periods, over all pages', async () => {
    const { http, asked } = wire(
      {
        body: {
          MetricDataResults: [result(0, [50], { StatusCode: 'PartialData' }), result(1, []), result(3, [2])],
          NextToken: 'more',
        },
      },
      {
        body: {
          MetricDataResults: [result(0, [70], { Timestamps: [AT / 1000 + 60] }), result(2, [400, 380])],
          Messages: [],
        },
      },
    );
    const { arms } = await metricsOf(cloudWatchPlan, world('/', { http, env })).read(AT, AT + 120_000);
    expect(arms).toEqual({
      canary: { requests: 120, errors: 0 },
      baseline: { requests: 780, errors: 2 },
    });
    expect(asked[0]?.headers).toMatchObject({
      'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData',
      'content-type': 'application/x-amz-json-1.0',
    });
    const sent = JSON.parse(String(asked[0]?.body));
    expect(sent).toMatchObject({ StartTime: AT / 1000, EndTime: AT / 1000 + 120 });
    expect(sent.MetricDataQueries[1]).toEqual({
      Id: 'm1',
      MetricStat: {
        Metric: {
          Namespace: 'AWS/ApplicationELB',
          MetricName: 'HTTPCode_Target_5XX_Count',
          Dimensions: [{ Name: 'TargetGroup', Value: 'c' }],
        },
        Period: 60,
        Stat: 'Sum',
      },
    });
    expect(JSON.parse(String(asked[1]?.body)).NextToken).toBe('more');
  });

  it.each<[string, object, string]>([
    [
      'data that is partial at the end',
      { MetricDataResults: [result(0, [1], { StatusCode: 'PartialData' })] },
      'SP-METRIC-WARNING',
    ],
    [
      'an error inside',
      { MetricDataResults: [result(0, [], { StatusCode: 'InternalError' })] },
      'SP-METRIC-WARNING',
    ],
    ['messages', { MetricDataResults: [], Messages: [{ Code: 'ArithmeticError' }] }, 'SP-METRIC-WARNING'],
    ['a result that nobody asked for', { MetricDataResults: [result(9, [1])] }, 'SP-METRIC-ANSWER'],
    [
      'more values than times',
      { MetricDataResults: [result(0, [1], { Timestamps: [] })] },
      'SP-METRIC-ANSWER',
    ],
    ['a value as text', { MetricDataResults: [result(0, ['1' as never])] }, 'SP-METRIC-ANSWER'],
    [
      'a period twice',
      { MetricDataResults: [result(0, [1, 2], { Timestamps: [AT / 1000, AT / 1000] })] },
      'SP-METRIC-VALUE',
    ],
  ])('are none for %s', async (_what, body, code) => {
    const { http } = wire({ body });
    await expect(
      metricsOf(cloudWatchPlan, world('/', { http, env })).read(AT, AT + 120_000),
    ).rejects.toMatchObject({ code });
  });

  it('are no requests where there is nothing, which is no data', async () => {
    const { http } = wire({ body: { MetricDataResults: [0, 1, 2, 3].map((id) => result(id, [])) } });
    const { arms } = await metricsOf(cloudWatchPlan, world('/', { http, env })).read(AT, AT + 60_000);
    expect(arms.canary.requests).toBe(0);
  });
});
