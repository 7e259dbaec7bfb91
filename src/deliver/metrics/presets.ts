import type { MetricPlan } from '../plan/metrics.ts';

type GivenSelectors = NonNullable<Extract<MetricPlan, { kind: 'errors' }>['selectors']>;

/** Where a common exporter counts requests, and how it marks errors. */
interface Preset {
  requests: string;
  /** Matchers that are always added, so that both arms are counted from one vantage point. */
  always?: string;
  errors: string;
  /** Another counter for the errors, where they are not a label of the requests. */
  errorCounter?: string;
  /** The histogram's `_bucket` counter. */
  bucket?: string;
}

const presetTable: Record<NonNullable<Extract<MetricPlan, { kind: 'errors' }>['preset']>, Preset> = {
  // The caller's side sees connections that the server never accepted.
  istio: {
    requests: 'istio_requests_total',
    always: 'reporter="source"',
    errors: 'response_code=~"5..|0"',
    bucket: 'istio_request_duration_milliseconds_bucket',
  },
  envoy: {
    requests: 'envoy_cluster_upstream_rq_completed',
    errors: 'envoy_response_code_class="5"',
    errorCounter: 'envoy_cluster_upstream_rq_xx',
    bucket: 'envoy_cluster_upstream_rq_time_bucket',
  },
  'ingress-nginx': {
    requests: 'nginx_ingress_controller_requests',
    errors: 'status=~"5.."',
    bucket: 'nginx_ingress_controller_request_duration_seconds_bucket',
  },
  haproxy: { requests: 'haproxy_server_http_responses_total', errors: 'code="5xx"' },
  spring: {
    requests: 'http_server_requests_seconds_count',
    errors: 'status=~"5.."',
    bucket: 'http_server_requests_seconds_bucket',
  },
  express: {
    requests: 'http_request_duration_seconds_count',
    errors: 'status_code=~"5.."',
    bucket: 'http_request_duration_seconds_bucket',
  },
  'opentelemetry-http': {
    requests: 'http_server_request_duration_seconds_count',
    errors: 'http_response_status_code=~"5.."',
    bucket: 'http_server_request_duration_seconds_bucket',
  },
};

/** The selectors of one arm: all requests, and for each bucket the errors or what was fast enough. */
export interface ArmSelectors {
  requests: string;
  /** `errors` counts errors; `fast` counts what was not slower, one for each bucket. */
  errors?: string;
  fast?: string[];
}

export interface MetricSelectors {
  canary: ArmSelectors;
  baseline: ArmSelectors;
}

/** The selectors of a metric, from the plan or from a preset. Null where the preset has no such histogram. */
export function selectorsOf(metric: Exclude<MetricPlan, { kind: 'slo' }>): MetricSelectors | null {
  if (metric.kind === 'errors') {
    if (metric.selectors !== undefined) return asTexts(metric.selectors);
    const preset = metric.preset === undefined ? undefined : presetTable[metric.preset];
    if (preset === undefined) return null;
    const arm = (labels: string): ArmSelectors => ({
      requests: narrowed(preset.requests, preset.always, labels),
      errors: narrowed(preset.errorCounter ?? preset.requests, preset.always, labels, preset.errors),
    });
    return { canary: arm(metric.canary ?? ''), baseline: arm(metric.baseline ?? '') };
  }
  const preset = metric.preset === undefined ? undefined : presetTable[metric.preset];
  const bucket = (given: string | undefined, labels: string | undefined): ArmSelectors | null => {
    const base =
      given ?? (preset?.bucket === undefined ? null : narrowed(preset.bucket, preset.always, labels));
    if (base === null) return null;
    return {
      requests: narrowed(base, 'le="+Inf"'),
      fast: metric.slowerThan.map((bound) => narrowed(base, `le=~"${boundPattern(bound)}"`)),
    };
  };
  const canary = bucket(metric.selectors?.canary.bucket, metric.canary);
  const baseline = bucket(metric.selectors?.baseline.bucket, metric.baseline);
  return canary === null || baseline === null ? null : { canary, baseline };
}

/** The plan's selectors: texts, which the reading of a plan with Prometheus has seen to. */
function asTexts({ canary, baseline }: GivenSelectors): MetricSelectors {
  const arm = ({ requests, errors }: GivenSelectors['canary']): ArmSelectors => ({
    requests: String(requests),
    errors: String(errors),
  });
  return { canary: arm(canary), baseline: arm(baseline) };
}

/** Exporters write a whole bound as `1`, others as `1.0`. */
function boundPattern(bound: number): string {
  const text = String(bound).replaceAll('.', '\\\\.').replaceAll('+', '\\\\+');
  return Number.isInteger(bound) ? `${text}|${text}\\\\.0` : text;
}

/** The selector with more matchers. */
function narrowed(selector: string, ...matchers: (string | undefined)[]): string {
  const open = selector.indexOf('{');
  const name = open === -1 ? selector : selector.slice(0, open);
  const inside = open === -1 ? '' : selector.slice(open + 1, -1);
  const all = [inside, ...matchers]
    .map((text) => (text ?? '').trim().replace(/,$/u, ''))
    .filter((text) => text !== '');
  return all.length === 0 ? name : `${name}{${all.join(',')}}`;
}
