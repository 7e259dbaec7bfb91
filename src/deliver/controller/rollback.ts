import { problemOf, SallyportError } from '../../model/error.ts';
import { setAndVerify, type Traffic } from '../traffic/traffic.ts';
import type { Hold } from './hold.ts';
import type { Time } from './time.ts';
import type { Ending, World } from './world.ts';

const FIRST_PAUSE = 250;
const LONGEST_PAUSE = 2_000;

/**
 * Sets the weight to 0 until the provider says that it is 0, at most `limit` milliseconds. Idempotent. Throws
 * SP-CANARY-FENCED where another holder has taken over, SP-CANARY-ROLLBACK where the time is over.
 */
export async function toZero(traffic: Traffic, fence: number, time: Time, limit: number): Promise<void> {
  const started = time.monotonic();
  for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      await setAndVerify(traffic, 0, fence);
      return;
    } catch (error) {
      if (error instanceof SallyportError && error.code === 'SP-CANARY-FENCED') throw error;
      if (time.monotonic() - started + pause > limit) {
        throw new SallyportError(
          {
            code: 'SP-CANARY-ROLLBACK',
            message: 'THE CANARY MAY STILL GET TRAFFIC: its weight could not be set to 0',
            expected: `${traffic.name} at 0 %`,
            found: problemOf(error).message,
            next: 'set it by hand; sallyport canary rollback tries again',
          },
          { cause: error },
        );
      }
      await time.sleep(pause);
    }
  }
}

/** Rolls back as the holder: says so in the state, sets the weight, says that it is done. */
export async function rollBack(world: World, hold: Hold, reason: string, limit: number): Promise<Ending> {
  world.log.warn(`rolling back: ${reason}`);
  const isFence = (error: unknown) => error instanceof SallyportError && error.code === 'SP-CANARY-FENCED';
  const takenOver = (error: unknown): Ending => ({
    outcome: 'taken-over',
    reason: `${problemOf(error).message}: ${problemOf(error).found ?? ''}`,
    state: hold.state,
  });
  try {
    await hold.update({
      phase: 'rolling-back',
      before: hold.state.weight,
      weight: 0,
      reason,
      beat: world.time.now(),
    });
  } catch (error) {
    if (isFence(error)) return takenOver(error);
    // Where the state cannot be written, the weight still can, and 0 is right whoever holds the state.
    world.log.warn(`the state cannot be written: ${problemOf(error).message}`);
  }
  try {
    await toZero(world.traffic, hold.state.fence, world.time, limit);
  } catch (error) {
    if (isFence(error)) return takenOver(error);
    throw error;
  }
  const ended = {
    phase: 'rolled-back',
    weight: 0,
    reason,
    endedAt: world.time.now(),
    beat: world.time.now(),
  } as const;
  try {
    await hold.update(ended);
  } catch (error) {
    if (isFence(error)) return takenOver(error);
    world.log.warn(`the weight is 0, but the state cannot be written: ${problemOf(error).message}`);
  }
  const state = { ...hold.state, ...ended };
  world.changed(state);
  return { outcome: 'rolled-back', reason, state };
}
