import { describe, expect, it } from 'vitest';
import { Kubernetes } from '../../../src/deliver/kubernetes/client.ts';
import {
  commandToken,
  githubToken,
  givenToken,
  tokenExpiry,
} from '../../../src/platform/credentials/token.ts';
import type { HttpRequest } from '../../../src/platform/http.ts';
import { world } from '../../deliver/world.ts';

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const END = 1_800_000_000;

const print = (text: string) => [process.execPath, '-e', `process.stdout.write(${JSON.stringify(text)})`];

describe('a token', () => {
  it('tells its end where it is a JSON Web Token', () => {
    expect(tokenExpiry(jwt({ exp: END }))).toBe(END * 1000);
    for (const none of ['', 'a.b.c', jwt({}), jwt({ exp: 'soon' }), 'opaque'])
      expect(tokenExpiry(none)).toBeNull();
  });

  it('of a program is what its ExecCredential says', async () => {
    const credential = (status: object) => JSON.stringify({ kind: 'ExecCredential', status });
    const context = world('/tmp');
    expect(
      await commandToken(
        print(credential({ token: 't', expirationTimestamp: '2026-01-01T00:00:00Z' })),
        context,
      ),
    ).toEqual({ value: 't', expires: Date.parse('2026-01-01T00:00:00Z') });
    const token = jwt({ exp: END });
    expect(await commandToken(print(credential({ token })), context)).toEqual({
      value: token,
      expires: END * 1000,
    });
    for (const bad of ['', 'token', '{}', JSON.stringify({ kind: 'ExecCredential', status: {} })])
      await expect(commandToken(print(bad), context)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
    await expect(commandToken(['false'], context)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
  });

  it('of a GitHub job is asked for by audience; without the permission there is none', async () => {
    const asked: HttpRequest[] = [];
    const token = jwt({ exp: END });
    const answers = [
      { status: 200, text: JSON.stringify({ value: token }) },
      { status: 500, text: '' },
    ];
    const context = world('/tmp', {
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.example/?api-version=2',
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'b',
      },
      http: {
        get: async () => Buffer.alloc(0),
        request: async (request) => {
          asked.push(request);
          const { status, text } = answers.shift() ?? { status: 404, text: '' };
          return { status, url: request.url, header: () => null, body: Buffer.from(text) };
        },
      },
    });
    expect(await githubToken('kubernetes', context)).toEqual({ value: token, expires: END * 1000 });
    expect(asked[0]?.url).toBe('https://token.example/?api-version=2&audience=kubernetes');
    expect(asked[0]?.headers?.authorization).toBe('Bearer b');
    await expect(githubToken('kubernetes', context)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
    await expect(githubToken('kubernetes', world('/tmp', { env: {} }))).rejects.toMatchObject({
      code: 'SP-CREDENTIAL',
    });
  });

  it('that is not there is no token', async () => {
    await expect(givenToken({ variable: 'NONE' }, world('/tmp'))).rejects.toMatchObject({
      code: 'SP-CREDENTIAL',
    });
    await expect(givenToken({ file: '/no/such' }, world('/tmp'))).rejects.toMatchObject({
      code: 'SP-FILE-MISSING',
    });
  });

  it('for the Kubernetes API that ends during a promotion is told in time', async () => {
    const near = jwt({ exp: END });
    let now = END * 1000 - 3_600_000;
    const context = world('/tmp', {
      clock: { now: () => new Date(now) },
      env: { TOKEN: near },
      http: {
        get: async () => Buffer.alloc(0),
        request: async ({ url, headers }) => {
          expect(headers?.authorization).toBe(`Bearer ${near}`);
          const body = Buffer.from('{"metadata":{"name":"a","resourceVersion":"1"}}');
          return { status: 200, url, header: () => null, body };
        },
      },
    });
    const api = new Kubernetes({ server: 'https://k.example', tokenFrom: 'TOKEN' }, context);
    await api.get('/a');
    expect(api.ending()).toBeNull();
    now = END * 1000 - 300_000;
    expect(api.ending()).toBe('the token for the Kubernetes API ends in 300 s and could not be renewed');
  });
});
