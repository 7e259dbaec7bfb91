import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/attest/encoding/x509.ts';
import { besideStore, folderStore } from '../../src/attest/store/files.ts';
import { digestInLayout, layoutStore } from '../../src/attest/store/image-layout.ts';
import { registryStore } from '../../src/attest/store/oci-registry.ts';
import { parseReference } from '../../src/attest/store/reference.ts';
import type { Found, Written } from '../../src/attest/store/store.ts';
import { SallyportError } from '../../src/model/error.ts';
import { systemContext } from '../../src/platform/system.ts';
import { fixture } from './fixtures.ts';
import { type Answer, listen } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-stores-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const context = { ...systemContext('cli', 'quiet'), env: { HOME: folder } };
const JSON_BUNDLE = fixture('private/message.sigstore.json').toString();
const written = (predicateType: string | null): Written => ({
  json: JSON_BUNDLE,
  predicateType,
  createdAt: new Date('2026-11-22T05:00:00Z'),
});
const IMAGE = Buffer.from(
  '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}',
);
const DIGEST = `sha256:${sha256(IMAGE).toString('hex')}`;

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'done',
    (thrown) => (thrown instanceof SallyportError ? thrown.code : String(thrown)),
  );
}

describe('files', () => {
  it('keeps bundles beside a file and finds those alone', async () => {
    const store = besideStore(join(folder, 'app.tgz'), context.files);
    const paths = await store.add(DIGEST, [written(null), written('https://slsa.dev/provenance/v1')]);
    expect(paths.map((path) => path.slice(folder.length + 1))).toEqual([
      'app.tgz.sigstore.json',
      'app.tgz.slsa-dev-provenance-v1.sigstore.json',
    ]);
    writeFileSync(join(folder, 'app.tgz.asc.sigstore.json.bak'), 'x');
    writeFileSync(join(folder, 'app.tgz.sbom.json.sigstore.json'), 'of another file');
    writeFileSync(join(folder, 'app.tgz.broken.sigstore.json'), 'x');
    const found = await store.find(DIGEST);
    expect(found.map(({ bundle }) => bundle instanceof SallyportError)).toEqual([true, false, false]);
  });

  it('keeps bundles in a folder by digest, and reads lists', async () => {
    const store = folderStore(join(folder, 'all'), context.files);
    expect(await store.find(DIGEST)).toEqual([]);
    await store.add(DIGEST, [written(null)]);
    writeFileSync(join(folder, 'all', `${DIGEST}.jsonl`), `${JSON_BUNDLE}\n\n${JSON_BUNDLE}\n`);
    expect((await store.find(DIGEST)).length).toBe(3);
    expect(await store.find(`sha256:${'0'.repeat(64)}`)).toEqual([]);
  });
});

describe('an image layout', () => {
  const layout = join(folder, 'layout');
  const blob = (digest: string) => join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length));

  it('takes signatures beside the image and finds them again', async () => {
    await context.files.write(join(layout, 'oci-layout'), ['{"imageLayoutVersion":"1.0.0"}']);
    await context.files.write(blob(DIGEST), IMAGE);
    const entry = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: DIGEST,
      size: IMAGE.length,
    };
    await context.files.write(join(layout, 'index.json'), [
      JSON.stringify({ schemaVersion: 2, manifests: [entry] }),
    ]);
    const store = layoutStore(layout, context.files);
    await store.add(DIGEST, [written(null), written('https://cyclonedx.org/bom')]);
    await store.add(DIGEST, [written(null)]);
    expect((await store.find(DIGEST)).length).toBe(2);
    expect(await digestInLayout(layout, null, context.files)).toBe(DIGEST);
    const [name = ''] = readdirSync(join(layout, 'blobs', 'sha256')).filter((one) =>
      readFileSync(join(layout, 'blobs', 'sha256', one)).includes('messageSignature'),
    );
    writeFileSync(join(layout, 'blobs', 'sha256', name), 'changed');
    expect(await store.find(DIGEST)).toMatchObject([
      { bundle: { code: 'SP-STORE-DIGEST' } },
      { bundle: { code: 'SP-STORE-DIGEST' } },
    ]);
    writeFileSync(blob(DIGEST), 'changed');
    expect(await codeOf(digestInLayout(layout, null, context.files))).toBe('SP-STORE-DIGEST');
  });
});

const storeAt = (host: string) => registryStore(parseReference(`${host}/acme/app@${DIGEST}`), context);

