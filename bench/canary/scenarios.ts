import { newWeights, reaches } from '../../src/deliver/statistics/mixture.ts';
import { addRelative, worseThan } from '../../src/deliver/statistics/relative.ts';
import { Random } from './random.ts';

/** A situation in which the canary is as good as the baseline: any rollback is a false one. */
export interface ScenarioResult {
  name: string;
  what: string;
  runs: number;
  falseRollbacks: number;
  /** Whether the guarantee covers it. Where it does not, the figure stands in the docs all the same. */
  guaranteed: boolean;
}

const AT = Math.log(100);
const PER_LOOK = 500;
const LOOKS = 180;

interface Counts {
  nc: number;
  kc: number;
  nb: number;
  kb: number;
}

/** What one look counts; null where the controller discards it. */
type Source = (look: number, random: Random) => Counts | null;

interface Scenario {
  name: string;
  what: string;
  guaranteed: boolean;
  phi: number;
  /** Judged once after the last look, and not at each. */
  once?: boolean;
  source(): Source;
}

/** Both arms at the same rate. */
function alike(random: Random, weight: number, rate: number, requests = PER_LOOK): Counts {
  const nc = random.binomial(requests, weight);
  const nb = requests - nc;
  return { nc, kc: random.binomial(nc, rate), nb, kb: random.binomial(nb, rate) };
}

function sum(a: Counts, b: Counts): Counts {
  return { nc: a.nc + b.nc, kc: a.kc + b.kc, nb: a.nb + b.nb, kb: a.kb + b.kb };
}

const ramp = (look: number) => [0.05, 0.1, 0.25, 0.5][Math.floor((look * 4) / LOOKS)] ?? 0.5;
const changes = (look: number) => look > 0 && ramp(look) !== ramp(look - 1);
/** The rate jumps whenever the weight does, as where the change of weight itself costs both arms something. */
const worseAfter = (look: number) => [0.0005, 0.005, 0.02, 0.08][Math.floor((look * 4) / LOOKS)] ?? 0.08;

/** Errors come in groups of `size` requests of one user, all in one look and one arm. */
const grouped =
  (size: number): (() => Source) =>
  () =>
  (_look, random) => {
    const one = alike(random, 0.1, 0.005, PER_LOOK / size);
    return { nc: one.nc * size, kc: one.kc * size, nb: one.nb * size, kb: one.kb * size };
  };

/** A user's failing requests are spread over `over` looks, `each` in every one, always in the same arm. */
const spread =
  (over: number, each: number): (() => Source) =>
  () => {
    const [canary, base] = [new Int32Array(LOOKS + over), new Int32Array(LOOKS + over)];
    return (look, random) => {
      const users = random.binomial(PER_LOOK, 0.005 / (over * each));
      for (let user = 0; user < users; user += 1) {
        const arm = random.uniform() < 0.1 ? canary : base;
        for (let later = look; later < look + over; later += 1) arm[later] = (arm[later] ?? 0) + each;
      }
      const nc = random.binomial(PER_LOOK, 0.1);
      const nb = PER_LOOK - nc;
      return { nc, kc: Math.min(nc, canary[look] ?? 0), nb, kb: Math.min(nb, base[look] ?? 0) };
    };
  };

const straddling =
  (discarded: boolean): (() => Source) =>
  () =>
  (look, random) => {
    if (!changes(look)) return alike(random, ramp(look), worseAfter(look));
    if (discarded) return null;
    return sum(
      alike(random, ramp(look - 1), worseAfter(look - 1), PER_LOOK / 2),
      alike(random, ramp(look), worseAfter(look), PER_LOOK / 2),
    );
  };

export const scenarios: Scenario[] = [
  {
    name: 'outage of both arms',
    what: '10 % weight, 0.1 % errors; 30 % in both arms for five minutes',
    guaranteed: true,
    phi: 1,
    source: () => (look, random) => alike(random, 0.1, look >= 60 && look < 90 ? 0.3 : 0.001),
  },
  {
    name: 'total outage of both arms',
    what: 'the same with 100 % errors',
    guaranteed: true,
    phi: 1,
    source: () => (look, random) => alike(random, 0.1, look >= 60 && look < 90 ? 1 : 0.001),
  },
  {
    name: 'ramp',
    what: 'weights 5, 10, 25, 50 % at 0.5 % errors',
    guaranteed: true,
    phi: 1,
    source: () => (look, random) => alike(random, ramp(look), 0.005),
  },
  {
    name: 'ramp, rates that change with it',
    what: 'the same; 0.05, 0.5, 2, 8 % errors in both arms; the look with the change is discarded',
    guaranteed: true,
    phi: 1,
    source: straddling(true),
  },
  {
    name: 'look that straddles the change',
    what: 'the same, the look with the change is counted as if nothing had happened',
    guaranteed: false,
    phi: 1,
    source: straddling(false),
  },
  {
    name: 'clusters of 5 within a look, phi 5',
    what: '10 % weight, 0.5 % of users fail, five requests each',
    guaranteed: true,
    phi: 5,
    source: grouped(5),
  },
  {
    name: 'clusters of 5 within a look, phi 1',
    what: 'the same without a design effect',
    guaranteed: false,
    phi: 1,
    source: grouped(5),
  },
  {
    name: 'clusters of 20 over 10 looks, phi 20',
    what: '10 % weight, 0.5 % errors; a user fails twice a look in one arm for ten looks; judged at every look',
    guaranteed: false,
    phi: 20,
    source: spread(10, 2),
  },
  {
    name: 'the same, judged once at the end',
    what: 'phi is the whole cluster; users who are still failing at the end are cut short, which only makes clusters smaller',
    guaranteed: true,
    phi: 20,
    once: true,
    source: spread(10, 2),
  },
  {
    name: 'clusters of 20 over 10 looks, phi 2',
    what: 'phi is only what falls into one look',
    guaranteed: false,
    phi: 2,
    source: spread(10, 2),
  },
];

/** How often the e-process with rho = 1, alpha = 1 % rolls back where nothing is wrong with the canary. */
export function simulateScenario(scenario: Scenario, runs: number, seed: number): ScenarioResult {
  const random = new Random(seed);
  const test = worseThan(1, scenario.phi);
  let falseRollbacks = 0;
  for (let run = 0; run < runs; run += 1) {
    const weights = newWeights();
    const next = scenario.source();
    for (let look = 0; look < LOOKS; look += 1) {
      const counts = next(look, random);
      if (counts === null) continue;
      addRelative(weights, test, {
        canary: { requests: counts.nc, errors: counts.kc },
        baseline: { requests: counts.nb, errors: counts.kb },
      });
      if ((scenario.once !== true || look === LOOKS - 1) && reaches(weights, AT)) {
        falseRollbacks += 1;
        break;
      }
    }
  }
  const { name, what, guaranteed } = scenario;
  return { name, what, guaranteed, runs, falseRollbacks: falseRollbacks / runs };
}
