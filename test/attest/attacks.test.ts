import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artifactOf } from '../../src/attest/verify/artifact.ts';
import { readBundle } from '../../src/attest/verify/bundle.ts';
import { readTrustedRoot } from '../../src/attest/verify/trusted-root.ts';
import { verifyBundle } from '../../src/attest/verify/verify.ts';
import { SallyportError } from '../../src/model/error.ts';
import { fixture, NOW, type Sample, samples, verifySample } from './fixtures.ts';
import { mutationsOf } from './mutations.ts';
import { PUBLIC_ISSUER, publicRoot } from './public.ts';

/** A document that is taken apart by paths such as `tlogs.0.publicKey`. */
type Document = Record<string, unknown>;

function at(document: unknown, path: string): unknown {
  return path.split('.').reduce((inner, name) => (inner as Document | undefined)?.[name], document);
}

/** Undefined removes the member. */
function put(document: Document, path: string, value: unknown): void {
  const dot = path.lastIndexOf('.');
  const holder = (dot === -1 ? document : at(document, path.slice(0, dot))) as Document;
  holder[path.slice(dot + 1)] = value;
}

function sampleNamed(start: string): Sample {
  const found = samples.find(({ name }) => name.startsWith(start));
  if (found === undefined) throw new Error(start);
  return found;
}

const file = sampleNamed('a file, Rekor v2');

function changed(sample: Sample, change: (bundle: Document, other: Document) => void): Buffer {
  const bundle = JSON.parse(fixture(sample.bundle).toString()) as Document;
  const other = JSON.parse(fixture('private/other.sigstore.json').toString()) as Document;
  change(bundle, other);
  return Buffer.from(JSON.stringify(bundle));
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
}

/** Verifies under a root that was changed. */
async function under(sample: Sample, bundle: Buffer, change: (root: Document) => void): Promise<string> {
  const root = JSON.parse(fixture(sample.root).toString()) as Document;
  change(root);
  return await codeOf(
    (async () =>
      await verifyBundle({
        bundle: readBundle(bundle, 'bundle'),
        instances: readTrustedRoot(Buffer.from(JSON.stringify(root)), 'root'),
        key: null,
        artifact: artifactOf('app.txt', fixture(sample.artifact)),
        now: NOW,
      }))(),
  );
}

const LOG = 'verificationMaterial.tlogEntries';
const TIME = 'verificationMaterial.timestampVerificationData';

describe('a bundle put together from two', () => {
  const withOther = (path: string) => changed(file, (own, other) => put(own, path, at(other, path)));

  it.each([
    ['the whole valid log entry', LOG, 'SP-VERIFY-LOG-BODY'],
    ['the timestamp', TIME, 'SP-VERIFY-TIMESTAMP'],
    ['everything but the signature', 'verificationMaterial', 'SP-VERIFY-SIGNATURE'],
  ])('is refused with %s of the other', async (_what, path, code) => {
    expect(await codeOf(verifySample(file, withOther(path)))).toBe(code);
  });

  it('is refused as a whole for another artifact', async () => {
    const bundle = fixture('private/other.sigstore.json');
    expect(await codeOf(verifySample(file, bundle))).toBe('SP-VERIFY-SUBJECT');
    expect(await codeOf(verifySample(file, bundle, { artifact: 'private/other.txt' }))).toBe('accepted');
  });
});

