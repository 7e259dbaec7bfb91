import { SallyportError } from '../../model/error.ts';
import type { Http } from '../../platform/http.ts';
import type { Series } from './series.ts';

/** A server of the Prometheus HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/). */
export interface PrometheusServer {
  url: string;
  /** A bearer token, read anew for each query. */
  token: () => string | null;
  timeout: number;
  /** Milliseconds by which its clock may differ from ours. */
  skew: number;
}

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_SERIES = 20_000;

/**
 * The raw samples of a selector in [time - range, time]; times in milliseconds since 1970. An answer with a warning, of
 * another type, or with a value that is no number is no answer. Throws SP-METRIC-QUERY, SP-METRIC-ANSWER,
 * SP-METRIC-WARNING, SP-METRIC-CLOCK, SP-HTTP.
 */
export async function querySamples(
  http: Http,
  server: PrometheusServer,
  selector: string,
  time: number,
  range: number,
  now: number,
): Promise<Series[]> {
  const query = `${selector}[${Math.ceil(range)}ms]`;
  const token = server.token();
  const response = await http.request({
    method: 'POST',
    url: `${server.url.replace(/\/$/u, '')}/api/v1/query`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: new URLSearchParams({
      query,
      time: (time / 1000).toFixed(3),
      timeout: `${Math.max(1, Math.floor(server.timeout))}ms`,
    }).toString(),
    limits: { bytes: MAX_BYTES, timeout: server.timeout },
    retries: 0,
    plain: true,
  });
  const date = Date.parse(response.header('date') ?? '');
  if (!(Math.abs(date - now) <= server.skew)) {
    throw problem(
      'SP-METRIC-CLOCK',
      'the clock of the metrics server is not ours',
      `within ${server.skew / 1000} s`,
      Number.isNaN(date) ? 'no date' : `${Math.round((date - now) / 1000)} s apart`,
    );
  }
  let answer: unknown;
  try {
    answer = JSON.parse(response.body.toString('utf8'));
  } catch {
    throw problem(
      'SP-METRIC-ANSWER',
      'the answer is not JSON',
      'the Prometheus HTTP API',
      `HTTP ${response.status}`,
    );
  }
  return readAnswer(answer, response.status, query);
}

/** Reads the body of an answer to a range-vector query. */
export function readAnswer(answer: unknown, status: number, query: string): Series[] {
  const body = asRecord(answer);
  const warnings = body?.warnings;
  if (body === null || body.status !== 'success' || status !== 200) {
    const said =
      typeof body?.error === 'string' ? `${String(body.errorType)}: ${body.error}`.slice(0, 300) : '';
    throw problem(
      'SP-METRIC-QUERY',
      'the query failed',
      'HTTP 200 and success',
      `HTTP ${status} ${said} (${query})`,
    );
  }
  if (warnings !== undefined && !(Array.isArray(warnings) && warnings.length === 0)) {
    const found = JSON.stringify(warnings).slice(0, 300);
    throw problem('SP-METRIC-WARNING', 'the data is not complete', 'no warnings', found);
  }
  const data = asRecord(body.data);
  if (data?.resultType !== 'matrix' || !Array.isArray(data.result))
    throw problem(
      'SP-METRIC-ANSWER',
      'not what was asked for',
      'a matrix',
      String(data?.resultType).slice(0, 100),
    );
  if (data.result.length > MAX_SERIES)
    throw problem('SP-METRIC-ANSWER', 'too many series', `at most ${MAX_SERIES}`, String(data.result.length));
  const series = data.result.map(readSeries);
  const keys = new Set(series.map(({ key }) => key));
  if (keys.size !== series.length)
    throw problem('SP-METRIC-ANSWER', 'a series is there twice', 'each series once', query.slice(0, 300));
  return series;
}

function readSeries(entry: unknown): Series {
  const one = asRecord(entry);
  const labels = asRecord(one?.metric);
  if (one === null || labels === null || !Array.isArray(one.values))
    throw problem(
      'SP-METRIC-ANSWER',
      'a series cannot be read',
      'metric and values',
      JSON.stringify(entry).slice(0, 200),
    );
  const instance = labels.instance ?? labels.pod;
  return {
    key: JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))),
    instance: typeof instance === 'string' ? instance : '',
    samples: one.values.map(readSample),
  };
}

/** `[seconds, "value"]`: the value is a text, "NaN" and "+Inf" among them. */
function readSample(sample: unknown): readonly [number, number] {
  const [time, text] = Array.isArray(sample) ? (sample as unknown[]) : [];
  if (typeof time !== 'number' || !Number.isFinite(time) || typeof text !== 'string' || text.trim() === '')
    throw problem(
      'SP-METRIC-ANSWER',
      'a sample cannot be read',
      '[time, "value"]',
      JSON.stringify(sample).slice(0, 100),
    );
  return [time, text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text)];
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

function problem(code: string, message: string, expected: string, found: string): SallyportError {
  return new SallyportError({ code, message, expected, found });
}
