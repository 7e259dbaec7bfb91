import { problemOf } from '../../model/error.ts';
import { isOver, parseState } from '../state/state.ts';
import { finishRollback, refuseOther } from './begin.ts';
import { secondsText } from './reasons.ts';
import { toZero } from './rollback.ts';
import type { World } from './world.ts';

const ATTEMPTS = 10;
const LIMIT = 60_000;

/** Rolls back whatever is under way, from outside; says what it did. Idempotent. Throws SP-CANARY-ROLLBACK. */
export async function rollBackAny(world: World, why: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const { version, text } = await world.store.read();
    const state = text === null ? null : parseState(text);
    refuseOther(world, state);
    if (state?.phase === 'promoted') return 'nothing to roll back: the last promotion has ended at 100 %';
    if (state === null || (isOver(state.phase) && state.phase !== 'held')) {
      if ((await world.traffic.get()) === 0) return 'nothing to roll back: the weight is 0';
      const kept = (await world.traffic.keptFence?.()) ?? 0;
      await toZero(world.traffic, Math.max(state?.fence ?? 0, kept) + 1, world.time, LIMIT);
      return 'the weight was not 0 although nothing is under way; it is 0 now';
    }
    const reason = `rolled back after ${secondsText(world.time.now() - state.startedAt)}: ${why}`;
    try {
      await finishRollback(world, version, state, reason);
      return reason;
    } catch (error) {
      if (problemOf(error).code !== 'SP-STATE-CONFLICT' || attempt === ATTEMPTS) throw error;
    }
  }
}