describe('what the instance offers is what is asked for', () => {
  const good = fixture(file.bundle);
  const stripped = changed(file, (own) => put(own, LOG, []));
  const nothing = () => undefined;

  it('refuses a bundle whose log entry was stripped, as GitHub’s own instance would write it', async () => {
    expect(await under(file, stripped, nothing)).toBe('SP-VERIFY-LOG');
    // Under a root that has no log, the same bundle is complete.
    expect(await under(file, stripped, (root) => put(root, 'tlogs', []))).toBe('accepted');
  });

  it('refuses a log entry where the root knows no log', async () => {
    expect(await under(file, good, (root) => put(root, 'tlogs', []))).toBe('SP-VERIFY-LOG');
  });

  it('refuses a bundle of a tiled log without a timestamp', async () => {
    const bare = changed(file, (own) => put(own, TIME, undefined));
    expect(await under(file, bare, nothing)).toBe('SP-VERIFY-TIME');
  });

  it('does not take the bare time of a log entry for proven', async () => {
    const bundle = changed(file, (own) => {
      put(own, TIME, undefined);
      put(own, `${LOG}.0.integratedTime`, String(NOW.getTime() / 1000 - 86_000));
    });
    expect(await under(file, bundle, nothing)).toBe('SP-VERIFY-TIME');
  });

  it.each([
    ['certificateAuthorities', 'SP-VERIFY-CHAIN'],
    ['ctlogs', 'SP-VERIFY-SCT'],
    ['timestampAuthorities', 'SP-VERIFY-TIMESTAMP'],
    ['tlogs', 'SP-VERIFY-LOG'],
  ])('refuses what another instance’s %s would have to vouch for', async (name, code) => {
    const foreign: unknown = JSON.parse(publicRoot());
    expect(await under(file, good, (root) => put(root, name, at(foreign, name)))).toBe(code);
  });

  it.each([
    ['tlogs.0.publicKey.validFor', 'SP-VERIFY-LOG'],
    ['ctlogs.0.publicKey.validFor', 'SP-VERIFY-SCT'],
    ['certificateAuthorities.0.validFor', 'SP-VERIFY-CHAIN'],
    ['timestampAuthorities.0.validFor', 'SP-VERIFY-TIMESTAMP'],
  ])('refuses what was signed before or after %s', async (path, code) => {
    expect(await under(file, good, (root) => put(root, path, { start: '2026-11-22T06:00:00Z' }))).toBe(code);
    const past = { start: '2020-01-01T00:00:00Z', end: '2026-11-22T04:00:00Z' };
    expect(await under(file, good, (root) => put(root, path, past))).toBe(code);
  });

  it('refuses a root that does not say from when a key counts, and one of the demo (rule 13)', async () => {
    const noStart = (root: Document) => put(root, 'tlogs.0.publicKey.validFor', {});
    expect(await under(file, good, noStart)).toBe('SP-ROOT-VALIDITY');
    const demo = (root: Document) => put(root, 'tlogs.0.baseUrl', 'https://rekor.demo.invalid');
    expect(await under(file, good, demo)).toBe('SP-ROOT-DEMO');
  });
});

describe('who', () => {
  it('is compared whole: no prefix, no part, no pattern in an exact name', async () => {
    for (const identity of [file.identity.slice(0, -1), `${file.identity}x`, '.*', ''])
      expect(await codeOf(verifySample(file, fixture(file.bundle), { identity }))).toBe('SP-VERIFY-IDENTITY');
    expect(await codeOf(verifySample(file, fixture(file.bundle), { issuer: PUBLIC_ISSUER }))).toBe(
      'SP-VERIFY-ISSUER',
    );
  });

  it('is not the key of somebody else, nor a key where a certificate is', async () => {
    const key = sampleNamed('a key');
    expect(await codeOf(verifySample(file, fixture(file.bundle), { key: 'private/key.pub' }))).toBe(
      'SP-VERIFY-KEY',
    );
    expect(await codeOf(verifySample(key, fixture(key.bundle)))).toBe('accepted');
    expect(await codeOf(verifySample(file, fixture(key.bundle)))).toBe('SP-VERIFY-KEY');
  });
});

describe('beside sigstore-js', () => {
  it('accepts nothing that sigstore-js refuses', async () => {
    let compared = 0;
    for (const sample of [file, sampleNamed('provenance')]) {
      const root = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(fixture(sample.root).toString())));
      const good = fixture(sample.bundle).toString();
      const texts = [good, ...[...mutationsOf(good, good, 97)].map(({ text }) => text)];
      for (const text of texts) {
        if ((await codeOf(verifySample(sample, Buffer.from(text)))) !== 'accepted') continue;
        const entity = toSignedEntity(bundleFromJSON(JSON.parse(text)), fixture(sample.artifact));
        expect(() => new Verifier(root).verify(entity)).not.toThrow();
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(2);
  });
});

describe('bytes that are anything', () => {
  it('never crash the readers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(await codeOf(verifySample(file, Buffer.from(bytes)))).toMatch(/^SP-/u);
      }),
      { numRuns: 300 },
    );
    const good = JSON.parse(fixture(file.bundle).toString()) as Document;
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.constantFrom(...Object.keys(good)), async (value, name) => {
        const text = JSON.stringify({ ...good, [name]: value });
        expect(await codeOf(verifySample(file, Buffer.from(text)))).toMatch(/^SP-/u);
      }),
      { numRuns: 300 },
    );
    const raw = (value: Uint8Array) => Buffer.from(value).toString('base64');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const material = {
          ...(at(good, 'verificationMaterial') as Document),
          certificate: { rawBytes: raw(bytes) },
        };
        const text = JSON.stringify({ ...good, verificationMaterial: material });
        expect(await codeOf(verifySample(file, Buffer.from(text)))).toMatch(/^SP-VERIFY-/u);
      }),
      { numRuns: 300 },
    );
  });
});
