import type { Look } from './counts.ts';
import { type LogWeights, logSpaced } from './mixture.ts';

/**
 * Two arms, one question: is the canary's error rate p_c above (below) `ratio` times the baseline's p_b?
 *
 * For look i with requests n_c, n_b and errors k_c, k_b, k = k_c + k_b, and
 *
 *     theta0 = ratio*n_c / (ratio*n_c + n_b),    D = 1 + theta0*(psi - 1)
 *     LR_i(psi) = psi^k_c * D^(-k)
 *
 * Given the total of errors, k_c is binomial with theta0 at the border of the null (exactly for Poisson counts), and
 * LR is the likelihood ratio of the odds psi*theta0/(1 - theta0). For independent requests no such approximation is
 * needed: with p_c = ratio*p_b,
 *
 *     E[LR_i] = (1 + p_c*(psi/D - 1))^n_c * (1 + p_b*(1/D - 1))^n_b
 *            <= exp(n_c*p_c*(psi/D - 1) + n_b*p_b*(1/D - 1)) = exp(0) = 1
 *
 * since 1 + x <= exp(x) and n_b*theta0 = ratio*n_c*(1 - theta0). For psi > 1 the bound falls with p_c, so it holds for
 * every p_c <= ratio*p_b; for psi < 1 it holds for every p_c >= ratio*p_b. p_b may differ from look to look, so an
 * outage of both arms is no evidence.
 *
 * phi >= 1 divides the logarithm. If requests come in clusters of at most phi that end within a look, the members stay
 * supermartingales: x^(m/phi) <= 1 + (m/phi)*(x - 1) for m <= phi. Clusters over several looks are not covered.
 *
 * Lindon & Malek, NeurIPS 2022, arXiv 2011.03567; Lindon, Sanden & Shirikian, KDD 2022, arXiv 2205.14762.
 */
export interface RelativeTest {
  /** How many times the baseline's rate is the border of the null. */
  ratio: number;
  /** Design effect, >= 1. */
  phi: number;
  /** The odds ratios psi of the alternatives; all above 1, or all below. */
  odds: Float64Array;
  logOdds: Float64Array;
}

/** Evidence grows where the canary is worse than `rho` times the baseline: odds ratios 1.25 to 64. */
export function worseThan(rho: number, phi: number): RelativeTest {
  return relative(rho, phi, logSpaced(1.25, 64));
}

/** Evidence grows where the canary is better than `ratio` times the baseline (non-inferiority): 1/64 to 1/1.25. */
export function betterThan(ratio: number, phi: number): RelativeTest {
  return relative(ratio, phi, logSpaced(1 / 64, 1 / 1.25));
}

function relative(ratio: number, phi: number, odds: Float64Array): RelativeTest {
  return { ratio, phi, odds, logOdds: odds.map((psi) => Math.log(psi)) };
}

/** Adds ln LR_i(psi)/phi of one look to every member, in place. A look without errors teaches nothing. */
export function addRelative(weights: LogWeights, test: RelativeTest, look: Look): void {
  const { canary, baseline } = look;
  const errors = canary.errors + baseline.errors;
  if (errors === 0) return;
  const pull = test.ratio * canary.requests;
  const share = pull / (pull + baseline.requests);
  const { odds, logOdds, phi } = test;
  for (let j = 0; j < weights.length; j += 1) {
    const gain =
      canary.errors * (logOdds[j] as number) - errors * Math.log1p(share * ((odds[j] as number) - 1));
    weights[j] = (weights[j] as number) + gain / phi;
  }
}
