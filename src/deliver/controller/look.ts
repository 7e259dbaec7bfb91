import type { Reading } from '../metrics/source.ts';
import type { CanaryPlan } from '../plan/schema.ts';
import type { CanaryState, CoursePoint } from '../state/state.ts';
import { addCounts, checkCounts, type Look } from '../statistics/counts.ts';
import type { MetricEvidence, RunningMetric } from '../statistics/metric.ts';

const MAX_POINTS = 120;

/** What a look changed in the state, and whether it showed a canary that is really served. */
export interface Taken {
  change: Partial<CanaryState>;
  evidence: MetricEvidence[];
  /** Why the data is no sign of health, or null. */
  lacking: string | null;
}

/** Takes a reading of (consumedTo, to] into the tests and the state. The tests are changed in place. */
export function takeLook(
  plan: CanaryPlan,
  state: CanaryState,
  tests: readonly RunningMetric[],
  reading: Reading,
  to: number,
): Taken {
  // All or nothing: a look of which only some metrics were taken in would be read again.
  for (const look of reading.looks.flat()) {
    checkCounts('canary', look.canary);
    checkCounts('baseline', look.baseline);
  }
  for (const [index, test] of tests.entries()) test.add(reading.looks[index] ?? []);
  const evidence = tests.map((test) => test.evidence());
  const inStep = sum(state.inStep, reading.arms);
  const lacking = whatLacks(plan, state.weight, inStep, reading.arms);
  const nearest = [...evidence].sort((a, b) => b.worse - b.rollbackAt - (a.worse - a.rollbackAt))[0];
  const point: CoursePoint = {
    at: to,
    weight: state.weight,
    ...reading.arms,
    evidence: round((nearest?.worse ?? 0) / Math.LN10),
    threshold: round((nearest?.rollbackAt ?? 0) / Math.LN10),
  };
  return {
    change: {
      consumedTo: to,
      seen: state.seen || lacking === null,
      inStep,
      total: sum(state.total, reading.arms),
      metrics: Object.fromEntries(tests.map((test) => [test.test.name, test.save()])),
      course: shortened([...state.course, point]),
    },
    evidence,
    lacking,
  };
}

/**
 * A canary without requests is not healthy, and neither is one whose share of the requests is not the weight. The share
 * is judged over the step, beyond what chance explains (four standard deviations).
 */
function whatLacks(plan: CanaryPlan, weight: number, inStep: Look, look: Look): string | null {
  if (look.canary.requests === 0) return 'the canary got no requests';
  if (look.baseline.requests === 0) return 'the baseline got no requests';
  const all = inStep.canary.requests + inStep.baseline.requests;
  const wanted = weight / 100;
  const share = inStep.canary.requests / all;
  const chance = 4 * Math.sqrt((wanted * (1 - wanted)) / all);
  if (Math.abs(share - wanted) <= plan.shareTolerance * wanted + chance) return null;
  return `the canary gets ${(100 * share).toPrecision(2)} % of the requests, and its weight is ${weight} %`;
}

function sum(a: Look, b: Look): Look {
  return { canary: addCounts(a.canary, b.canary), baseline: addCounts(a.baseline, b.baseline) };
}

/** Pairs of points become one when there are too many; counts are kept, and weights do not mix. */
function shortened(points: CoursePoint[]): CoursePoint[] {
  if (points.length <= MAX_POINTS) return points;
  const merged: CoursePoint[] = [];
  for (let index = 0; index < points.length; index += 1) {
    const [one, next] = [points[index] as CoursePoint, points[index + 1]];
    if (next === undefined || next.weight !== one.weight) merged.push(one);
    else {
      merged.push({ ...next, ...sum(one, next) });
      index += 1;
    }
  }
  return merged;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
