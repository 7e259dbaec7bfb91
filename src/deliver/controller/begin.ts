import { problemOf, SallyportError } from '../../model/error.ts';
import { type CanaryState, isOver, parseState } from '../state/state.ts';
import { NO_REQUESTS } from '../statistics/counts.ts';
import { Hold } from './hold.ts';
import { secondsText } from './reasons.ts';
import { toZero } from './rollback.ts';
import type { World } from './world.ts';

/** How often the clock may tick differently on two machines before a lease counts as over. */
const ROLLBACK_LIMIT = 60_000;

/**
 * Takes the state for a new promotion. One that is under way is not disturbed (SP-CANARY-BUSY); one whose holder gave no
 * sign within the lease is rolled back first. Nothing is touched before the weight is known to be 0 and the baseline's
 * counters can be read. Throws SP-CANARY-WEIGHT, SP-CANARY-BASELINE, what the metrics throw.
 */
export async function begin(world: World): Promise<Hold> {
  const { loaded, store, time } = world;
  const { plan } = loaded;
  let { version, text } = await store.read();
  let last = text === null ? null : parseState(text);
  refuseOther(world, last);
  if (last !== null && !isOver(last.phase)) {
    const age = time.now() - last.beat;
    if (age <= plan.lease && last.phase !== 'rolling-back') {
      throw new SallyportError({
        code: 'SP-CANARY-BUSY',
        message: `${plan.service} in ${plan.environment} is being promoted already`,
        found: `${last.subject}, held by ${last.holder}, last sign ${secondsText(age)} ago`,
        next: 'wait for its end, or sallyport canary rollback',
      });
    }
    last = (await finishRollback(world, version, last, 'its controller gave no sign within the lease')).state;
    ({ version, text } = await store.read());
  }
  const weight = await world.traffic.get();
  if (weight !== 0) {
    throw new SallyportError({
      code: 'SP-CANARY-WEIGHT',
      message: 'the canary gets traffic before anything has begun',
      expected: `${world.traffic.name} at 0 %`,
      found: `${weight} %`,
      next: 'sallyport canary rollback sets it to 0',
    });
  }
  const now = time.now();
  const { arms } = await world.metrics.read(now - plan.lag - baselineWindow(plan.look), now - plan.lag);
  if (arms.baseline.requests === 0) {
    throw new SallyportError({
      code: 'SP-CANARY-BASELINE',
      message: 'the baseline has no requests: nothing could be compared',
      expected: 'counters of the version that runs, which grow',
      found: `0 requests in ${secondsText(baselineWindow(plan.look))}`,
      next: 'look at the selectors of `baseline` in the plan',
    });
  }
  return await Hold.take(store, version, {
    format: 1,
    service: plan.service,
    environment: plan.environment,
    plan: loaded.sha256,
    subject: world.subject,
    // The state may have been lost; what the provider keeps still counts.
    fence: Math.max(last?.fence ?? 0, (await world.traffic.keptFence?.()) ?? 0) + 1,
    holder: world.holder,
    phase: 'starting',
    step: 0,
    weight: 0,
    before: 0,
    settled: null,
    consumedTo: now,
    startedAt: now,
    beat: now,
    lastGood: now,
    waited: 0,
    waitingSince: null,
    approved: [],
    seen: false,
    inStep: { canary: NO_REQUESTS, baseline: NO_REQUESTS },
    total: { canary: NO_REQUESTS, baseline: NO_REQUESTS },
    metrics: {},
    course: [],
    reason: null,
    endedAt: null,
  });
}

const baselineWindow = (look: number) => Math.max(3 * look, 30_000);

/**
 * Takes over a promotion whose controller is gone, within its lease. After the lease, and where a rollback had begun,
 * the rollback is finished and null is given: a new promotion starts at the first step. Throws SP-CANARY-NOTHING.
 */
export async function takeOver(world: World): Promise<Hold | null> {
  const { loaded, store, time } = world;
  const { version, text } = await store.read();
  const last = text === null ? null : parseState(text);
  refuseOther(world, last);
  if (last === null || isOver(last.phase)) {
    throw new SallyportError({
      code: 'SP-CANARY-NOTHING',
      message: `nothing is under way for ${loaded.plan.service} in ${loaded.plan.environment}`,
      found: last === null ? 'no state' : `${last.phase}: ${last.reason ?? ''}`,
      next: 'sallyport canary run',
    });
  }
  const age = time.now() - last.beat;
  const whole = last.plan === loaded.sha256 && (world.subject === '' || world.subject === last.subject);
  if (last.phase === 'rolling-back' || age > loaded.plan.lease || !whole) {
    const why =
      last.reason ??
      (whole
        ? 'its controller gave no sign within the lease'
        : 'the plan or the version is not the one that it began with');
    await finishRollback(world, version, last, why);
    return null;
  }
  return await Hold.take(store, version, {
    ...last,
    fence: last.fence + 1,
    holder: world.holder,
    beat: time.now(),
  });
}

/** Sets the weight to 0 with a new fence and writes that it is done. Idempotent. */
export async function finishRollback(
  world: Pick<World, 'store' | 'holder' | 'traffic' | 'time' | 'log'>,
  version: string,
  last: CanaryState,
  reason: string,
): Promise<Hold> {
  const { store, time, log } = world;
  const hold = await Hold.take(store, version, {
    ...last,
    fence: last.fence + 1,
    holder: world.holder,
    phase: 'rolling-back',
    before: last.weight,
    weight: 0,
    reason,
    beat: time.now(),
  });
  log.warn(`rolling back ${last.subject}: ${reason}`);
  await toZero(world.traffic, hold.state.fence, time, ROLLBACK_LIMIT + (world.traffic.patience ?? 0));
  try {
    await hold.update({ phase: 'rolled-back', endedAt: time.now(), beat: time.now() });
  } catch (error) {
    // Whoever has taken over finishes the same thing.
    if (problemOf(error).code !== 'SP-CANARY-FENCED') throw error;
  }
  return hold;
}

export function refuseOther(world: Pick<World, 'loaded'>, state: CanaryState | null): void {
  const { plan } = world.loaded;
  if (state === null || (state.service === plan.service && state.environment === plan.environment)) return;
  throw new SallyportError({
    code: 'SP-CANARY-OTHER',
    message: 'the state belongs to another service or environment',
    place: world.loaded.place(['state']),
    expected: `${plan.service} in ${plan.environment}`,
    found: `${state.service} in ${state.environment}`,
  });
}
