import { problemOf, SallyportError } from '../../model/error.ts';
import { decide, type Move } from '../course.ts';
import { runningTests } from '../plan/tests.ts';
import { type ArmCounts, addCounts, NO_REQUESTS } from '../statistics/counts.ts';
import type { MetricEvidence, RunningMetric } from '../statistics/metric.ts';
import { isInForce } from '../traffic/traffic.ts';
import { begin, takeOver } from './begin.ts';
import type { Hold } from './hold.ts';
import { takeLook } from './look.ts';
import { reasonFor, secondsText } from './reasons.ts';
import { rollBack } from './rollback.ts';
import { shift } from './shift.ts';
import { Interrupted } from './time.ts';
import type { Ending, World } from './world.ts';

/** How long a rollback tries, and after a signal: runners kill 7.5 s after SIGINT. */
const ROLLBACK_LIMIT = 120_000;
const SIGNAL_LIMIT = 5_000;
const KEEP_PAUSE = 500;

/** A new promotion from its first step to its end. */
export async function promote(world: World): Promise<Ending> {
  const hold = await begin(world);
  try {
    await world.armLease();
  } catch (error) {
    const reason = `nothing was begun: ${problemOf(error).message}`;
    const endedAt = world.time.now();
    await hold.update({ phase: 'rolled-back', reason, endedAt, beat: endedAt });
    throw error;
  }
  return await new Controller(world, hold).drive('new');
}

/** Goes on where a controller was killed; null where only its rollback was left to finish. */
export async function resume(world: World): Promise<Ending | null> {
  const hold = await takeOver(world);
  return hold === null ? null : await new Controller(world, hold).drive('resumed');
}

/** Ends the course with a rollback, for the reason given. */
class Stop extends Error {}

class Controller {
  readonly #world: World;
  readonly #hold: Hold;
  readonly #tests: RunningMetric[];
  /** Counts of each metric since this process began, for the sentence at the end. */
  readonly #counts: { canary: ArmCounts; baseline: ArmCounts }[];
  #evidence: MetricEvidence[];
  #problem: string | null = null;
  #renewed: number;

  constructor(world: World, hold: Hold) {
    this.#world = world;
    this.#hold = hold;
    const saved = Object.keys(hold.state.metrics).length === 0 ? undefined : hold.state.metrics;
    this.#tests = runningTests(world.loaded.plan, saved);
    this.#counts = this.#tests.map(() => ({ canary: NO_REQUESTS, baseline: NO_REQUESTS }));
    this.#evidence = this.#tests.map((test) => test.evidence());
    this.#renewed = world.time.monotonic();
  }

