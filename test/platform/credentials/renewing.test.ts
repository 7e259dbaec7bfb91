import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../../src/model/error.ts';
import { type Issued, Renewing } from '../../../src/platform/credentials/renewing.ts';

const MINUTE = 60_000;

function source(life: number) {
  const it = { at: 0, issued: 0, away: false };
  const issue = async (): Promise<Issued<string>> => {
    if (it.away) throw new SallyportError({ code: 'SP-HTTP', message: 'the issuer is away' });
    it.issued += 1;
    return { value: `token ${it.issued}`, expires: it.at + life };
  };
  return Object.assign(it, { credential: new Renewing('the token', issue, () => it.at) });
}

describe('a credential', () => {
  it('is renewed a quarter of an hour before its hour is over, not before', async () => {
    const world = source(60 * MINUTE);
    expect(await world.credential.get()).toBe('token 1');
    world.at = 44 * MINUTE;
    expect(await world.credential.get()).toBe('token 1');
    world.at = 46 * MINUTE;
    expect(await world.credential.get()).toBe('token 2');
    expect(world.credential.ending()).toBeNull();
  });

  it('of a short life is renewed at half of it', async () => {
    const world = source(10 * MINUTE);
    await world.credential.get();
    world.at = 6 * MINUTE;
    expect(await world.credential.get()).toBe('token 2');
  });

  it('is used while it lasts where its issuer is away, and says in time that it ends', async () => {
    const world = source(60 * MINUTE);
    await world.credential.get();
    world.away = true;
    world.at = 50 * MINUTE;
    expect(await world.credential.get()).toBe('token 1');
    expect(world.credential.ending()).toBeNull();
    world.at = 53 * MINUTE;
    expect(await world.credential.get()).toBe('token 1');
    expect(world.credential.ending()).toBe(
      'the token ends in 420 s and could not be renewed: the issuer is away',
    );
    world.at = 61 * MINUTE;
    await expect(world.credential.get()).rejects.toMatchObject({ code: 'SP-HTTP' });
    world.away = false;
    expect(await world.credential.get()).toBe('token 2');
    expect(world.credential.ending()).toBeNull();
  });

  it('that its source gives again unchanged has not been renewed', async () => {
    let at = 0;
    const same = new Renewing(
      'the token',
      async () => ({ value: 'same', expires: 60 * MINUTE }),
      () => at,
      true,
    );
    for (; at < 52 * MINUTE; at += MINUTE) {
      await same.get();
      expect(same.ending()).toBeNull();
    }
    at = 53 * MINUTE;
    await same.get();
    expect(same.ending()).toBe('the token ends in 420 s and could not be renewed');
  });

  it('without an end is asked for once', async () => {
    let asked = 0;
    const issue = async () => {
      asked += 1;
      return { value: 'key', expires: null };
    };
    const key = new Renewing('the key', issue, () => asked * 1e12);
    expect([await key.get(), await key.get(), key.ending(), asked]).toEqual(['key', 'key', null, 1]);
  });
});
