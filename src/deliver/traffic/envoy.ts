import type { Http } from '../../platform/http.ts';
import { type Traffic, trafficProblem } from './traffic.ts';

/** Whoever sets a weight tries again by himself, and reads back what came of it. */
const ONCE = { limits: { bytes: 4 * 1024 * 1024, timeout: 3_000 }, retries: 0, redirects: 0, plain: true };

/**
 * Envoy's runtime (https://www.envoyproxy.io/docs/envoy/latest/operations/admin#post--runtime_modify): needs an
 * `admin_layer`; the route's `runtime_fraction` (denominator HUNDRED) names the key. Lost at a restart.
 */
export function envoy(plan: { admin: string; key: string }, http: Http): Traffic {
  const name = `Envoy runtime key ${plan.key}`;
  const admin = plan.admin.replace(/\/$/u, '');
  return {
    name,
    fenced: false,
    get: async () => {
      const answer = await http.request({
        method: 'GET',
        url: `${admin}/runtime?format=json`,
        ...ONCE,
      });
      const text = answer.body.toString('utf8');
      if (answer.status !== 200) throw trafficProblem(name, 'HTTP 200', `HTTP ${answer.status} ${text}`);
      let value: unknown;
      try {
        const { entries } = JSON.parse(text) as { entries?: Record<string, { final_value?: unknown }> };
        value =
          entries !== undefined && Object.hasOwn(entries, plan.key) ? entries[plan.key]?.final_value : '0';
      } catch {
        throw trafficProblem(name, 'the runtime as JSON', text);
      }
      const weight = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
      if (!(weight >= 0 && weight <= 100)) throw trafficProblem(name, '0 to 100', String(value));
      return weight;
    },
    set: async (weight) => {
      const answer = await http.request({
        method: 'POST',
        url: `${admin}/runtime_modify?${encodeURIComponent(plan.key)}=${weight}`,
        ...ONCE,
      });
      const text = answer.body.toString('utf8');
      if (answer.status !== 200 || text.trim() !== 'OK')
        throw trafficProblem(name, 'HTTP 200 OK', `HTTP ${answer.status} ${text}`);
    },
  };
}
