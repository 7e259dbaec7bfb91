import { describe, expect, it } from 'vitest';
import type { SigningServices } from '../../src/attest/sign/services.ts';
import { SigningSession } from '../../src/attest/sign/session.ts';
import { parseToken } from '../../src/attest/sign/token.ts';
import { describeProblem, problemOf } from '../../src/model/error.ts';
import { type HttpRequest, networkHttp, offlineHttp } from '../../src/platform/http.ts';
import { testContext } from '../gate/support.ts';
import { fixture } from './fixtures.ts';
import { type Answer, listen } from './server.ts';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = { aud: 'sigstore', sub: 'repo:acme/payments', exp: 4_102_444_800 };
const TOKEN = `${part({ alg: 'ES256' })}.${part(CLAIMS)}.c2lnbmF0dXJl`;
const recorded = JSON.parse(fixture('private/message.sigstore.json').toString());
const [entry] = recorded.verificationMaterial.tlogEntries;
const { rawBytes } = recorded.verificationMaterial.certificate;
const PEM = `-----BEGIN CERTIFICATE-----\n${rawBytes.replace(/.{64}/gu, '$&\n')}\n-----END CERTIFICATE-----\n`;
const CHAIN = JSON.stringify({ signedCertificateEmbeddedSct: { chain: { certificates: [PEM] } } });

const PLACES = {
  '/api/v2/signingCert': 'SP-SIGN-CERTIFICATE',
  '/api/v2/log/entries': 'SP-SIGN-LOG',
  '/api/v1/log/entries': 'SP-SIGN-LOG',
  '/api/v1/timestamp': 'SP-SIGN-TIMESTAMP',
};

const serve = async (answer: Answer) => `http://${await listen(answer)}`;

/** A Sigstore instance that works, but for what `fault` does at one place. */
async function instance(place: string | null, fault: Answer): Promise<SigningServices> {
  const url = await serve((request, response, body) => {
    if (request.url === place) return fault(request, response, body);
    response.writeHead(201);
    if (request.url === '/api/v2/signingCert') return void response.end(CHAIN);
    if (request.url === '/api/v2/log/entries') return void response.end(JSON.stringify(entry));
    return void response.end(Buffer.from('3000', 'hex'));
  });
  return {
    authority: { url, version: 1 },
    logs: [{ url, version: place === '/api/v1/log/entries' ? 1 : 2 }],
    timestamps: [{ url, version: 1 }],
  };
}

async function sign(services: SigningServices, raw = TOKEN) {
  const request = (asked: HttpRequest) =>
    networkHttp.request({ ...asked, retries: 0, limits: { ...asked.limits, timeout: 400 } });
  const context = testContext({ http: { get: networkHttp.get, request } });
  try {
    const session = await SigningSession.open(
      { services, identity: { token: parseToken(raw) }, publishIdentity: false },
      context,
    );
    const bundle = await session.sign({ kind: 'statement', payload: Buffer.from('{}') });
    return { bundle, text: context.said.join('\n') };
  } catch (thrown) {
    return { bundle: null, text: describeProblem(problemOf(thrown)) + context.said.join('\n') };
  }
}

const status =
  (code: number): Answer =>
  (_request, response) =>
    void response
      .writeHead(code, { 'content-type': 'application/json' })
      .end(JSON.stringify({ code: 3, message: `the token ${TOKEN} is not known here` }));

const FAULTS: [string, Answer][] = [
  ['answers 400', status(400)],
  ['answers 401', status(401)],
  ['answers 403', status(403)],
  ['answers 404', status(404)],
  ['answers 429', status(429)],
  ['answers 500', status(500)],
  ['answers 503', status(503)],
  ['stalls', () => undefined],
  ['breaks off', (request) => void request.socket.destroy()],
  [
    'says that there is more and breaks off',
    (_request, response) =>
      void response.writeHead(201, { 'content-length': '9999' }).write('{', () => response.destroy()),
  ],
  [
    'sends 50 MB',
    (_request, response) => void response.writeHead(201).end(Buffer.alloc(50 * 1024 * 1024, 0x20)),
  ],
  [
    'redirects in a circle',
    (request, response) => void response.writeHead(307, { location: request.url ?? '' }).end(),
  ],
];
const RUBBISH: Answer = (_request, response) => void response.writeHead(201).end('{"x":[]}');

describe('an instance that works', () => {
  it('gives a certificate, an entry and a timestamp for one signature', async () => {
    let asked = '';
    const services = await instance('/api/v2/signingCert', (_request, response, body) => {
      asked = body.toString();
      response.end(CHAIN);
    });
    const { bundle } = await sign(services);
    expect(bundle?.entries).toHaveLength(1);
    expect(bundle?.timestamps).toHaveLength(1);
    expect(JSON.parse(asked)).toMatchObject({
      credentials: { oidcIdentityToken: TOKEN },
      publicKeyRequest: { publicKey: { algorithm: 'ECDSA' }, proofOfPossession: expect.any(String) },
    });
  });

  it('is not asked for an address that nobody verified', async () => {
    const raw = `${part({})}.${part({ ...CLAIMS, email: 'a@acme.test', email_verified: false })}.x`;
    const { bundle, text } = await sign(await instance(null, () => undefined), raw);
    expect(bundle).toBeNull();
    expect(text).toContain('whose address nobody verified');
  });

  it('is not asked at all offline', async () => {
    const services = await instance(null, () => undefined);
    const work = SigningSession.open(
      { services, identity: { token: parseToken(TOKEN) }, publishIdentity: false },
      testContext({ http: offlineHttp }),
    );
    await expect(work).rejects.toMatchObject({ code: 'SP-OFFLINE' });
  });
});

describe.each(Object.entries(PLACES))('a service that is not to be relied on, %s', (place, code) => {
  it.concurrent.each(FAULTS)('%s', async (_name, fault) => {
    const services = await instance(place, fault);
    const { bundle, text } = await sign(services);
    expect(bundle).toBeNull();
    expect(text).toContain(code);
    expect(text).toContain(new URL(services.timestamps[0]?.url ?? '').host);
    expect(text).not.toContain('eyJ');
    expect(text).not.toMatch(/TypeError|SyntaxError|undefined/u);
  });

  it.runIf(code !== 'SP-SIGN-TIMESTAMP')('answers rubbish', async () => {
    const { bundle, text } = await sign(await instance(place, RUBBISH));
    expect(bundle).toBeNull();
    expect(text).toContain(code);
  });

  it('redirects elsewhere: nothing of what was sent goes along', async () => {
    const seen: string[] = [];
    const thief = await serve((request, response, body) => {
      seen.push(`${request.url} ${JSON.stringify(request.headers)} ${body}`);
      response.writeHead(201).end(CHAIN);
    });
    for (const way of [301, 302, 303, 307, 308]) {
      const services = await instance(
        place,
        (request, response) => void response.writeHead(way, { location: `${thief}${request.url}` }).end(),
      );
      const { bundle, text } = await sign(services);
      expect(bundle).toBeNull();
      expect(text).toContain(`HTTP ${way}`);
    }
    expect(seen).toEqual([]);
  });
});
