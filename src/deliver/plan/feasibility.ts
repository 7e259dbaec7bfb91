import { SallyportError } from '../../model/error.ts';
import { addAbsolute, below } from '../statistics/absolute.ts';
import { PROMOTION_SHARES } from '../statistics/metric.ts';
import { logEvidence, logMixture, newWeights } from '../statistics/mixture.ts';
import { addRelative, betterThan } from '../statistics/relative.ts';
import type { LoadedPlan } from './read.ts';
import type { CanaryPlan } from './schema.ts';

/** The best that can happen: the canary makes no error, and every step is left as early as it may be. */
export interface Reach {
  /** Milliseconds from the first weight to promotion; null where not even a hundred deadlines would do. */
  needed: number | null;
  /** Milliseconds that the plan has. */
  available: number;
  /** Requests a second of the whole service with which `available` would do; null where none would. */
  traffic: number | null;
}

const FAR = 100;

export function reachOf(plan: CanaryPlan): Reach {
  const available = timeOf(plan);
  const needed = promotionTime(plan, plan.expected.requestsPerSecond, FAR * plan.deadline);
  let traffic: number | null = null;
  let [low, high] = [0, plan.expected.requestsPerSecond];
  while (high < 1e9 && !enough(plan, high, available)) [low, high] = [high, high * 2];
  if (enough(plan, high, available)) {
    for (let i = 0; i < 30; i += 1) {
      const middle = (low + high) / 2;
      if (enough(plan, middle, available)) high = middle;
      else low = middle;
    }
    traffic = high;
  }
  return { needed, available, traffic };
}

/** Throws SP-CANARY-UNREACHABLE with the time or the traffic that the plan would need. */
export function requireReachable(loaded: LoadedPlan): Reach {
  const { plan } = loaded;
  const reach = reachOf(plan);
  if (reach.needed !== null && reach.needed <= reach.available) return reach;
  const minimum = plan.steps.reduce((sum, step) => sum + step.min + plan.propagation, 0);
  const needs = [
    ...(reach.needed === null ? [] : [`${minutes(reach.needed)} at this traffic`]),
    ...(reach.traffic === null ? [] : [`${reach.traffic.toPrecision(3)} requests a second in this time`]),
  ];
  throw new SallyportError({
    code: 'SP-CANARY-UNREACHABLE',
    message:
      'the plan cannot end in a promotion: not even a canary without errors gives enough evidence in time',
    place: loaded.place(['deadline']),
    expected:
      minimum > plan.deadline
        ? `a deadline longer than the shortest way through the steps (${minutes(minimum)})`
        : needs.join(', or '),
    found: `${minutes(reach.available)} at ${plan.expected.requestsPerSecond} requests a second`,
    next: 'a longer deadline or last step, more weight, or a higher promotion.floor',
  });
}

function minutes(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / 60_000)} min`;
}

/** As long as the plan may run: the deadline, or the shortest way to the last step and all of that. */
function timeOf(plan: CanaryPlan): number {
  const before = plan.steps.slice(0, -1).reduce((sum, step) => sum + step.min, 0);
  const settling = plan.steps.length * plan.propagation;
  return Math.min(plan.deadline, before + settling + (plan.steps.at(-1)?.max ?? 0));
}

function enough(plan: CanaryPlan, requestsPerSecond: number, available: number): boolean {
  const needed = promotionTime(plan, requestsPerSecond, available);
  return needed !== null && needed <= available;
}

/**
 * Walks the looks with expected counts. Every comparison of the plan must reach 1/beta; with equal counts the largest
 * design effect decides.
 */
function promotionTime(plan: CanaryPlan, requestsPerSecond: number, limit: number): number | null {
  const phi = Math.max(...plan.metrics.filter((m) => m.kind !== 'slo').map((m) => m.phi));
  const tests = { better: betterThan(plan.promotion.ratio, phi), low: below(plan.promotion.floor, phi) };
  const [better, low] = [newWeights(), newWeights()];
  const at = -Math.log(plan.promotion.beta);
  const seconds = plan.look / 1000;
  let time = 0;
  for (const [index, step] of plan.steps.entries()) {
    const last = index === plan.steps.length - 1;
    time += plan.propagation;
    const share = step.weight / 100;
    const canary = { requests: requestsPerSecond * share * seconds, errors: 0 };
    const requests = requestsPerSecond * (1 - share) * seconds;
    const baseline = { requests, errors: requests * plan.expected.errorRate };
    for (let inStep = 0; ; ) {
      const good = logMixture([logEvidence(better), logEvidence(low)], PROMOTION_SHARES) >= at;
      if (inStep >= step.min && (!last || good)) break;
      if (time > limit) return null;
      addRelative(better, tests.better, { canary, baseline });
      addAbsolute(low, tests.low, canary);
      inStep += plan.look;
      time += plan.look;
    }
  }
  return time + plan.lag;
}
