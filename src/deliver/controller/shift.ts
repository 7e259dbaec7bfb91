import { problemOf } from '../../model/error.ts';
import { isInForce, setAndVerify, trafficProblem } from '../traffic/traffic.ts';
import type { Hold } from './hold.ts';
import { secondsText } from './reasons.ts';
import type { World } from './world.ts';

const SET_ATTEMPTS = 3;
const SET_PAUSE = 500;
const ASK = 1_000;

/**
 * Brings the weight of the state into force and reads it back. Where another controller shifts, it is asked once and
 * waited for; `beat` renews the lease meanwhile. Throws SP-TRAFFIC, SP-CANARY-FENCED, Interrupted.
 */
export async function shift(
  world: Pick<World, 'traffic' | 'time' | 'signal' | 'loaded'>,
  hold: Hold,
  beat: () => Promise<void>,
): Promise<void> {
  const { traffic, time, signal, loaded } = world;
  const { weight, fence } = hold.state;
  if (traffic.patience !== undefined) {
    await waitFor(world, hold, traffic.patience, beat);
    await hold.check();
    return;
  }
  const started = time.monotonic();
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (!traffic.fenced) await hold.check();
      await setAndVerify(traffic, weight, fence);
      // Where the provider keeps no fence, one that rose meanwhile is seen here, and the weight goes back to 0.
      if (!traffic.fenced) await hold.check();
      return;
    } catch (error) {
      const { code } = problemOf(error);
      // Who refuses is not asked for long; who does not answer is waited for while the lease is safe.
      const waited = code === 'SP-TRAFFIC' || time.monotonic() - started > loaded.plan.lease / 3;
      if (code === 'SP-CANARY-FENCED' || (attempt >= SET_ATTEMPTS && waited)) throw error;
    }
    await time.sleep(SET_PAUSE, signal);
  }
}

/** Asked twice, such a controller might go two steps: it is asked once. */
async function waitFor(
  { traffic, time, signal, loaded }: Pick<World, 'traffic' | 'time' | 'signal' | 'loaded'>,
  hold: Hold,
  patience: number,
  beat: () => Promise<void>,
): Promise<void> {
  const { weight, fence } = hold.state;
  await hold.check();
  if (isInForce(await traffic.get(), weight)) return;
  await traffic.set(weight, fence);
  const started = time.monotonic();
  let beaten = started;
  for (;;) {
    const found = await traffic.get();
    if (isInForce(found, weight)) return;
    const now = time.monotonic();
    if (now - started > patience) {
      const after = `${found} % ${secondsText(patience)} after ${weight} % was asked for`;
      throw trafficProblem(traffic.name, `${weight} %`, after);
    }
    if (now - beaten >= loaded.plan.lease / 4) {
      await beat();
      beaten = now;
    }
    await time.sleep(Math.min(ASK, loaded.plan.lease / 4), signal);
  }
}
