import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/attest/encoding/x509.ts';
import { bundleToJson } from '../../src/attest/sign/bundle-json.ts';
import { keyAlone, keyFromPem } from '../../src/attest/sign/key.ts';
import { SigningSession } from '../../src/attest/sign/session.ts';
import { COSIGN_SIGNATURE } from '../../src/attest/statement/types.ts';
import { referrerOf } from '../../src/attest/store/referrer.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { describeProblem, problemOf } from '../../src/model/error.ts';
import { STATEMENT_TYPE } from '../../src/model/evidence.ts';
import type { Context } from '../../src/platform/context.ts';
import { type HttpRequest, networkHttp } from '../../src/platform/http.ts';
import { systemContext } from '../../src/platform/system.ts';
import { type Answer, listen } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What must never be seen anywhere but in a request to the registry itself. */
const PASSWORD = `p4ss-${randomUUID()}`;
const BASIC = Buffer.from(`robot:${PASSWORD}`).toString('base64');
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const hex = (bytes: Buffer) => sha256(bytes).toString('hex');
const IMAGE = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, layers: [] }));
const DIGEST = `sha256:${hex(IMAGE)}`;

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const KEY = join(folder, 'key.pub');
writeFileSync(KEY, publicKey.export({ type: 'spki', format: 'pem' }).toString());

/** The bundle of a signature of the image, by the key. */
async function bundleOf(predicate: unknown = {}, subjects = 1): Promise<string> {
  const session = await SigningSession.open(
    { services: keyAlone, identity: { key: keyFromPem(pem, 'key', null) }, publishIdentity: false },
    systemContext('cli', 'quiet'),
  );
  const others = Array.from({ length: subjects - 1 }, (_, index) => ({
    name: `file-${index}`,
    digest: { sha256: index.toString(16).padStart(64, '0') },
  }));
  const payload = Buffer.from(
    JSON.stringify({
      _type: STATEMENT_TYPE,
      subject: [...others, { name: 'app', digest: { sha256: DIGEST.slice('sha256:'.length) } }],
      predicateType: COSIGN_SIGNATURE,
      predicate,
    }),
  );
  return JSON.stringify(bundleToJson(await session.sign({ kind: 'statement', payload })));
}

const PLACES = ['image', 'referrers', 'referrer', 'blob', 'token'] as const;
type Place = (typeof PLACES)[number];

/** A registry that works, but for what `fault` does at one place. */
async function registry(json: string, place: Place | null, fault: Answer) {
  const asked: string[] = [];
  const referrer = referrerOf(
    { mediaType: MANIFEST, digest: DIGEST, size: IMAGE.length },
    { json, predicateType: COSIGN_SIGNATURE, createdAt: new Date(0) },
  );
  const blobs = new Map(referrer.blobs.map((bytes) => [`sha256:${hex(bytes)}`, bytes]));
  const host = await listen((request, response, body) => {
    const { pathname } = new URL(request.url ?? '/', 'http://registry');
    asked.push(pathname);
    if (pathname === '/token') {
      if (place === 'token') return fault(request, response, body);
      return void response.end('{"token":"granted"}');
    }
    if (request.headers.authorization !== 'Bearer granted') {
      const realm = `Bearer realm="http://${request.headers.host}/token",service="registry"`;
      return void response.writeHead(401, { 'www-authenticate': realm }).end();
    }
    const [, kind = '', name = ''] =
      /^\/v2\/acme\/app\/(manifests|blobs|referrers)\/(.*)$/u.exec(pathname) ?? [];
    const at: Place =
      kind === 'referrers'
        ? 'referrers'
        : kind === 'blobs'
          ? 'blob'
          : name === referrer.digest
            ? 'referrer'
            : 'image';
    if (at === place && !(at === 'image' && name.startsWith('sha256-')))
      return fault(request, response, body);
    if (at === 'referrers')
      return void response.end(JSON.stringify({ schemaVersion: 2, manifests: [referrer.descriptor] }));
    if (at === 'referrer') return void response.end(referrer.bytes);
    if (at === 'blob') return void response.writeHead(blobs.has(name) ? 200 : 404).end(blobs.get(name));
    return void response.writeHead(name === 'v1' || name === DIGEST ? 200 : 404).end(IMAGE);
  });
  return { host, asked };
}