/** A registry in memory, without the referrers API. */
function memoryRegistry(): { handler: Answer; manifests: Map<string, Buffer> } {
  const manifests = new Map<string, Buffer>([[DIGEST, IMAGE]]);
  const blobs = new Map<string, Buffer>();
  const handler: Answer = (request, response, body) => {
    const url = new URL(request.url ?? '', 'http://host');
    const [, kind = '', name = ''] =
      /^\/v2\/acme\/app\/(manifests|blobs|referrers)\/(.*)$/u.exec(url.pathname) ?? [];
    // Answers come late and out of order, as they do where many write.
    setTimeout(() => {
      if (request.method === 'POST')
        return response.writeHead(202, { location: `/v2/acme/app/blobs/up` }).end();
      if (request.method === 'PUT') {
        if (kind === 'manifests') {
          manifests.set(name, body);
          manifests.set(`sha256:${sha256(body).toString('hex')}`, body);
        } else blobs.set(url.searchParams.get('digest') ?? '', body);
        return response.writeHead(201).end();
      }
      const found =
        kind === 'manifests' ? manifests.get(name) : kind === 'blobs' ? blobs.get(name) : undefined;
      return response.writeHead(found === undefined ? 404 : 200).end(found);
    }, Math.random() * 15);
  };
  return { handler, manifests };
}

describe('a registry without the referrers API', () => {
  it('loses nothing when eight write at once, round after round', async () => {
    for (let round = 0; round < 4; round += 1) {
      const { handler } = memoryRegistry();
      const host = await listen(handler);
      const types = Array.from({ length: 8 }, (_, index) => `https://acme.test/${index}`);
      await Promise.all(types.map(async (type) => await storeAt(host).add(DIGEST, [written(type)])));
      expect((await storeAt(host).find(DIGEST)).length).toBe(8);
    }
  }, 60_000);

  it('says that the image is not there', async () => {
    const { handler, manifests } = memoryRegistry();
    manifests.clear();
    expect(await codeOf(storeAt(await listen(handler)).add(DIGEST, [written(null)]))).toBe(
      'SP-STORE-SUBJECT',
    );
  });
});

describe('whoever may write to a store can break one signature, and hide none', () => {
  const codes = (found: readonly Found[]) =>
    found.map(({ bundle }) => (bundle instanceof SallyportError ? bundle.code : 'read'));
  const digestOf = (bytes: Buffer) => `sha256:${sha256(bytes).toString('hex')}`;

  it('in a registry', async () => {
    const { handler, manifests } = memoryRegistry();
    const store = storeAt(await listen(handler));
    await store.add(DIGEST, [written(null)]);
    const tag = DIGEST.replace(':', '-');
    const [type] = JSON.parse(manifests.get(tag)?.toString() ?? '').manifests;
    const layer = { mediaType: 'x', digest: `sha256:${'2'.repeat(64)}`, size: 1 };
    const broken = [
      Buffer.from(JSON.stringify({ artifactType: type.artifactType, layers: [layer, layer] })),
      Buffer.from('no JSON'),
    ].map((bytes) => {
      manifests.set(digestOf(bytes), bytes);
      return digestOf(bytes);
    });
    const other = `sha256:${'1'.repeat(64)}`;
    manifests.set(other, Buffer.from('{}'));
    const listed = [...broken, other].map((digest) => ({ digest }));
    manifests.set(tag, Buffer.from(JSON.stringify({ manifests: [...listed, type] })));
    manifests.set(`${tag}.sig`, Buffer.from('no JSON'));
    const old = { ...layer, mediaType: 'application/vnd.dsse.envelope.v1+json' };
    manifests.set(`${tag}.att`, Buffer.from(JSON.stringify({ layers: [old] })));
    expect(codes(await store.find(DIGEST))).toEqual([
      'SP-STORE-FORMAT',
      'SP-STORE-FORMAT',
      'SP-STORE-DIGEST',
      'read',
      'SP-STORE-FORMAT',
      'SP-REGISTRY',
    ]);
    manifests.set(tag, IMAGE);
    expect(codes(await store.find(DIGEST))[0]).toBe('SP-STORE-FORMAT');
  });

  it('in a layout', async () => {
    const layout = join(folder, 'broken-layout');
    const blob = (digest: string) => join(layout, 'blobs', 'sha256', digest.slice('sha256:'.length));
    await context.files.write(join(layout, 'oci-layout'), ['{"imageLayoutVersion":"1.0.0"}']);
    await context.files.write(blob(DIGEST), IMAGE);
    await context.files.write(join(layout, 'index.json'), [
      JSON.stringify({ manifests: [{ digest: DIGEST }] }),
    ]);
    const store = layoutStore(layout, context.files);
    await store.add(DIGEST, [written(null)]);
    const index = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
    const [missing, changed] = ['3', '4'].map((digit) => `sha256:${digit.repeat(64)}`);
    await context.files.write(blob(changed ?? ''), ['{}']);
    const manifests = [{ digest: missing }, { digest: changed }, ...index.manifests];
    writeFileSync(join(layout, 'index.json'), JSON.stringify({ ...index, manifests }));
    expect(codes(await store.find(DIGEST))).toEqual(['SP-FILE-MISSING', 'SP-STORE-DIGEST', 'read']);
  });

  it('in a folder', async () => {
    const kept = join(folder, 'broken-folder');
    const store = folderStore(kept, context.files);
    await store.add(DIGEST, [written(null)]);
    const stem = join(kept, DIGEST.replace(':', '-'));
    mkdirSync(`${stem}.a.sigstore.json`);
    writeFileSync(`${stem}.b.sigstore.json`, '');
    truncateSync(`${stem}.b.sigstore.json`, 41 * 1024 * 1024);
    expect(codes(await store.find(DIGEST))).toEqual(['SP-FILE-UNREADABLE', 'SP-FILE-TOO-LARGE', 'read']);
  });
});

