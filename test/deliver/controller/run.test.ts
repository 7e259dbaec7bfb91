import { describe, expect, it } from 'vitest';
import { promote } from '../../../src/deliver/controller/run.ts';
import type { Ending, World } from '../../../src/deliver/controller/world.ts';
import { planWith } from '../plan.ts';
import { FakeService } from './fake.ts';

async function run(
  service: FakeService,
  change: (world: World) => World = (w) => w,
  limit = 7_200_000,
): Promise<Ending> {
  let ending: Ending | null = null;
  let failed: unknown = null;
  promote(change(service.world('one'))).then(
    (value) => {
      ending = value;
    },
    (error) => {
      failed = error;
    },
  );
  await service.clock.run(() => ending !== null || failed !== null, limit);
  if (failed !== null) throw failed;
  if (ending === null) throw new Error(`no end: ${service.said.join('\n')}`);
  return ending;
}

const minutes = (n: number) => n * 60_000;

describe('a promotion', () => {
  it('walks the steps and ends at 100 %', async () => {
    const service = new FakeService(planWith());
    const ending = await run(service);
    expect(ending.outcome).toBe('promoted');
    expect(service.shifts.map(({ weight }) => weight)).toEqual([10, 50, 100]);
    expect(ending.reason).toMatch(
      /^promoted after \d+ s: canary 0\.\d+ % errors against 0\.\d+ % in 3600 and 8400 requests$/u,
    );
    expect(service.state.phase).toBe('promoted');
  });

  it('arms the lease before any traffic moves', async () => {
    const service = new FakeService(planWith());
    let weightWhenArmed = -1;
    await run(service, (world) => ({
      ...world,
      armLease: async () => {
        weightWhenArmed = service.shifts.length;
      },
    }));
    expect(weightWhenArmed).toBe(0);
  });

  it('rolls back a version that breaks after a while, and says why', async () => {
    const service = new FakeService(planWith());
    service.canaryRate = (at) => (at > 25_000 ? 0.05 : 0.001);
    const ending = await run(service);
    expect(ending.outcome).toBe('rolled-back');
    expect(service.weight).toBe(0);
    expect(ending.reason).toMatch(
      /^rolled back after \d+ s: canary [\d.]+ % errors against 0\.1\d* % \(errors\); e-value \S+ at threshold 167$/u,
    );
    expect(service.state).toMatchObject({ phase: 'rolled-back', weight: 0 });
  });

  it('does not blame the canary for an outage of both; the budget keeps it from being promoted', async () => {
    const service = new FakeService(planWith());
    service.canaryRate = () => 0.3;
    service.baselineRate = () => 0.3;
    const ending = await run(service);
    expect(ending.reason).toMatch(/^no decision after .* error budget of availability/u);
    expect(service.shifts.map(({ weight }) => weight)).toEqual([10, 0]);
  });
});

