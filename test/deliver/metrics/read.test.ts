import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { metricsOf } from '../../../src/deliver/metrics/registry.ts';
import { planWith } from '../plan.ts';
import { world } from '../world.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

interface Given {
  values: [number, string][];
  labels?: Record<string, string>;
}

/** A server of the query API with fixed series a selector; times are seconds before the end of the look. */
async function prometheus(
  series: Record<string, Given[]>,
  change: { date?: number | null; status?: number; warnings?: string[]; slow?: boolean } = {},
) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const query = new URLSearchParams(body).get('query') ?? '';
      asked.push(query);
      const selector = query.slice(0, query.lastIndexOf('['));
      const result = (series[selector] ?? []).map(({ values, labels }) => ({
        metric: { __name__: selector, instance: 'h:1', ...labels },
        values: values.map(([ago, value]) => [TO / 1000 - ago, value]),
      }));
      response.sendDate = false;
      const date = change.date === null ? {} : { date: new Date(change.date ?? Date.now()).toUTCString() };
      response.writeHead(change.status ?? 200, date);
      // The head comes in time, the rest never does.
      if (change.slow === true) response.write('{"status":');
      else
        response.end(
          JSON.stringify({
            status: 'success',
            warnings: change.warnings,
            data: { resultType: 'matrix', result },
          }),
        );
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { plan } = planWith([
    "'http://127.0.0.1:9090'",
    `'${url}'${change.slow === true ? ', timeout: 500ms' : ''}`,
  ]);
  return { source: metricsOf(plan, world('/')), asked, url };
}

const TO = 1_700_000_000_000;
const FROM = TO - 10_000;
const counter = (before: number, after: number): Given => ({
  values: [
    [12, String(before)],
    [2, String(after)],
  ],
});
const healthy = {
  'req{v="2"}': [counter(100, 150)],
  'err{v="2"}': [counter(1, 3)],
  'req{v="1"}': [counter(1000, 1450)],
};

describe('reading a look from the query API', () => {
  it('counts both arms; no error series of a served version is no errors; the SLO gets the counts of its metric', async () => {
    const { source, asked } = await prometheus(healthy);
    const { looks, arms } = await source.read(FROM, TO);
    const counts = { canary: { requests: 50, errors: 2 }, baseline: { requests: 450, errors: 0 } };
    expect(looks).toEqual([[counts], [counts]]);
    expect(arms).toEqual(counts);
    expect(asked).toContain('req{v="2"}[30000ms]');
  });

  it('calls an arm without any series empty, which is no data', async () => {
    const { source } = await prometheus({ ...healthy, 'req{v="2"}': [], 'err{v="2"}': [] });
    expect((await source.read(FROM, TO)).arms.canary).toEqual({ requests: 0, errors: 0 });
  });

  it.each<[string, Parameters<typeof prometheus>, string]>([
    [
      'old counters',
      [
        {
          ...healthy,
          'req{v="2"}': [
            {
              values: [
                [28, '1'],
                [20, '2'],
              ],
            },
          ],
        },
      ],
      'SP-METRIC-STALE',
    ],
    [
      'NaN',
      [
        {
          ...healthy,
          'req{v="1"}': [
            {
              values: [
                [12, '1'],
                [2, 'NaN'],
              ],
            },
          ],
        },
      ],
      'SP-METRIC-VALUE',
    ],
    ['a warning', [healthy, { warnings: ['partial'] }], 'SP-METRIC-WARNING'],
    ['an error', [healthy, { status: 503 }], 'SP-METRIC-QUERY'],
    ['a clock that is off', [healthy, { date: Date.now() - 60_000 }], 'SP-METRIC-CLOCK'],
    ['a server that does not say what time it is', [healthy, { date: null }], 'SP-METRIC-CLOCK'],
    ['a server that is slow', [healthy, { slow: true }], 'SP-HTTP'],
    ['more errors than requests', [{ ...healthy, 'err{v="2"}': [counter(0, 90)] }], 'SP-CANARY-COUNTS'],
  ])('gives nothing for %s', async (_name, given, code) => {
    const { source } = await prometheus(...given);
    await expect(source.read(FROM, TO)).rejects.toMatchObject({ problem: { code } });
  });

  it('gives nothing where nobody answers', async () => {
    const { plan } = planWith(["'http://127.0.0.1:9090'", "'http://127.0.0.1:1'"]);
    await expect(metricsOf(plan, world('/')).read(FROM, TO)).rejects.toMatchObject({
      code: 'SP-HTTP',
    });
  });

  it('refuses series that both arms share', async () => {
    const same = { ...counter(1, 2), labels: { __name__: 'req' } };
    const { source } = await prometheus({ 'req{v="2"}': [same], 'req{v="1"}': [same] });
    await expect(source.read(FROM, TO)).rejects.toMatchObject({ problem: { code: 'SP-METRIC-OVERLAP' } });
  });
});

describe('presets', () => {
  it('count slow requests as those that are in +Inf and not below the bound', async () => {
    const bucket = 'http_server_request_duration_seconds_bucket';
    const named = (matchers: string) => `${bucket}{${matchers}}`;
    const server = await prometheus({
      [named('v="2",le="+Inf"')]: [counter(0, 100)],
      [named('v="2",le=~"0\\\\.25"')]: [counter(0, 93)],
      [named('v="2",le=~"1|1\\\\.0"')]: [counter(0, 99)],
      [named('v="1",le="+Inf"')]: [counter(0, 900)],
      [named('v="1",le=~"0\\\\.25"')]: [counter(0, 890)],
      [named('v="1",le=~"1|1\\\\.0"')]: [counter(0, 900)],
    });
    const { plan } = planWith(
      ["'http://127.0.0.1:9090'", `'${server.url}'`],
      [
        / {2}- kind: errors[\s\S]*?(?=prometheus:)/u,
        `  - kind: latency
    name: latency
    share: 1
    preset: opentelemetry-http
    canary: v="2"
    baseline: v="1"
    slowerThan: [0.25, 1]
`,
      ],
    );
    const { looks } = await metricsOf(plan, world('/')).read(FROM, TO);
    expect(looks[0]?.map(({ canary, baseline }) => [canary.errors, baseline.errors])).toEqual([
      [7, 10],
      [1, 0],
    ]);
    expect(server.asked).toHaveLength(6);
  });

  it('refuse a latency that the exporter does not measure', () => {
    const { plan } = planWith([
      / {2}- kind: errors[\s\S]*?(?=prometheus:)/u,
      `  - { kind: latency, name: l, share: 1, preset: haproxy, canary: 'a="b"', baseline: 'a="c"', slowerThan: [1] }
`,
    ]);
    expect(() => metricsOf(plan, world('/'))).toThrow(/no histogram/u);
  });
});
