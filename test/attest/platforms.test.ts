import { describe, expect, it } from 'vitest';
import { platformsOf } from '../../src/attest/platforms.ts';
import type { SigningSubject } from '../../src/attest/subject.ts';
import { SallyportError } from '../../src/model/error.ts';

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const entry = (digit: string, more: object = {}) => ({
  mediaType: MANIFEST,
  digest: digest(digit),
  size: 1,
  platform: { os: 'linux', architecture: 'amd64' },
  ...more,
});
const index = (...manifests: unknown[]) => ({ schemaVersion: 2, mediaType: INDEX, manifests });

async function read(document: object | string): Promise<string[] | string> {
  const bytes = Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
  const subject = { text: 'app', manifest: async () => bytes } as unknown as SigningSubject;
  try {
    return (await platformsOf(subject)).map(({ name, digest: of }) => `${name} ${of.slice(7, 8)}`);
  } catch (thrown) {
    if (!(thrown instanceof SallyportError)) throw thrown;
    return thrown.code;
  }
}

describe('the images of an index', () => {
  it('are those that run', async () => {
    const arm = { platform: { os: 'linux', architecture: 'arm64', variant: 'v8', 'os.version': '1' } };
    const attestation = { platform: { os: 'unknown', architecture: 'unknown' } };
    const found = await read(index(entry('a'), entry('b', arm), entry('c', attestation)));
    expect(found).toEqual(['linux/amd64 a', 'linux/arm64/v8 b']);
    expect(await read({ schemaVersion: 2, mediaType: MANIFEST, config: {}, layers: [] })).toEqual([]);
    expect(await read({ schemaVersion: 2, manifests: [entry('a', { platform: undefined })] })).toEqual([
      `${digest('a')} a`,
    ]);
  });

  const text = JSON.stringify(index(entry('a')));
  it.each<[string, object | string, string]>([
    [
      'a second list, spelled otherwise',
      { ...index(entry('a')), Manifests: [entry('b')] },
      'SP-STORE-FORMAT',
    ],
    ['a list with the long s', { ...index(entry('a')), manifeſts: [entry('b')] }, 'SP-STORE-FORMAT'],
    [
      'a list twice',
      text.replace('"manifests"', `"manifests":[${JSON.stringify(entry('b'))}],"manifests"`),
      'SP-JSON-DUPLICATE',
    ],
    ['a second digest, spelled otherwise', index(entry('a', { Digest: digest('b') })), 'SP-STORE-FORMAT'],
    [
      'a second system, spelled otherwise',
      index(entry('a', { platform: { os: 'unknown', architecture: 'unknown', OS: 'linux' } })),
      'SP-STORE-FORMAT',
    ],
    ['an image that is an index too', { ...index(entry('a')), layers: [] }, 'SP-STORE-FORMAT'],
    [
      'an image with a list of images',
      { mediaType: MANIFEST, config: {}, layers: [], manifests: [entry('a')] },
      'SP-STORE-FORMAT',
    ],
    ['an index within the index', index(entry('a', { mediaType: INDEX })), 'SP-STORE-FORMAT'],
    ['an entry that is none', index(entry('a'), 'b'), 'SP-STORE-FORMAT'],
    ['a platform that is none', index(entry('a', { platform: 'linux' })), 'SP-STORE-FORMAT'],
    ['no list', { mediaType: INDEX }, 'SP-STORE-FORMAT'],
    ['an empty list', index(), 'SP-STORE-LIMIT'],
    ['another digest', index(entry('a', { digest: 'sha512:00' })), 'SP-STORE-FORMAT'],
    ['no object', '[]', 'SP-STORE-FORMAT'],
  ])('are not read from %s', async (_name, document, code) => {
    expect(await read(document)).toBe(code);
  });
});