describe('faults', () => {
  it('no requests at all: rolled back with that reason, never promoted', async () => {
    const service = new FakeService(planWith());
    const begun = service.reading.bind(service);
    service.reading = (from, to) => {
      const { looks, arms } = begun(from, to);
      const none = { canary: { requests: 0, errors: 0 }, baseline: arms.baseline };
      return { looks: looks.map(() => [none]), arms: none };
    };
    const ending = await run(service);
    expect(ending.outcome).toBe('rolled-back');
    expect(ending.reason).toMatch(/no usable data for .*the canary got no requests/u);
    expect(service.clock.at).toBeLessThan(minutes(3));
  });

  it('the weight set, but traffic not following it', async () => {
    const service = new FakeService(planWith());
    const begun = service.reading.bind(service);
    service.reading = (from, to) => {
      const weight = service.weight;
      service.weight = Math.min(weight, 2);
      const reading = begun(from, to);
      service.weight = weight;
      return reading;
    };
    const ending = await run(service);
    expect(ending.reason).toMatch(/the canary gets 2\.0 % of the requests, and its weight is 10 %/u);
  });

  it('metrics away for longer than noData', async () => {
    const service = new FakeService(planWith());
    const world = (w: World): World => ({
      ...w,
      changed: (state) => {
        if (state.weight === 10) service.fault.metrics = 'prometheus is away';
      },
    });
    const ending = await run(service, world);
    expect(ending.reason).toMatch(/no usable data for .*prometheus is away/u);
    expect(service.weight).toBe(0);
  });

  it('metrics away for a moment: the interval is read with the next look, and nothing is lost', async () => {
    const service = new FakeService(planWith());
    let looks = 0;
    const world = (w: World): World => ({
      ...w,
      changed: () => {
        looks += 1;
        service.fault = looks === 4 ? { metrics: 'away' } : {};
      },
    });
    const ending = await run(service, world);
    expect(ending.outcome).toBe('promoted');
    const { course, total } = ending.state;
    const sum = course.reduce((all, point) => all + point.canary.requests, 0);
    expect(sum).toBe(total.canary.requests);
  });

  it('somebody else changes the weight', async () => {
    const service = new FakeService(planWith());
    const world = (w: World): World => ({
      ...w,
      changed: (state) => {
        if (state.course.length === 2 && state.phase === 'stepping') service.weight = 70;
      },
    });
    const ending = await run(service, world);
    expect(ending.reason).toMatch(/somebody else set the weight to 70 %, and 10 % was to be in force/u);
    expect(service.weight).toBe(0);
  });

  it('a store that is away for longer than the lease: the weight is taken back all the same', async () => {
    const service = new FakeService(planWith());
    const world = (w: World): World => ({
      ...w,
      changed: (state) => {
        if (state.course.length === 2) service.fault.store = 'the store is away';
      },
    });
    const ending = await run(service, world);
    expect(ending.reason).toMatch(/the lease could not be renewed/u);
    expect(service.weight).toBe(0);
    expect(service.clock.at).toBeLessThan(minutes(2));
  });

  it('a proxy that does not take the weight', async () => {
    const service = new FakeService(planWith());
    const world = (w: World): World => ({
      ...w,
      traffic: {
        ...w.traffic,
        set: async (weight, fence) => {
          if (weight === 0) await w.traffic.set(weight, fence);
        },
      },
    });
    const ending = await run(service, world);
    expect(ending.reason).toMatch(/did not take the weight/u);
  });

  it('a signal: rolled back at once', async () => {
    const service = new FakeService(planWith());
    const stop = new AbortController();
    let at = 0;
    const world = (w: World): World => ({
      ...w,
      signal: stop.signal,
      changed: (state) => {
        if (state.course.length === 1 && !stop.signal.aborted) {
          at = service.clock.at;
          stop.abort('interrupted by SIGTERM');
        }
      },
    });
    const ending = await run(service, world);
    expect(ending.reason).toMatch(/interrupted by SIGTERM/u);
    expect(service.clock.at - at).toBeLessThan(7_000);
    expect(service.weight).toBe(0);
  });

  it('a weight that is not 0 at the beginning: nothing is touched', async () => {
    const service = new FakeService(planWith());
    service.weight = 20;
    await expect(run(service)).rejects.toMatchObject({ code: 'SP-CANARY-WEIGHT' });
    expect(service.stored.text).toBeNull();
    expect(service.shifts).toEqual([]);
  });

  it('a baseline without requests: nothing is touched', async () => {
    const service = new FakeService(planWith());
    service.requestsPerSecond = 0;
    await expect(run(service)).rejects.toMatchObject({ code: 'SP-CANARY-BASELINE' });
    expect(service.shifts).toEqual([]);
  });

  it('two controllers: the second is refused and disturbs nothing', async () => {
    const service = new FakeService(planWith());
    const first = promote(service.world('one'));
    await service.clock.run(() => service.weight === 10, minutes(5));
    await expect(promote(service.world('two'))).rejects.toMatchObject({ code: 'SP-CANARY-BUSY' });
    let ending: Ending | null = null;
    void first.then((value) => {
      ending = value;
    });
    await service.clock.run(() => ending !== null, minutes(60));
    expect(ending).toMatchObject({ outcome: 'promoted' });
  });

  it('a plan for another service: refused before anything is touched', async () => {
    const service = new FakeService(planWith());
    await run(service);
    const other = new FakeService(planWith(['service: payments', 'service: search']));
    other.stored = service.stored;
    await expect(run(other)).rejects.toMatchObject({ code: 'SP-CANARY-OTHER' });
    expect(other.shifts).toEqual([]);
  });
});

describe('approval between steps', () => {
  const plan = () =>
    planWith(['weight: 50, min: 30s, max: 20m', 'weight: 50, min: 30s, max: 20m, approval: true']);

  it('is waited for, watching meanwhile, and taken from the state', async () => {
    const service = new FakeService(plan());
    const world = (w: World): World => ({
      ...w,
      changed: (state) => {
        if (state.waitingSince === null || service.clock.at < minutes(15) || state.approved.length > 0)
          return;
        const { version, text } = service.stored;
        const approved = { ...JSON.parse(text ?? ''), approved: [1] };
        service.stored = { version: String(Number(version) + 1), text: JSON.stringify(approved) };
      },
    });
    const ending = await run(service, world);
    expect(ending.outcome).toBe('promoted');
    expect(service.shifts[1]?.at).toBeGreaterThan(minutes(14));
  });

  it('ends in a rollback when nobody approves, and at once when the version breaks meanwhile', async () => {
    const silent = new FakeService(plan());
    expect((await run(silent)).reason).toMatch(/nobody approved 50 % within 60 min/u);
    const broken = new FakeService(plan());
    broken.canaryRate = (at) => (at > minutes(20) ? 0.2 : 0.001);
    expect((await run(broken)).reason).toMatch(/errors against/u);
    expect(broken.clock.at).toBeLessThan(minutes(25));
  });
});
