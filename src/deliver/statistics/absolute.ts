import type { ArmCounts } from './counts.ts';
import { type LogWeights, logSpaced } from './mixture.ts';

/**
 * One arm against a fixed error rate p0. With alternatives p1 and n requests of which k are errors in a look,
 *
 *     LR_i(p1) = (p1/p0)^k * ((1 - p1)/(1 - p0))^(n - k)
 *
 * the likelihood ratio of independent requests. E[LR_i] is linear in p for one request and 1 at p = p0, so with p1 > p0
 * it is at most 1 for every p <= p0 (evidence that the rate is above), with p1 < p0 for every p >= p0 (evidence that
 * it is below). phi >= 1 divides the logarithm, as in relative.ts.
 *
 * The SLO's test takes p0 = the error budget and p1 above it. Promotion takes p0 = p_floor and p1 below it: without an
 * error it needs little more than ln(1/level)/p_floor requests.
 *
 * Howard & Ramdas, arXiv 1906.09712; Wald, Ann. Math. Statist. 16 (1945), 117-186.
 */
export interface AbsoluteTest {
  /** The border p0 of the null: a rate in (0, 1). */
  rate: number;
  phi: number;
  /** ln(p1/p0) for an error. */
  perError: Float64Array;
  /** ln((1 - p1)/(1 - p0)) for a success. */
  perSuccess: Float64Array;
}

/** The largest alternative: a rate of 1 would make a single success impossible. */
const CEILING = 0.95;

/** Evidence grows where the rate is above `rate`: alternatives from 1.25 to 64 times, at most 0.95. */
export function above(rate: number, phi: number): AbsoluteTest {
  const low = Math.min(1.25 * rate, (rate + 1) / 2);
  const high = Math.max(low, Math.min(64 * rate, CEILING));
  return absolute(rate, phi, logSpaced(low, high));
}

/** Evidence grows where the rate is below `rate`: alternatives from 1/32 to 1/1.5 of it. */
export function below(rate: number, phi: number): AbsoluteTest {
  return absolute(rate, phi, logSpaced(rate / 32, rate / 1.5));
}

function absolute(rate: number, phi: number, alternatives: Float64Array): AbsoluteTest {
  return {
    rate,
    phi,
    perError: alternatives.map((p1) => Math.log(p1 / rate)),
    perSuccess: alternatives.map((p1) => Math.log1p(-p1) - Math.log1p(-rate)),
  };
}

/** Adds ln LR_i(p1)/phi of one look to every member, in place. */
export function addAbsolute(weights: LogWeights, test: AbsoluteTest, counts: ArmCounts): void {
  const { perError, perSuccess, phi } = test;
  const successes = counts.requests - counts.errors;
  for (let j = 0; j < weights.length; j += 1) {
    const gain = counts.errors * (perError[j] as number) + successes * (perSuccess[j] as number);
    weights[j] = (weights[j] as number) + gain / phi;
  }
}
