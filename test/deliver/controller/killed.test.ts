import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/deliver/controller/reconcile.ts';
import { promote, resume } from '../../../src/deliver/controller/run.ts';
import type { Ending } from '../../../src/deliver/controller/world.ts';
import { planWith } from '../plan.ts';
import { FakeService, type Gate } from './fake.ts';

const LEASE = 60_000;
const POLL = 5_000;
const STOP = new AbortController();
const HOUR = 3_600_000;

/** Stops an actor for ever at its n-th crossing into or out of the world; `release` lets it go on. */
function killAt(n: number): { gate: Gate; reached: () => boolean; release: () => void } {
  let crossings = 0;
  let open: () => void = () => undefined;
  const never = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    gate: async () => {
      crossings += 1;
      if (crossings >= n) await never;
    },
    reached: () => crossings >= n,
    release: () => open(),
  };
}

function watcher(service: FakeService, name: string, gate?: Gate) {
  const { store, traffic, time, log } = service.world(name, gate);
  const sign = { name, give: async () => await gate?.('before'), see: async () => name };
  void watch(
    { store, traffic, time, log, holder: name, sign, lease: LEASE, poll: POLL, signal: STOP.signal },
    false,
  );
}

interface Started {
  service: FakeService;
  ended: () => Ending | null;
  failed: () => unknown;
}

/** A service whose controller stops at the n-th crossing; with a watcher if asked for. */
async function killed(n: number, fenced: boolean, watched: boolean) {
  const service = new FakeService(planWith());
  service.fenced = fenced;
  const kill = killAt(n);
  let ending: Ending | null = null;
  let failure: unknown = null;
  const started: Started = { service, ended: () => ending, failed: () => failure };
  promote(service.world('one', kill.gate)).then(
    (value) => {
      ending = value;
    },
    (error) => {
      failure = error;
    },
  );
  if (watched) watcher(service, 'watcher');
  await service.clock.run(() => kill.reached() || ending !== null || failure !== null, HOUR);
  return { ...started, kill };
}

/** How many crossings an undisturbed promotion has. */
async function crossings(): Promise<number> {
  let n = 0;
  const service = new FakeService(planWith());
  let ended = false;
  void promote(
    service.world('one', async () => {
      n += 1;
    }),
  ).then(() => {
    ended = true;
  });
  await service.clock.run(() => ended, HOUR);
  return n;
}

const all = await crossings();

describe(`a controller killed at each of its ${all} crossings into the world`, () => {
  it('is many', () => {
    expect(all).toBeGreaterThan(80);
  });

  for (const fenced of [false, true]) {
    it(`the weight is 0 within lease + poll (fence at the provider: ${fenced})`, async () => {
      for (let n = 1; n <= all; n += 1) {
        const { service } = await killed(n, fenced, true);
        if (service.stored.text === null) {
          expect(service.shifts).toEqual([]);
          continue;
        }
        const over = service.state.phase === 'promoted';
        const at = service.clock.at;
        await service.clock.run(() => false, LEASE + POLL);
        expect([n, service.weight]).toEqual([n, over ? 100 : 0]);
        expect(service.clock.at - at).toBeLessThanOrEqual(LEASE + POLL);
        await service.clock.run(() => false, 2 * LEASE);
        expect([n, service.weight]).toEqual([n, over ? 100 : 0]);
        if (!over) expect(service.state).toMatchObject({ phase: 'rolled-back' });
      }
    });

    it(`a new controller resumes within the lease and promotes once, without lost counts (fence: ${fenced})`, async () => {
      for (let n = 1; n <= all; n += 1) {
        const { service } = await killed(n, fenced, true);
        if (service.stored.text === null || service.state.phase === 'promoted') continue;
        let ending: Ending | null | undefined;
        void resume(service.world('two')).then((value) => {
          ending = value;
        });
        await service.clock.run(() => ending !== undefined, HOUR);
        expect([n, ending?.outcome]).toEqual([n, 'promoted']);
        expect(service.shifts.filter(({ weight }) => weight === 100).length).toBeLessThanOrEqual(2);
        expect(service.weight).toBe(100);
        const { course, total } = ending?.state ?? { course: [], total: undefined };
        expect(course.reduce((sum, point) => sum + point.canary.requests, 0)).toBe(total?.canary.requests);
        // Evidence from before the kill counts: a promotion takes no longer than one and the time it was away.
        expect(service.clock.at).toBeLessThan(200_000);
      }
    });

    it(`one that wakes up after the lease changes nothing (fence: ${fenced})`, async () => {
      for (let n = 1; n <= all; n += 1) {
        const { service, kill, ended, failed } = await killed(n, fenced, true);
        if (service.stored.text === null || service.state.phase === 'promoted') continue;
        await service.clock.run(() => false, LEASE + 2 * POLL);
        expect(service.weight).toBe(0);
        kill.release();
        await service.clock.run(() => ended() !== null || failed() !== null, HOUR);
        await service.clock.run(() => false, 2 * POLL);
        expect([n, service.weight, service.state.phase]).toEqual([n, 0, 'rolled-back']);
        expect([n, ended()?.outcome]).toEqual([n, 'taken-over']);
      }
    });
  }

  it('resume after the lease only finishes the rollback', async () => {
    const { service } = await killed(Math.floor(all / 2), false, false);
    await service.clock.run(() => false, LEASE + 1);
    await expect(resume(service.world('two'))).resolves.toBeNull();
    expect(service.weight).toBe(0);
    expect(service.state.phase).toBe('rolled-back');
  });
});

describe('a state that somebody removes', () => {
  it('in the middle of a promotion leaves the weight at 0, and a watcher that ends', async () => {
    const { service } = await killed(Math.floor(all / 2), false, false);
    const { store, traffic, time, log } = service.world('watcher');
    const sign = { name: 'it', give: async () => undefined, see: async () => null };
    let ended = false;
    void watch(
      { store, traffic, time, log, holder: 'w', sign, lease: LEASE, poll: POLL, signal: STOP.signal },
      true,
    ).then(() => {
      ended = true;
    });
    await service.clock.run(() => false, 2 * POLL);
    expect(service.weight).toBeGreaterThan(0);
    service.stored = { version: 'none', text: null };
    await service.clock.run(() => false, POLL);
    expect(service.weight).toBe(0);
    await service.clock.run(() => false, 3 * LEASE);
    expect(ended).toBe(true);
  });
});

describe('a watcher killed at each of its crossings', () => {
  it('is followed by another, which finishes', async () => {
    for (let n = 1; n <= 40; n += 1) {
      const { service } = await killed(Math.floor(all / 2), n % 2 === 0, false);
      watcher(service, 'first', killAt(n).gate);
      await service.clock.run(() => false, LEASE + 2 * POLL);
      watcher(service, 'second');
      await service.clock.run(() => false, LEASE + 2 * POLL);
      expect([n, service.weight, service.state.phase]).toEqual([n, 0, 'rolled-back']);
    }
  });
});