describe('a registry that cannot be relied on', () => {
  it.each<[string, Answer, string]>([
    ['serves other bytes for a digest', (_q, r) => void r.end('{}'), 'SP-STORE-FORMAT'],
    ['answers 403', (_q, r) => void r.writeHead(403).end(), 'SP-REGISTRY-AUTH'],
    ['answers 401 and knows no way to log in', (_q, r) => void r.writeHead(401).end(), 'SP-REGISTRY-AUTH'],
    ['sends rubbish', (_q, r) => void r.end('<html>'), 'SP-REGISTRY'],
    [
      'lists 100,000 referrers',
      (_q, r) => void r.end(JSON.stringify({ manifests: new Array(100_000).fill({}) })),
      'SP-STORE-LIMIT',
    ],
    ['sends more than it should', (_q, r) => void r.end(Buffer.alloc(5 * 1024 * 1024, 0x20)), 'SP-HTTP'],
    [
      'lists pages for ever',
      (_q, r) =>
        void r.setHeader('link', '</v2/acme/app/referrers/x?n=1>; rel="next"').end('{"manifests":[]}'),
      'SP-STORE-LIMIT',
    ],
    [
      'goes on at another host',
      (_q, r) => void r.setHeader('link', '<http://127.0.0.1:1/x>; rel="next"').end('{"manifests":[]}'),
      'SP-REGISTRY',
    ],
    ['redirects in a circle', (q, r) => void r.writeHead(302, { location: q.url ?? '' }).end(), 'SP-HTTP'],
  ])('%s', async (_name, handler, code) => {
    expect(await codeOf(storeAt(await listen(handler)).find(DIGEST))).toBe(code);
  });

  it('gets no credentials for another party’s token service, and none follow a redirect', async () => {
    const seen: string[] = [];
    const note: Answer = (request, response) => {
      seen.push(String(request.headers.authorization));
      response.end('{"token":"t"}');
    };
    const thief = await listen(note);
    const realm = `Bearer realm="http://${thief}/token",service="x"`;
    const lying = await listen((_q, r) => void r.writeHead(401, { 'www-authenticate': realm }).end());
    const auth = Buffer.from('user:secret').toString('base64');
    const write = (host: string) =>
      writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
    const keyed = (host: string) =>
      registryStore(parseReference(`${host}/acme/app`), { ...context, env: { DOCKER_CONFIG: folder } });
    write(lying);
    expect(await codeOf(keyed(lying).find(DIGEST))).toBe('SP-REGISTRY-AUTH');
    expect(seen).toEqual([]);
    const asking = await listen((request, response) => {
      if (request.headers.authorization === undefined)
        return void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      return void response.writeHead(307, { location: `http://${thief}/` }).end();
    });
    write(asking);
    await codeOf(keyed(asking).find(DIGEST));
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((header) => header === 'undefined')).toBe(true);
  });
});

describe('the name of an image', () => {
  it.each([
    ['registry.example/app:v1', 'registry.example', 'app', 'v1'],
    ['localhost:5000/a/b', 'localhost:5000', 'a/b', null],
    ['alpine:3', 'registry-1.docker.io', 'library/alpine', '3'],
    ['acme/app:v1', 'registry-1.docker.io', 'acme/app', 'v1'],
  ])('%s', (text, registry, repository, tag) => {
    expect(parseReference(text)).toEqual({ registry, repository, tag, digest: null });
  });

  it.each([
    'registry.example/App',
    'registry.example/../x',
    'a@sha256:00',
    'registry.example/a:b:c',
    'x/y z',
    'a@b@c',
  ])('refuses %s', (text) => {
    expect(() => parseReference(text)).toThrow(SallyportError);
  });
});
