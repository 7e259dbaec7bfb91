import { stringify } from 'yaml';
import type { LoadedPlan } from '../plan/read.ts';

/** Keys of the plan whose values are durations: milliseconds once read. */
const DURATIONS = new Set([
  'look',
  'lag',
  'propagation',
  'lease',
  'noData',
  'deadline',
  'approvalTimeout',
  'min',
  'max',
  'scrapeInterval',
  'timeout',
  'interval',
  'period',
  'within',
  'maxAge',
]);

/** How a runner gets at the API server; the reconciler has the access of its pod. */
const ACCESS = ['server', 'tokenFrom', 'tokenFile', 'tokenCommand', 'tokenAudience', 'caFile'];

/** The plan as the reconciler reads it: durations as text again, without the runner's access. */
export function planText({ plan }: LoadedPlan): string {
  const inCluster = (part: object) =>
    Object.fromEntries(Object.entries(part).filter(([name]) => !ACCESS.includes(name)));
  const whole = { ...plan, traffic: inCluster(plan.traffic), state: inCluster(plan.state) };
  const text = JSON.stringify(whole, (key: string, value: unknown) =>
    typeof value === 'number' && DURATIONS.has(key) ? durationText(value) : value,
  );
  return stringify(JSON.parse(text), { lineWidth: 0 });
}

function durationText(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}
