import { describe, expect, it } from 'vitest';
import { watch } from '../../../src/deliver/controller/reconcile.ts';
import { promote } from '../../../src/deliver/controller/run.ts';
import type { Ending, World } from '../../../src/deliver/controller/world.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { planWith } from '../plan.ts';
import { FakeService } from './fake.ts';

const LEASE = 60_000;
const POLL = 5_000;

interface Run {
  ending: () => Ending | null;
  failed: () => SallyportError | null;
}

/** Starts a promotion; `then` is told of each look and change. */
function start(
  service: FakeService,
  then: (phase: string, looks: number) => void,
  change = (w: World) => w,
): Run {
  let ending: Ending | null = null;
  let failed: SallyportError | null = null;
  const world = service.world('one');
  promote(change({ ...world, changed: (state) => then(state.phase, state.course.length) })).then(
    (value) => {
      ending = value;
    },
    (error) => {
      failed = error;
    },
  );
  return { ending: () => ending, failed: () => failed };
}

/** From the third look on nothing answers, until `back` more milliseconds have passed. */
function awayFor(service: FakeService, back: number): (phase: string, looks: number) => void {
  let since: number | null = null;
  return (_phase, looks) => {
    if (looks < 3 || since !== null) return;
    since = service.clock.at;
    service.fault = { store: 'the API server is away', traffic: 'the API server is away' };
    void service.clock
      .time()
      .sleep(back)
      .then(() => {
        service.fault = {};
      });
  };
}

describe('an API server that keeps both the state and the weight', () => {
  it('away for a moment: the promotion goes on, and loses no count', async () => {
    const service = new FakeService(planWith());
    const run = start(service, awayFor(service, 8_000));
    await service.clock.run(() => run.ending() !== null, 7_200_000);
    expect(run.ending()?.outcome).toBe('promoted');
    const { course, total } = run.ending()?.state ?? { course: [], total: undefined };
    expect(course.reduce((sum, point) => sum + point.canary.requests, 0)).toBe(total?.canary.requests);
  });

  it('away for longer than the lease: rolled back as soon as it answers, with that reason', async () => {
    const service = new FakeService(planWith());
    const run = start(service, awayFor(service, LEASE + 20_000));
    await service.clock.run(() => run.ending() !== null, 7_200_000);
    expect(run.ending()?.outcome).toBe('rolled-back');
    expect(run.ending()?.reason).toMatch(/the lease could not be renewed: the API server is away/u);
    expect(service.weight).toBe(0);
  });

  it('away for longer than a rollback tries: that is said loudly, and the watcher sets it back', async () => {
    const service = new FakeService(planWith());
    const away = 10 * LEASE;
    const { store, traffic, time, log } = service.world('watcher');
    const sign = { name: 'it', give: async () => undefined, see: async () => null };
    const { signal } = new AbortController();
    void watch({ store, traffic, time, log, sign, holder: 'w', lease: LEASE, poll: POLL, signal }, false);
    const run = start(service, awayFor(service, away));
    await service.clock.run(() => run.failed() !== null, 7_200_000);
    expect(run.failed()?.problem).toMatchObject({
      code: 'SP-CANARY-ROLLBACK',
      message: expect.stringContaining('MAY STILL GET TRAFFIC'),
    });
    expect(service.weight).toBeGreaterThan(0);
    await service.clock.run(() => service.weight === 0, away);
    const back = service.clock.at;
    await service.clock.run(() => service.state.phase === 'rolled-back', LEASE);
    expect(service.weight).toBe(0);
    expect(service.clock.at - back).toBeLessThanOrEqual(LEASE + 2 * POLL);
  });
});

describe('answers that fail now and then', () => {
  /** Each third call of the part fails, as with HTTP 429 or 500. */
  const flaky = <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) => {
    let calls = 0;
    return async (...args: Args): Promise<Result> => {
      calls += 1;
      if (calls % 3 === 0) throw new SallyportError({ code: 'SP-KUBERNETES', message: 'HTTP 429' });
      return await call(...args);
    };
  };

  it('of the provider: the weights are set all the same', async () => {
    const service = new FakeService(planWith());
    const run = start(
      service,
      () => undefined,
      (world) => ({
        ...world,
        traffic: { ...world.traffic, set: flaky(world.traffic.set) },
      }),
    );
    await service.clock.run(() => run.ending() !== null, 7_200_000);
    expect(run.ending()?.outcome).toBe('promoted');
  });

  it('of the store: nothing is lost, and nothing is written twice', async () => {
    const service = new FakeService(planWith());
    const run = start(
      service,
      () => undefined,
      (world) => ({
        ...world,
        store: { ...world.store, write: flaky(world.store.write) },
      }),
    );
    await service.clock.run(() => run.ending() !== null || run.failed() !== null, 7_200_000);
    const ending = run.ending();
    expect(ending?.outcome === 'promoted' || /429/u.test(ending?.reason ?? '')).toBe(true);
    expect(service.weight).toBe(ending?.outcome === 'promoted' ? 100 : 0);
  });

  it('of the metrics: the looks are longer, and as many requests count', async () => {
    const service = new FakeService(planWith());
    const run = start(
      service,
      () => undefined,
      (world) => ({
        ...world,
        metrics: { read: flaky(world.metrics.read) },
      }),
    );
    await service.clock.run(() => run.ending() !== null, 7_200_000);
    const ending = run.ending();
    expect(ending?.outcome).toBe('promoted');
    expect(ending?.state.course.reduce((sum, point) => sum + point.canary.requests, 0)).toBe(
      ending?.state.total.canary.requests,
    );
  });
});
