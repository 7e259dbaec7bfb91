import { z } from 'zod';
import { cloudWatchMetric } from './cloudwatch.ts';
import { duration, identifier, probability, text, url, variable } from './parts.ts';

const promSelector = text(2000).refine((value) => isSelector(value), 'expected a plain selector');

/** How a counter is named depends on the source; `checkSelectors` holds each to the plan's own. */
const selector = z.union([text(2000), cloudWatchMetric], {
  error: 'expected a selector (a text), or for CloudWatch a map of namespace, metric and dimensions',
});

/** Read by hand: quoted values may hold anything, and a pattern over them could not stay linear and exact. */
export function isSelector(value: string): boolean {
  const open = value.indexOf('{');
  const name = open === -1 ? value : value.slice(0, open);
  if (!/^[A-Za-z_:][A-Za-z0-9_:]{0,200}$/u.test(name)) return false;
  if (open === -1) return true;
  let quoted: string | null = null;
  for (let at = open + 1; at < value.length; at += 1) {
    const character = value[at] ?? '';
    if (quoted !== null) {
      if (character === '\\') at += 1;
      else if (character === quoted) quoted = null;
    } else if (character === '"' || character === "'") quoted = character;
    else if (character === '}') return at === value.length - 1;
    else if (!/[A-Za-z0-9_=!~, ]/u.test(character)) return false;
  }
  return false;
}

const labels = z
  .string()
  .max(1000)
  .refine((value) => isSelector(`m{${value}}`), 'expected label matchers such as app="pay",version="2"');

const presets = [
  'istio',
  'envoy',
  'ingress-nginx',
  'haproxy',
  'spring',
  'express',
  'opentelemetry-http',
] as const;

const common = {
  name: identifier,
  share: z
    .number()
    .gt(0)
    .max(1)
    .meta({ description: 'Its part of alpha; the shares of all metrics add up to at most 1.' }),
  phi: z
    .number()
    .min(1)
    .max(1000)
    .default(1)
    .meta({ description: 'Design effect: the largest group of requests within a look that fail together.' }),
};

const comparison = {
  ...common,
  rho: z
    .number()
    .min(1)
    .max(10)
    .default(1)
    .meta({ description: 'How many times the baseline’s rate is still accepted.' }),
  preset: z
    .enum(presets)
    .optional()
    .meta({ description: 'A common exporter; goes with `canary` and `baseline`.' }),
  canary: labels.optional().meta({ description: 'With a preset: label matchers of the canary.' }),
  baseline: labels.optional().meta({ description: 'With a preset: label matchers of the baseline.' }),
};

const arms = <T extends z.ZodType>(arm: T) => z.strictObject({ canary: arm, baseline: arm });
const either = 'expected either `preset` with `canary` and `baseline`, or `selectors`';

interface Chosen {
  preset?: string | undefined;
  canary?: string | undefined;
  baseline?: string | undefined;
  selectors?: unknown;
}
const chosenOnce = (m: Chosen) =>
  m.preset === undefined
    ? m.selectors !== undefined && m.canary === undefined && m.baseline === undefined
    : m.selectors === undefined && m.canary !== undefined && m.baseline !== undefined;

const errors = z
  .strictObject({
    kind: z.literal('errors'),
    ...comparison,
    selectors: arms(z.strictObject({ requests: selector, errors: selector })).optional(),
  })
  .refine(chosenOnce, either);

const latency = z
  .strictObject({
    kind: z.literal('latency'),
    ...comparison,
    slowerThan: z.array(z.number().positive()).min(1).max(8).meta({
      description:
        'Upper bounds of histogram buckets, in the unit of the histogram. Slower counts as an error.',
    }),
    selectors: arms(z.strictObject({ bucket: promSelector }))
      .optional()
      .meta({ description: 'The `_bucket` counters without `le`.' }),
  })
  .refine(chosenOnce, either);

const slo = z
  .strictObject({
    kind: z.literal('slo'),
    ...common,
    budget: probability.meta({ description: 'The rate of errors that the SLO allows.' }),
    of: identifier.meta({ description: 'The metric of kind `errors` whose canary counts are judged.' }),
    onBreach: z.enum(['hold', 'rollback']).default('hold').meta({
      description: '`hold`: no further step and no promotion; an outage of both arms blames nobody.',
    }),
  })
  .meta({ description: 'The canary alone against an error budget.' });

export const metric = z.discriminatedUnion('kind', [errors, latency, slo]);
export type MetricPlan = z.output<typeof metric>;

export const prometheus = z
  .strictObject({
    url,
    tokenFrom: variable.optional().meta({ description: 'The environment variable with a bearer token.' }),
    scrapeInterval: duration
      .prefault('15s')
      .meta({ description: 'How often the counters are read: decides how far back a look has to reach.' }),
    timeout: duration.prefault('10s'),
    startTime: promSelector.optional().meta({
      description: 'When each process started, such as process_start_time_seconds{app="pay"}.',
    }),
  })
  .meta({ description: 'A server of the Prometheus HTTP API.' });

export const datadog = z
  .strictObject({
    url: url.prefault('https://api.datadoghq.com').meta({ description: 'The API of the site.' }),
    apiKeyFrom: variable.default('DD_API_KEY'),
    appKeyFrom: variable.default('DD_APP_KEY'),
    interval: duration
      .prefault('10s')
      .refine((value) => value % 1_000 === 0, 'expected whole seconds')
      .meta({ description: 'The length of a bucket; no look is shorter, and `lag` covers one.' }),
    timeout: duration.prefault('10s'),
  })
  .meta({
    description: 'Datadog; selectors are then queries such as sum:trace.http.request.hits{version:2}.',
  });