/** `sallyport verify` of the image by the key, with credentials, quick to lose patience. */
async function verify(host: string, change: Partial<Context> = {}) {
  const docker = mkdtempSync(join(folder, 'docker-'));
  writeFileSync(join(docker, 'config.json'), JSON.stringify({ auths: { [host]: { auth: BASIC } } }));
  const told: string[] = [];
  const say = (text: string) => void told.push(text);
  const impatient = (request: HttpRequest) =>
    networkHttp.request({
      ...request,
      retries: 0,
      limits: { ...request.limits, timeout: Math.min(request.limits.timeout, 400) },
    });
  const context: Context = {
    ...systemContext('cli', 'verbose'),
    cwd: folder,
    env: { HOME: folder, DOCKER_CONFIG: docker },
    log: { debug: say, info: say, warn: say, error: say, progress: () => undefined },
    http: { get: networkHttp.get, request: impatient },
    out: say,
    ...change,
  };
  const command = await loadCommand('verify');
  const inputs = command.inputs.parse({ subjects: [`${host}/acme/app:v1`], key: KEY });
  const started = Date.now();
  let exit: number;
  try {
    exit = (await command.run(inputs, context)).exit;
  } catch (thrown) {
    // As the front door tells it.
    say(describeProblem(problemOf(thrown)));
    exit = 2;
  }
  return { exit, text: told.join('\n'), took: Date.now() - started };
}

const status =
  (code: number): Answer =>
  (_request, response) =>
    void response.writeHead(code).end('{"errors":[{"code":"DENIED"}]}');

const FAULTS: [string, Answer, RegExp][] = [
  [
    'redirects in a circle',
    (request, response) => void response.writeHead(302, { location: request.url ?? '' }).end(),
    /SP-HTTP|SP-REGISTRY/u,
  ],
  [
    'redirects to what it may not name',
    (_request, response) => void response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
    /SP-HTTP|SP-REGISTRY/u,
  ],
  [
    'serves other bytes',
    (_request, response) => void response.end('{"schemaVersion":2,"layers":[],"manifests":[]}'),
    /SP-STORE-DIGEST|SP-STORE-FORMAT|SP-VERIFY-MISSING|SP-REGISTRY/u,
  ],
  [
    'says that there are more bytes and breaks off',
    (_request, response) =>
      void response
        .writeHead(200, { 'content-length': '100000' })
        .write('{"schema', () => response.destroy()),
    /SP-HTTP/u,
  ],
  ['stalls before it answers', () => undefined, /SP-HTTP/u],
  ['stalls in the middle', (_request, response) => void response.writeHead(200).write('{'), /SP-HTTP/u],
  [
    'gives a byte at a time',
    (_request, response) => {
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    },
    /SP-HTTP/u,
  ],
  [
    'sends 50 MB',
    (_request, response) => void response.end(Buffer.alloc(50 * 1024 * 1024, 0x20)),
    /SP-HTTP/u,
  ],
  ['answers 401', status(401), /SP-REGISTRY-AUTH/u],
  ['answers 403', status(403), /SP-REGISTRY-AUTH/u],
  ['answers 404', status(404), /SP-VERIFY-MISSING|SP-REGISTRY|SP-STORE-SUBJECT/u],
  ['answers 429', status(429), /SP-REGISTRY/u],
  ['answers 500', status(500), /SP-REGISTRY/u],
];

