import { addAbsolute, below } from '../../src/deliver/statistics/absolute.ts';
import { PROMOTION_SHARES } from '../../src/deliver/statistics/metric.ts';
import { logEvidence, logMixture, newWeights, reaches } from '../../src/deliver/statistics/mixture.ts';
import { addRelative, betterThan, worseThan } from '../../src/deliver/statistics/relative.ts';
import { argoLike, flaggerLike, kayentaLike } from './peers.ts';
import { Random } from './random.ts';

const LOOK_SECONDS = 10;
const LOOKS = 180;
const REQUESTS_A_LOOK = 500;
const AT = Math.log(100);

export interface Cell {
  weight: number;
  baseline: number;
  canary: number;
}

/** Share of runs, and the median over all runs in seconds (null where fewer than half got there). */
export interface Reached {
  share: number;
  median: number | null;
}

export interface CellResult extends Cell {
  runs: number;
  /** The rollback test alone, over the whole half hour. */
  rho1: Reached;
  rho125: Reached;
  /** Whichever came first, with rho = 1: promoted, rolled back, or neither. */
  promoted: Reached;
  rolledBackFirst: number;
  inconclusive: number;
  flagger: Reached;
  argo: Reached;
  kayenta: Reached;
}

const NEVER = Number.POSITIVE_INFINITY;

/** 50 requests a second, a look every 10 s for 30 min, alpha = beta = 1 %, R = 2, p_floor = 0.5 %. */
export function simulateCell(cell: Cell, runs: number, seed: number): CellResult {
  const random = new Random(seed);
  const tests = {
    one: worseThan(1, 1),
    more: worseThan(1.25, 1),
    better: betterThan(2, 1),
    low: below(0.005, 1),
  };
  const times = {
    rho1: new Float64Array(runs),
    rho125: new Float64Array(runs),
    promoted: new Float64Array(runs),
    flagger: new Float64Array(runs),
    argo: new Float64Array(runs),
    kayenta: new Float64Array(runs),
  };
  let rolledBackFirst = 0;
  for (let run = 0; run < runs; run += 1) {
    const [one, more, better, low] = [newWeights(), newWeights(), newWeights(), newWeights()];
    const peers = { flagger: flaggerLike(), argo: argoLike(), kayenta: kayentaLike() };
    const at = { rho1: NEVER, rho125: NEVER, promoted: NEVER, flagger: NEVER, argo: NEVER, kayenta: NEVER };
    let [minuteC, minuteKc, minuteB, minuteKb] = [0, 0, 0, 0];
    for (let look = 1; look <= LOOKS; look += 1) {
      const time = look * LOOK_SECONDS;
      const nc = random.binomial(REQUESTS_A_LOOK, cell.weight);
      const nb = REQUESTS_A_LOOK - nc;
      const kc = random.binomial(nc, cell.canary);
      const kb = random.binomial(nb, cell.baseline);
      const counts = { canary: { requests: nc, errors: kc }, baseline: { requests: nb, errors: kb } };
      if (at.rho1 === NEVER) {
        addRelative(one, tests.one, counts);
        if (reaches(one, AT)) at.rho1 = time;
      }
      if (at.rho125 === NEVER) {
        addRelative(more, tests.more, counts);
        if (reaches(more, AT)) at.rho125 = time;
      }
      if (at.promoted === NEVER && at.rho1 === NEVER) {
        addRelative(better, tests.better, counts);
        addAbsolute(low, tests.low, counts.canary);
        if (logMixture([logEvidence(better), logEvidence(low)], PROMOTION_SHARES) >= AT) at.promoted = time;
      }
      minuteC += nc;
      minuteKc += kc;
      minuteB += nb;
      minuteKb += kb;
      if (time % 60 === 0) {
        for (const name of ['flagger', 'argo', 'kayenta'] as const) {
          if (at[name] === NEVER && peers[name].minute(minuteC, minuteKc, minuteB, minuteKb)) at[name] = time;
        }
        [minuteC, minuteKc, minuteB, minuteKb] = [0, 0, 0, 0];
      }
    }
    if (at.rho1 < NEVER && at.promoted === NEVER) rolledBackFirst += 1;
    for (const name of Object.keys(times) as (keyof typeof times)[]) times[name][run] = at[name];
  }
  const promoted = reached(times.promoted);
  return {
    ...cell,
    runs,
    rho1: reached(times.rho1),
    rho125: reached(times.rho125),
    promoted,
    rolledBackFirst: rolledBackFirst / runs,
    inconclusive: 1 - promoted.share - rolledBackFirst / runs,
    flagger: reached(times.flagger),
    argo: reached(times.argo),
    kayenta: reached(times.kayenta),
  };
}

function reached(times: Float64Array): Reached {
  const sorted = times.slice().sort();
  const count = sorted.filter((time) => time < NEVER).length;
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? NEVER;
  return { share: count / times.length, median: median < NEVER ? median : null };
}
