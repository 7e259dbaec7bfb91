import { describe, expect, it } from 'vitest';
import { promote } from '../../../src/deliver/controller/run.ts';
import { Watched } from '../../../src/deliver/controller/watched.ts';
import type { Ending } from '../../../src/deliver/controller/world.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { planWith } from '../plan.ts';
import { FakeService } from './fake.ts';

/** A sign that changes every five seconds until `until`, in virtual time. */
function signOf(service: FakeService, until: number, first: string | null = 'old') {
  return {
    name: 'the watcher',
    give: async () => undefined,
    see: async () =>
      service.clock.at < 5_000 ? first : String(Math.floor(Math.min(service.clock.at, until) / 5_000)),
  };
}

async function run(service: FakeService, watched: Watched): Promise<Ending | unknown> {
  const world = service.world('one');
  let ended: unknown = null;
  promote({
    ...world,
    armLease: async () => await watched.arrive(20_000, world.signal),
    unwatched: async () => await watched.gone(15_000),
  }).then(
    (ending) => {
      ended = ending;
    },
    (error) => {
      ended = error;
    },
  );
  await service.clock.run(() => ended !== null, 7_200_000);
  return ended;
}

describe('a promotion needs somebody who watches its lease', () => {
  it('begins once the sign changes', async () => {
    const service = new FakeService(planWith());
    const ending = await run(service, new Watched(signOf(service, 1e9), service.clock.time()));
    expect(ending).toMatchObject({ outcome: 'promoted' });
    expect(service.shifts[0]?.at).toBeGreaterThanOrEqual(5_000);
  });

  it.each([
    ['an old sign that does not change', 'old', /did not change/u],
    ['no sign at all', null, /no sign was ever given/u],
  ])('is not begun with %s: no traffic moves', async (_what, sign, found) => {
    const service = new FakeService(planWith());
    const watched = new Watched(
      { name: 'it', give: async () => undefined, see: async () => sign },
      service.clock.time(),
    );
    const error = await run(service, watched);
    expect(error).toBeInstanceOf(SallyportError);
    expect((error as SallyportError).problem).toMatchObject({ code: 'SP-CANARY-UNWATCHED' });
    expect((error as SallyportError).problem.found).toMatch(found);
    expect(service.shifts).toEqual([]);
    expect(service.state).toMatchObject({ phase: 'rolled-back' });
    expect(service.state.reason).toMatch(/^nothing was begun/u);
  });

  it('is not begun while the sign cannot be read', async () => {
    const service = new FakeService(planWith());
    const see = async () => {
      throw new SallyportError({ code: 'SP-HTTP', message: 'the API server is away' });
    };
    const watched = new Watched({ name: 'it', give: async () => undefined, see }, service.clock.time());
    expect(((await run(service, watched)) as SallyportError).problem.found).toBe('the API server is away');
  });

  it('is rolled back when the sign stops on the way', async () => {
    const service = new FakeService(planWith());
    const watched = new Watched(signOf(service, 20_000), service.clock.time());
    const ending = (await run(service, watched)) as Ending;
    expect(ending.outcome).toBe('rolled-back');
    expect(ending.reason).toMatch(/the watcher gave no sign for \d+ s: nobody would set the weight back/u);
    expect(service.weight).toBe(0);
  });
});