describe('a registry that works', () => {
  it('has its image verified, and is given its credentials for the tag and for the signatures', async () => {
    const { host, asked } = await registry(await bundleOf(), null, () => undefined);
    const { exit, text } = await verify(host);
    expect(exit, text).toBe(0);
    expect(asked.filter((path) => path === '/token')).toHaveLength(2);
    expect(text).not.toContain(PASSWORD);
  });

  it('may have a signature about 10,000 things, and not about more', async () => {
    const most = await registry(await bundleOf({}, 10_000), null, () => undefined);
    expect(await verify(most.host)).toMatchObject({ exit: 0 });
    const more = await registry(await bundleOf({}, 10_001), null, () => undefined);
    const { exit, text } = await verify(more.host);
    expect(exit).toBe(1);
    expect(text).toContain('SP-VERIFY-STATEMENT');
  });

  it('may keep a large predicate, and not one of 50 MB', async () => {
    const impatience = { http: networkHttp };
    const large = await registry(await bundleOf({ text: 'x'.repeat(15e6) }), null, () => undefined);
    expect(await verify(large.host, impatience)).toMatchObject({ exit: 0 });
    const larger = await registry(await bundleOf({ text: 'x'.repeat(50e6) }), null, () => undefined);
    const { exit, text, took } = await verify(larger.host, impatience);
    expect(exit).toBe(1);
    expect(text).toContain('SP-HTTP');
    expect(took).toBeLessThan(5_000);
  });
});

describe.each(PLACES)('a registry that is not to be relied on, at the %s', (place) => {
  it.concurrent.each(FAULTS)('%s', async (_name, fault, code) => {
    const { host, asked } = await registry(await bundleOf(), place, fault);
    const { exit, text, took } = await verify(host);
    expect(exit, text).toBeGreaterThan(0);
    expect(text).toMatch(code);
    expect(text).not.toMatch(/TypeError|SyntaxError|SP-INTERNAL|undefined/u);
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(BASIC);
    expect(text).not.toContain('granted');
    expect(took).toBeLessThan(4_000);
    expect(asked.length).toBeLessThan(30);
  });

  it('redirects elsewhere: no credential goes along, and bytes count by their digest alone', async () => {
    const seen: string[] = [];
    let bytes = Buffer.alloc(0);
    const elsewhere = await listen((request, response) => {
      seen.push(JSON.stringify(request.headers) + request.url);
      response.end(bytes);
    });
    const json = await bundleOf();
    const away: Answer = (_request, response) =>
      void response.writeHead(307, { location: `http://${elsewhere}/bytes` }).end();
    const { host } = await registry(json, place, away);
    bytes = Buffer.from('{"token":"theirs","access_token":"theirs","manifests":[]}');
    const changed = await verify(host);
    expect(changed.exit, changed.text).toBeGreaterThan(0);
    bytes = Buffer.from(json);
    const right = await verify(host);
    expect(right.exit, right.text).toBe(place === 'blob' ? 0 : right.exit);
    expect(seen.length).toBeGreaterThan(0);
    for (const headers of seen) {
      expect(headers).not.toContain('authorization');
      expect(headers).not.toContain(PASSWORD);
      expect(headers).not.toContain('granted');
    }
    for (const { text } of [changed, right]) expect(text).not.toContain(PASSWORD);
  });
});

