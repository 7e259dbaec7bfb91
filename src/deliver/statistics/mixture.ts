/**
 * A mixture e-process is the mean of likelihood ratios over a grid of alternatives. Each member is a non-negative
 * supermartingale that starts at 1 under the null hypothesis, so the mean is one too, and by Ville's inequality
 * P(it ever reaches 1/alpha) <= alpha, however often it is looked at and whenever one stops
 * (Howard & Ramdas, arXiv 1906.09712; Turner, Ly & Gruenwald, arXiv 2106.02693).
 *
 * The state is the logarithm of each member: `GRID` numbers in nats. It is additive over looks, so saving it loses
 * nothing.
 */
export const GRID = 32;

/** Natural logarithms of the members; length `GRID`. Starts at zeros: every ratio is 1. */
export type LogWeights = Float64Array;

export function newWeights(): LogWeights {
  return new Float64Array(GRID);
}

/** `GRID` values from `from` to `to`, evenly spaced in their logarithms. Both must be positive. */
export function logSpaced(from: number, to: number): Float64Array {
  const start = Math.log(from);
  const step = (Math.log(to) - start) / (GRID - 1);
  return Float64Array.from({ length: GRID }, (_, j) => Math.exp(start + j * step));
}

/**
 * ln of the mean of exp(weights): the evidence E in nats. Shifted by the maximum, so that neither 1e-300 nor 1e300
 * is lost.
 */
export function logEvidence(weights: LogWeights): number {
  const top = highest(weights);
  if (top === Number.NEGATIVE_INFINITY) return top;
  let sum = 0;
  for (let j = 0; j < weights.length; j += 1) sum += Math.exp((weights[j] as number) - top);
  return top + Math.log(sum / weights.length);
}

/** Whether the evidence is at least `threshold` nats. A mean is never above its largest member: mostly one pass. */
export function reaches(weights: LogWeights, threshold: number): boolean {
  return highest(weights) >= threshold && logEvidence(weights) >= threshold;
}

function highest(weights: LogWeights): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < weights.length; j += 1) if ((weights[j] as number) > top) top = weights[j] as number;
  return top;
}

/** ln of the mean of several e-values given as logarithms, each with its share; the shares add up to 1. */
export function logMixture(logs: readonly number[], shares: readonly number[]): number {
  const top = Math.max(...logs);
  if (top === Number.NEGATIVE_INFINITY) return top;
  let sum = 0;
  for (const [index, value] of logs.entries()) sum += (shares[index] ?? 0) * Math.exp(value - top);
  return top + Math.log(sum);
}