  async drive(how: 'new' | 'resumed'): Promise<Ending> {
    const { world, hold } = { world: this.#world, hold: this.#hold };
    try {
      if (how === 'new') await this.#enter(0);
      else {
        await world.armLease();
        await this.#recover();
      }
      for (;;) {
        const ending = hold.state.phase === 'promoting' ? await this.#finish() : await this.#look();
        if (ending !== null) return ending;
      }
    } catch (error) {
      const { code, message, found } = problemOf(error);
      if (code === 'SP-CANARY-FENCED') {
        // A weight that was on its way when the fence rose must not stay.
        if (!world.traffic.fenced && !(await this.#othersGoOn()))
          await world.traffic.set(0, hold.state.fence);
        return { outcome: 'taken-over', reason: `${message}: ${found ?? ''}`, state: hold.state };
      }
      const after = secondsText(world.time.now() - hold.state.startedAt);
      const interrupted = error instanceof Interrupted;
      const why =
        error instanceof Stop
          ? error.message
          : `${interrupted ? error.message : `${code} ${message}`}${found === undefined ? '' : ` (${found})`}`;
      const reason =
        why.startsWith('rolled back') || why.startsWith('no decision')
          ? why
          : `rolled back after ${after}: ${why}`;
      const limit = ROLLBACK_LIMIT + (world.traffic.patience ?? 0);
      return await rollBack(world, hold, reason, interrupted ? SIGNAL_LIMIT : limit);
    }
  }

  async #othersGoOn(): Promise<boolean> {
    try {
      const { text } = await this.#world.store.read();
      const phase = text === null ? undefined : (JSON.parse(text) as { phase?: unknown }).phase;
      return phase !== 'rolled-back' && phase !== 'rolling-back';
    } catch {
      return false;
    }
  }

  /** Writes what is meant to happen, lets it happen, writes that it has. */
  async #enter(step: number): Promise<void> {
    const { plan } = this.#world.loaded;
    const weight = plan.steps[step]?.weight ?? 0;
    const none = { canary: NO_REQUESTS, baseline: NO_REQUESTS };
    await this.#keep({
      phase: 'stepping',
      step,
      before: this.#hold.state.weight,
      weight,
      settled: null,
      seen: false,
      inStep: none,
      waitingSince: null,
    });
    await this.#shift();
    await this.#settle();
  }

  async #settle(): Promise<void> {
    const settled = this.#world.time.now() + this.#world.loaded.plan.propagation;
    await this.#keep({ settled, consumedTo: settled, lastGood: settled });
    this.#world.log.info(`weight ${this.#hold.state.weight} %`);
  }

  async #shift(): Promise<void> {
    await shift(this.#world, this.#hold, async () => await this.#keep({}));
  }

  async #recover(): Promise<void> {
    const { state } = this.#hold;
    const actual = await this.#world.traffic.get();
    const near = (weight: number) => isInForce(actual, weight);
    if (!near(state.weight) && !near(state.before))
      throw new Stop(`somebody else set the weight to ${actual} %, and ${state.weight} % was to be in force`);
    if (state.phase === 'starting') return await this.#enter(0);
    // `#finish` sets the weight and writes that it has.
    if (state.phase === 'promoting') return;
    if (!near(state.weight) || state.settled === null) {
      await this.#shift();
      await this.#settle();
    }
    this.#world.log.info(`resumed at ${state.weight} %`);
  }

  async #finish(): Promise<Ending> {
    await this.#shift();
    const { time } = this.#world;
    await this.#keep({ phase: 'promoted', endedAt: time.now() });
    return { outcome: 'promoted', reason: this.#hold.state.reason ?? 'promoted', state: this.#hold.state };
  }

  /** Writes through, and knows when the lease was last renewed. */
  async #update(change: Parameters<Hold['update']>[0]): Promise<void> {
    const started = this.#world.time.monotonic();
    await this.#hold.update({ ...change, beat: this.#world.time.now() });
    this.#renewed = started;
    this.#world.changed(this.#hold.state);
  }

  /** As `update`, but a store that is away is waited for while the lease lasts: then somebody else may act. */
  async #keep(change: Parameters<Hold['update']>[0]): Promise<void> {
    const { time, signal, loaded } = this.#world;
    for (;;) {
      try {
        return await this.#update(change);
      } catch (error) {
        if (problemOf(error).code === 'SP-CANARY-FENCED') throw error;
        if (time.monotonic() - this.#renewed > loaded.plan.lease / 2)
          throw new Stop(`the lease could not be renewed: ${problemOf(error).message}`);
      }
      await time.sleep(KEEP_PAUSE, signal);
    }
  }

  async #look(): Promise<Ending | null> {
    const { time, signal, loaded, traffic, metrics } = this.#world;
    const { plan } = loaded;
    await time.sleep(plan.look, signal);
    const unsafe =
      (await this.#world.unwatched()) ??
      traffic.ending?.() ??
      this.#world.store.ending?.() ??
      metrics.ending?.() ??
      null;
    if (unsafe !== null) throw new Stop(unsafe);
    const before = this.#hold.state;
    const to = time.now() - plan.lag;
    let change: Parameters<Hold['update']>[0] = {};
    let lacking: string | null = null;
    try {
      const actual = await traffic.get();
      if (!isInForce(actual, before.weight))
        throw new Stop(
          `somebody else set the weight to ${actual} %, and ${before.weight} % was to be in force`,
        );
      if (to - before.consumedTo >= plan.look / 2) {
        const reading = await metrics.read(before.consumedTo, to);
        const taken = takeLook(plan, before, this.#tests, reading, to);
        this.#evidence = taken.evidence;
        this.#count(reading.looks);
        change = taken.change;
        lacking = taken.lacking;
        if (lacking === null) change = { ...change, lastGood: time.now() };
      }
    } catch (error) {
      if (error instanceof Stop || !(error instanceof SallyportError)) throw error;
      lacking = `${error.problem.message}${error.problem.found === undefined ? '' : ` (${error.problem.found})`}`;
    }
    if (lacking !== null && lacking !== this.#problem) this.#world.log.warn(lacking);
    this.#problem = lacking;
    await this.#keep(change);
    const { state } = this.#hold;
    if (time.now() - state.lastGood > plan.noData + plan.lag + plan.look)
      throw new Stop(
        `no usable data for ${secondsText(time.now() - state.lastGood)}: ${lacking ?? 'no look was possible'}`,
      );
    return await this.#act(this.#next());
  }

  #next(): Move {
    const { state } = this.#hold;
    const { plan } = this.#world.loaded;
    const now = this.#world.time.now();
    const waiting = state.waitingSince === null ? 0 : now - state.waitingSince;
    return decide(
      plan,
      {
        step: state.step,
        inStep: state.settled === null ? 0 : Math.max(0, state.consumedTo - state.settled),
        elapsed: now - state.startedAt - state.waited - waiting,
        seen: state.seen && this.#problem === null,
      },
      this.#evidence,
    );
  }

  #count(looks: readonly (readonly { canary: ArmCounts; baseline: ArmCounts }[])[]): void {
    for (const [index, [look]] of looks.entries()) {
      const before = this.#counts[index];
      if (look === undefined || before === undefined) continue;
      this.#counts[index] = {
        canary: addCounts(before.canary, look.canary),
        baseline: addCounts(before.baseline, look.baseline),
      };
    }
  }

  async #act(move: Move): Promise<Ending | null> {
    if (move.kind === 'stay') return null;
    const { plan } = this.#world.loaded;
    const now = this.#world.time.now();
    if (move.kind === 'advance') return await this.#advance(move.step);
    const reason = reasonFor(move, plan, this.#hold.state, this.#evidence, this.#counts, now);
    if (move.kind === 'promote') {
      await this.#keep({
        phase: 'promoting',
        before: this.#hold.state.weight,
        weight: 100,
        settled: null,
        reason,
      });
      return null;
    }
    if (move.kind === 'inconclusive' && plan.inconclusive === 'hold') {
      await this.#keep({ phase: 'held', reason, endedAt: now });
      return { outcome: 'held', reason, state: this.#hold.state };
    }
    throw new Stop(reason);
  }

  /** Goes to the next step, or waits for its approval and keeps watching meanwhile. */
  async #advance(step: number): Promise<null> {
    const { plan } = this.#world.loaded;
    const { state } = this.#hold;
    const now = this.#world.time.now();
    if (plan.steps[step]?.approval !== true || state.approved.includes(step)) {
      if (state.waitingSince !== null)
        await this.#keep({ waited: state.waited + now - state.waitingSince, waitingSince: null });
      await this.#enter(step);
    } else if (state.waitingSince === null) {
      this.#world.log.info(`waiting for the approval of ${plan.steps[step]?.weight} %`);
      await this.#keep({ waitingSince: now });
    } else if (now - state.waitingSince > plan.approvalTimeout) {
      throw new Stop(
        `nobody approved ${plan.steps[step]?.weight} % within ${secondsText(plan.approvalTimeout)}`,
      );
    } else await this.#hold.check();
    return null;
  }
}
