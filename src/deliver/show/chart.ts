import type { CanaryState } from '../state/state.ts';
import { addCounts } from '../statistics/counts.ts';
import { rateOf } from '../statistics/interval.ts';

/** Points to draw at most: with more, the intervals would hide the lines. */
const POINTS = 60;

interface DrawnPoint {
  at: number;
  weight: number;
  canary: ReturnType<typeof rateOf>;
  baseline: ReturnType<typeof rateOf>;
  evidence: number;
  threshold: number;
}

/** The course of a promotion as points of a chart: counts of neighbours under one weight are put together. */
export function chartPoints(state: CanaryState): DrawnPoint[] {
  const size = Math.max(1, Math.ceil(state.course.length / POINTS));
  const drawn: DrawnPoint[] = [];
  for (let index = 0; index < state.course.length; ) {
    const first = state.course[index];
    if (first === undefined) break;
    let [canary, baseline, last] = [first.canary, first.baseline, first];
    for (index += 1; index < state.course.length; index += 1) {
      const next = state.course[index];
      if (next === undefined || next.weight !== first.weight || index % size === 0) break;
      canary = addCounts(canary, next.canary);
      baseline = addCounts(baseline, next.baseline);
      last = next;
    }
    drawn.push({
      at: last.at - state.startedAt,
      weight: first.weight,
      canary: rateOf(canary),
      baseline: rateOf(baseline),
      evidence: last.evidence,
      threshold: last.threshold,
    });
  }
  const end = state.endedAt ?? state.beat;
  const final = drawn.at(-1);
  if (final !== undefined && end - state.startedAt > final.at)
    drawn.push({ ...final, at: end - state.startedAt, weight: state.weight, canary: null, baseline: null });
  return drawn;
}
