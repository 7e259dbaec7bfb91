import { problemOf } from '../../model/error.ts';
import type { WatchSign } from '../state/sign.ts';
import { type CanaryState, isOver, parseState } from '../state/state.ts';
import { finishRollback } from './begin.ts';
import { toZero } from './rollback.ts';
import type { World } from './world.ts';

export type Watcher = Pick<World, 'store' | 'traffic' | 'time' | 'log' | 'holder'> & {
  sign: WatchSign;
  lease: number;
  poll: number;
  /** Given when the watcher is to end. */
  signal: AbortSignal;
};

/** How many leases a watcher stays after an end, in case a controller that slept through it wakes up. */
const STAYS = 2;

/**
 * Watches the state and sets the weight back when its holder has given no sign for a lease. Time is this process's own
 * monotonic clock: what counts is for how long the record has not changed, not what it says of itself. With
 * `untilOver` it ends some leases after the promotion has; otherwise it watches for ever.
 *
 * Each time round it gives its sign of life, without which no promotion begins.
 *
 * The weight is 0 within lease + poll + propagation, as long as the state and the provider answer.
 */
export async function watch(world: Watcher, untilOver: boolean): Promise<void> {
  let known: { version: string; since: number } | null = null;
  let overSince: number | null = null;
  let last: CanaryState | null = null;
  let seen = false;
  while (!world.signal.aborted) {
    const now = world.time.monotonic();
    await giveSign(world);
    try {
      const { version, text } = await world.store.read();
      const found = text === null ? null : parseState(text);
      if (found === null && last !== null && !isOver(last.phase)) await stateIsGone(world, last);
      last = found;
      if (known === null || known.version !== version) known = { version, since: now };
      seen ||= last !== null;
      if (last === null ? seen : isOver(last.phase)) {
        overSince ??= now;
        if (last?.phase === 'rolled-back') await keepAtZero(world, last);
      } else overSince = null;
      if (last !== null && !isOver(last.phase) && now - known.since >= world.lease) {
        const reason =
          last.phase === 'rolling-back' && last.reason !== null
            ? last.reason
            : `rolled back: the controller gave no sign for ${Math.round(world.lease / 1000)} s`;
        await finishRollback(world, version, last, reason);
        known = null;
      }
    } catch (error) {
      const { code, message } = problemOf(error);
      // Somebody was quicker: what they wrote is looked at next.
      if (code === 'SP-STATE-CONFLICT' || code === 'SP-CANARY-FENCED') known = null;
      else world.log.warn(`${code}: ${message}`);
    }
    if (untilOver && overSince !== null && now - overSince >= STAYS * world.lease) return;
    await world.time.sleep(world.poll, world.signal).catch(() => undefined);
  }
}

/**
 * The sign says that this watcher could set the weight back: it is given only after the provider has answered, which
 * also renews the credential for it.
 */
async function giveSign(world: Watcher): Promise<void> {
  try {
    await world.traffic.get();
    await world.sign.give();
  } catch (error) {
    const { code, message } = problemOf(error);
    world.log.warn(`no sign was given: ${code}: ${message}`);
  }
}

/** Whoever removed the state in the middle of a promotion has left nobody who could end it. */
async function stateIsGone(world: Watcher, before: CanaryState): Promise<void> {
  world.log.warn('the state is gone: setting the weight to 0');
  await toZero(world.traffic, before.fence + 1, world.time, world.lease);
}

/** Without a fence at the provider, a controller that was stopped between asking and setting may still set a weight. */
async function keepAtZero(world: Watcher, state: CanaryState): Promise<void> {
  if (world.traffic.fenced || (await world.traffic.get()) === 0) return;
  // A new promotion may have begun since the state was read.
  const { text } = await world.store.read();
  if (text === null || parseState(text).fence !== state.fence) return;
  world.log.warn('the weight is not 0 after the rollback: setting it back');
  await world.traffic.set(0, state.fence);
}
