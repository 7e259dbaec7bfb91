import { decide, type Progress } from './course.ts';
import type { CanaryPlan } from './plan/schema.ts';
import { runningTests } from './plan/tests.ts';
import type { Look } from './statistics/counts.ts';

/** What to try: error rates of both arms, and the traffic of the whole service. */
export interface Scenario {
  baseline: number;
  canary: number;
  requestsPerSecond: number;
}

export interface Outcomes {
  runs: number;
  promoted: number;
  rolledBack: number;
  inconclusive: number;
  /** Seconds from the first weight, over the runs that ended so: 10th, 50th, 90th of a hundred. */
  promotionTime: Quantiles | null;
  rollbackTime: Quantiles | null;
}

export interface Quantiles {
  p10: number;
  p50: number;
  p90: number;
}

/** A seeded generator of uniform numbers in [0, 1): mulberry32, enough for a forecast. */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Successes among n trials at rate p, by the gaps between them (about n*p steps); from a few hundred expected on, by
 * the normal approximation, whose error is then far below what a forecast can tell.
 */
function binomial(uniform: () => number, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  const spread = n * p * (1 - p);
  if (spread > 400) {
    const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    return Math.max(0, Math.min(n, Math.round(n * p + normal * Math.sqrt(spread))));
  }
  if (p > 0.5) return n - binomial(uniform, n, 1 - p);
  const scale = 1 / Math.log1p(-p);
  let count = 0;
  for (let at = 0; ; ) {
    at += Math.floor(Math.log(1 - uniform()) * scale) + 1;
    if (at > n) return count;
    count += 1;
  }
}

/** Walks the plan `runs` times with random traffic; every metric sees the same error rates. */
export function simulatePlan(plan: CanaryPlan, scenario: Scenario, runs: number, seed: number): Outcomes {
  const uniform = generator(seed);
  const times = { promote: [] as number[], rollback: [] as number[], inconclusive: [] as number[] };
  for (let run = 0; run < runs; run += 1) {
    const { kind, time } = walk(plan, scenario, uniform);
    times[kind].push(time / 1000);
  }
  return {
    runs,
    promoted: times.promote.length / runs,
    rolledBack: times.rollback.length / runs,
    inconclusive: times.inconclusive.length / runs,
    promotionTime: quantiles(times.promote),
    rollbackTime: quantiles(times.rollback),
  };
}

function walk(
  plan: CanaryPlan,
  scenario: Scenario,
  uniform: () => number,
): { kind: 'promote' | 'rollback' | 'inconclusive'; time: number } {
  const tests = runningTests(plan);
  const total = (scenario.requestsPerSecond * plan.look) / 1000;
  let progress: Progress = { step: 0, inStep: 0, elapsed: plan.propagation, seen: false };
  for (;;) {
    const weight = (plan.steps[progress.step]?.weight ?? 0) / 100;
    const requests = Math.floor(total) + (uniform() < total % 1 ? 1 : 0);
    const toCanary = binomial(uniform, requests, weight);
    for (const { add, test } of tests.map((running) => ({
      add: running.add.bind(running),
      test: running.test,
    }))) {
      const buckets = test.kind === 'comparison' ? test.buckets : 1;
      const looks = Array.from(
        { length: buckets },
        (): Look => ({
          canary: { requests: toCanary, errors: binomial(uniform, toCanary, scenario.canary) },
          baseline: {
            requests: requests - toCanary,
            errors: binomial(uniform, requests - toCanary, scenario.baseline),
          },
        }),
      );
      add(looks);
    }
    progress = {
      step: progress.step,
      inStep: progress.inStep + plan.look,
      elapsed: progress.elapsed + plan.look,
      seen: progress.seen || (toCanary > 0 && toCanary < requests),
    };
    const move = decide(
      plan,
      progress,
      tests.map((running) => running.evidence()),
    );
    if (move.kind === 'advance') {
      progress = { step: move.step, inStep: 0, elapsed: progress.elapsed + plan.propagation, seen: false };
    } else if (move.kind !== 'stay') return { kind: move.kind, time: progress.elapsed + plan.lag };
  }
}

function quantiles(values: number[]): Quantiles | null {
  if (values.length === 0) return null;
  const sorted = values.sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return { p10: at(0.1), p50: at(0.5), p90: at(0.9) };
}
