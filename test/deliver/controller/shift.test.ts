import { describe, expect, it } from 'vitest';
import { promote } from '../../../src/deliver/controller/run.ts';
import type { Ending, World } from '../../../src/deliver/controller/world.ts';
import { planWith } from '../plan.ts';
import { FakeService } from './fake.ts';

const STEP = 120_000;

/** A service whose weights another controller brings into force, two minutes after it was asked. */
function slow(service: FakeService, patience: number): { world: World; asked: number[]; beats: number[] } {
  const world = service.world('one');
  const asked: number[] = [];
  const beats: number[] = [];
  let wanted = { weight: 0, at: 0 };
  const now = () => {
    if (service.clock.at >= wanted.at) service.weight = wanted.weight;
    return service.weight;
  };
  return {
    asked,
    beats,
    world: {
      ...world,
      changed: () => beats.push(service.clock.at),
      traffic: {
        name: 'slow',
        fenced: false,
        patience,
        get: async () => now(),
        set: async (weight) => {
          asked.push(weight);
          wanted = { weight, at: weight === 0 ? 0 : service.clock.at + STEP };
        },
      },
    },
  };
}

async function run(service: FakeService, world: World): Promise<Ending> {
  let ending: Ending | null = null;
  void promote(world).then((value) => {
    ending = value;
  });
  await service.clock.run(() => ending !== null, 7_200_000);
  if (ending === null) throw new Error(service.said.join('\n'));
  return ending;
}

describe('a provider whose own controller shifts', () => {
  it('is asked once for each step, and waited for while the lease is renewed', async () => {
    const service = new FakeService(planWith());
    const { world, asked, beats } = slow(service, 3 * STEP);
    const ending = await run(service, world);
    expect(ending.outcome).toBe('promoted');
    expect(asked).toEqual([10, 50, 100]);
    const gaps = beats.slice(1).map((at, index) => at - (beats[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30_000);
    expect(ending.state.total.canary.requests).toBeGreaterThan(0);
  });

  it('that does not get there in its time is rolled back', async () => {
    const service = new FakeService(planWith());
    const { world, asked } = slow(service, STEP / 2);
    const ending = await run(service, world);
    expect(ending.reason).toMatch(/\(0 % 60 s after 10 % was asked for\)/u);
    expect(asked).toEqual([10, 0]);
    expect(service.weight).toBe(0);
  });
});

describe('a credential that ends', () => {
  it('is a reason to roll back while it still lasts', async () => {
    const service = new FakeService(planWith());
    const world = service.world('one');
    const ending = await run(service, {
      ...world,
      traffic: {
        ...world.traffic,
        ending: () => (service.clock.at > 40_000 ? 'the token ends in 420 s and could not be renewed' : null),
      },
    });
    expect(ending.outcome).toBe('rolled-back');
    expect(ending.reason).toMatch(/^rolled back after \d+ s: the token ends in 420 s/u);
    expect(service.weight).toBe(0);
  });
});