describe('a registry that gives too much of what is right', () => {
  const pages = (each: number, next: boolean): Answer => {
    const entry = { mediaType: MANIFEST, digest: `sha256:${'a'.repeat(64)}`, size: 1 };
    const body = JSON.stringify({ schemaVersion: 2, manifests: new Array(each).fill(entry) });
    return (_request, response) => {
      if (next) response.setHeader('link', '</v2/acme/app/referrers/x?n=1>; rel="next"');
      response.end(body);
    };
  };

  it.each([
    ['100,000 referrers at once', pages(100_000, false), /SP-STORE-LIMIT|SP-HTTP/u],
    ['100,000 referrers by the thousand', pages(1_000, true), /SP-STORE-LIMIT/u],
    ['pages without an end', pages(0, true), /SP-STORE-LIMIT/u],
  ])('%s', async (_name, fault, code) => {
    const { host, asked } = await registry(await bundleOf(), 'referrers', fault);
    const { exit, text, took } = await verify(host, { http: networkHttp });
    expect(exit).toBe(2);
    expect(text).toMatch(code);
    expect(asked.length).toBeLessThan(60);
    expect(took).toBeLessThan(8_000);
  });

  it.each([
    ['another host', 'https://elsewhere.example/v2/'],
    ['no address', 'http://['],
    ['another scheme', 'file:///etc/passwd'],
  ])('pages that go on at %s', async (_name, link) => {
    const fault: Answer = (_request, response) =>
      void response.setHeader('link', `<${link}>; rel="next"`).end('{"manifests":[]}');
    const { host } = await registry(await bundleOf(), 'referrers', fault);
    const { exit, text } = await verify(host);
    expect(exit).toBe(2);
    expect(text).toMatch(/SP-REGISTRY[\s\S]*goes on at another host/u);
  });

  it('a token service without https, for a registry that has it', async () => {
    const asked: string[] = [];
    const request = async ({ url }: HttpRequest) => {
      asked.push(url);
      const challenge = 'Bearer realm="http://127.0.0.1:9200/_all/_delete",service="x"';
      const header = (name: string) => (name === 'www-authenticate' ? challenge : null);
      return { status: 401, url, header, body: Buffer.alloc(0) };
    };
    const { exit, text } = await verify('registry.example', { http: { get: networkHttp.get, request } });
    expect(exit).toBe(2);
    expect(text).toContain('SP-REGISTRY-AUTH');
    expect(asked.every((url) => url.startsWith('https://registry.example/'))).toBe(true);
    const open = await verifyWithout('registry.example', request);
    expect(open.text).toContain('does not speak https');
    expect(asked.every((url) => url.startsWith('https://registry.example/'))).toBe(true);
  });

  /** The same where there are no credentials that could be asked for. */
  const verifyWithout = async (host: string, request: Context['http']['request']) =>
    await verify(host, { env: { HOME: folder }, http: { get: networkHttp.get, request } });

  /** Referrers without number, all of one large blob, each slow where the clock says so. */
  async function flood(size: number) {
    const blob = Buffer.alloc(size, 0x5b);
    const layer = { mediaType: 'x', digest: `sha256:${hex(blob)}`, size };
    const manifests = Array.from({ length: 900 }, (_, index) =>
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
          layers: [layer],
          subject: { digest: DIGEST },
          annotations: { index: String(index) },
        }),
      ),
    );
    const byDigest = new Map(manifests.map((bytes) => [`sha256:${hex(bytes)}`, bytes]));
    let sent = 0;
    const host = await listen((request, response) => {
      const name = (request.url ?? '').split('/').at(-1) ?? '';
      const bytes = name === DIGEST || name === 'v1' ? IMAGE : byDigest.get(name);
      if (request.url?.includes('/referrers/')) {
        const list = [...byDigest.keys()].map((digest) => ({ mediaType: MANIFEST, digest, size: 1 }));
        return void response.end(JSON.stringify({ manifests: list }));
      }
      if (request.url?.includes('/blobs/')) {
        sent += size;
        return void response.end(blob);
      }
      return void response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    });
    return { host, sent: () => sent };
  }

  it('900 signatures of 10 MB: it ends at what all of them may be together', async () => {
    const { host, sent } = await flood(10 * 1024 * 1024);
    const { exit, text } = await verify(host, { http: networkHttp });
    expect(exit).toBe(2);
    expect(text).toMatch(/SP-STORE-LIMIT.*too large together/u);
    expect(sent()).toBeLessThan(300 * 1024 * 1024);
  });

  it('signatures that each come slowly: it ends at what all of them may take together', async () => {
    const { host } = await flood(10);
    let now = Date.now();
    const slow = async (request: HttpRequest) => {
      now += 20_000;
      return await networkHttp.request(request);
    };
    const { exit, text } = await verify(host, {
      http: { get: networkHttp.get, request: slow },
      clock: { now: () => new Date(now) },
    });
    expect(exit).toBe(2);
    expect(text).toMatch(/SP-STORE-LIMIT.*takes too long/u);
  });
});
