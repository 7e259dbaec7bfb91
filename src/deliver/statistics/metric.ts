import { SallyportError } from '../../model/error.ts';
import { type AbsoluteTest, above, addAbsolute, below } from './absolute.ts';
import { checkCounts, type Look } from './counts.ts';
import { GRID, type LogWeights, logEvidence, logMixture, newWeights } from './mixture.ts';
import { addRelative, betterThan, type RelativeTest, worseThan } from './relative.ts';

/** What promotion must show for one metric: the canary's rate is below max(`ratio` times the baseline's, `floor`). */
export interface PromotionRule {
  /** R > 1: from this many times the baseline's rate on, the canary counts as bad. */
  ratio: number;
  /** p_floor in (0, 1): a rate that is good whatever the baseline does; from the SLO's error budget. */
  floor: number;
  /** Chance at most of promoting a version that is bad in this sense. */
  beta: number;
}

/** A canary against its baseline, over one or more buckets ("slower than T" is an error of bucket T). */
export interface ComparisonTest {
  kind: 'comparison';
  name: string;
  /** This metric's share of alpha: chance at most of a rollback of a version no worse than `rho` times the baseline. */
  alpha: number;
  rho: number;
  phi: number;
  buckets: number;
  promotion: PromotionRule;
}

/** The canary alone against the error budget of an SLO. */
export interface BudgetTest {
  kind: 'budget';
  name: string;
  alpha: number;
  phi: number;
  /** The rate that the SLO allows, in (0, 1). */
  budget: number;
}

export type MetricTest = ComparisonTest | BudgetTest;

/** What is kept of a metric between looks, as JSON: each row holds `GRID` logarithms in nats. */
export interface MetricState {
  worse: number[][];
  better: number[][];
  low: number[][];
}

export interface MetricEvidence {
  /** ln E against the null "not worse". Rollback at `rollbackAt` or more. */
  worse: number;
  rollbackAt: number;
  /** ln E against the null "bad". Promotion at `promoteAt` or more. Null for an SLO, which only ever stops. */
  good: number | null;
  promoteAt: number | null;
}

/**
 * beta is shared by the two ways to show that a version is good. Under the null "p_c >= max(R*p_b, p_floor)" both
 * nulls are true, so the weighted mean of both e-processes is an e-process; it reaches 1/beta whenever one of them
 * reaches 1/(its share of beta), and sooner if both grow. The one-arm test has the larger share: at error rates well
 * below the floor it alone can decide, and with equal shares 6 of 100 good versions at 0.1 % errors and 5 % weight were
 * left undecided after half an hour (docs/figures-canary.md has today’s figures).
 */
export const PROMOTION_SHARES = [0.3, 0.7] as const;

/** The running test of one metric. Holds no clock and does no I/O; `save` and `resumeMetric` are inverse. */
export class RunningMetric {
  readonly test: MetricTest;
  readonly #worse: LogWeights[];
  readonly #better: LogWeights[];
  readonly #low: LogWeights[];
  readonly #tests: { worse: RelativeTest; better: RelativeTest; low: AbsoluteTest } | { over: AbsoluteTest };

  constructor(test: MetricTest, state?: MetricState) {
    this.test = test;
    const rows = test.kind === 'comparison' ? test.buckets : 1;
    const promotes = test.kind === 'comparison' ? rows : 0;
    this.#worse = restore(state?.worse, rows, test.name);
    this.#better = restore(state?.better, promotes, test.name);
    this.#low = restore(state?.low, promotes, test.name);
    this.#tests =
      test.kind === 'comparison'
        ? {
            worse: worseThan(test.rho, test.phi),
            better: betterThan(test.promotion.ratio, test.phi),
            low: below(test.promotion.floor, test.phi),
          }
        : { over: above(test.budget, test.phi) };
  }

  /** Takes in one look; `looks` has one entry for each bucket. Throws SP-CANARY-COUNTS. */
  add(looks: readonly Look[]): void {
    for (const [bucket, worse] of this.#worse.entries()) {
      const look = looks[bucket];
      if (look === undefined) throw unusable(this.test.name, `${looks.length} buckets`);
      checkCounts('canary', look.canary);
      checkCounts('baseline', look.baseline);
      if ('over' in this.#tests) {
        addAbsolute(worse, this.#tests.over, look.canary);
        continue;
      }
      addRelative(worse, this.#tests.worse, look);
      addRelative(this.#better[bucket] as LogWeights, this.#tests.better, look);
      addAbsolute(this.#low[bucket] as LogWeights, this.#tests.low, look.canary);
    }
  }

  /**
   * Against "not worse" the mean over buckets (an e-process again). For promotion the least of them: the version is
   * bad as soon as one bucket is, and then that bucket's e-process reaches 1/beta with chance beta at most.
   */
  evidence(): MetricEvidence {
    const share = this.#worse.map(() => 1 / this.#worse.length);
    const worse = logMixture(this.#worse.map(logEvidence), share);
    const rollbackAt = -Math.log(this.test.alpha);
    if (this.test.kind === 'budget') return { worse, rollbackAt, good: null, promoteAt: null };
    const good = Math.min(
      ...this.#better.map((better, bucket) =>
        logMixture([logEvidence(better), logEvidence(this.#low[bucket] as LogWeights)], PROMOTION_SHARES),
      ),
    );
    return { worse, rollbackAt, good, promoteAt: -Math.log(this.test.promotion.beta) };
  }

  save(): MetricState {
    const rows = (all: LogWeights[]) => all.map((weights) => Array.from(weights));
    return { worse: rows(this.#worse), better: rows(this.#better), low: rows(this.#low) };
  }
}

function restore(saved: number[][] | undefined, rows: number, name: string): LogWeights[] {
  if (saved === undefined) return Array.from({ length: rows }, newWeights);
  const whole =
    saved.length === rows && saved.every((row) => row.length === GRID && row.every(Number.isFinite));
  if (!whole) throw unusable(name, `${saved.length} rows of ${saved[0]?.length ?? 0}`);
  return saved.map((row) => Float64Array.from(row));
}

function unusable(name: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-CANARY-STATE',
    message: `the kept evidence of metric ${name} does not fit the plan`,
    expected: `rows of ${GRID} finite numbers, one for each bucket`,
    found,
    next: 'roll back, and start again with the plan as it is now',
  });
}
