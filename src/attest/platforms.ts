import { SallyportError } from '../model/error.ts';
import { isObject, type Json, textOf } from '../model/json/values.ts';
import { parseSignedJson } from './encoding/json.ts';
import { malformed } from './store/referrer.ts';
import type { SigningSubject } from './subject.ts';

/** One image of an index: what runs on a machine of that platform. */
export interface Platform {
  /** `linux/amd64`, or the digest where it does not say. */
  name: string;
  /** `sha256:HEX`. */
  digest: string;
}

const MAX_PLATFORMS = 200;
const MANIFEST = { bytes: 4 * 1024 * 1024, depth: 16, string: 4 * 1024 * 1024 };
/** Members by which runtimes choose what runs (image-spec: image-index.md, descriptor.md). */
const MEMBERS = [
  'mediaType',
  'artifactType',
  'manifests',
  'config',
  'layers',
  'fsLayers',
  'digest',
  'platform',
];
const PARTS = ['os', 'architecture', 'variant'];
const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/**
 * The images that an index points at; none for a single image or a file. Build tools put their own attestations into
 * an index under a platform that no machine has: those do not run and do not count. What a runtime could read otherwise
 * than we do is refused. Throws SP-STORE-FORMAT, SP-STORE-LIMIT, SP-JSON-*.
 */
export async function platformsOf(subject: SigningSubject): Promise<Platform[]> {
  if (subject.manifest === null) return [];
  const document = plainly(parseSignedJson(await subject.manifest(), subject.text, MANIFEST), subject);
  if (!INDEXES.includes(String(document.mediaType)) && document.manifests === undefined) return [];
  const image = ['config', 'layers', 'fsLayers'].find((name) => Object.hasOwn(document, name));
  if (image !== undefined || !Array.isArray(document.manifests))
    throw malformed(subject.text, 'an image or an index of images', `an index with ${image ?? 'no list'}`);
  const entries = document.manifests.map((entry: unknown) => plainly(entry, subject));
  if (entries.length === 0 || entries.length > MAX_PLATFORMS) {
    throw new SallyportError({
      code: 'SP-STORE-LIMIT',
      message: 'the index does not hold as many images as an index can',
      expected: `1 to ${MAX_PLATFORMS}`,
      found: String(entries.length),
      place: { path: subject.text },
    });
  }
  return entries.flatMap((entry): Platform[] => {
    const digest = textOf(entry.digest) ?? '';
    if (!/^sha256:[0-9a-f]{64}$/u.test(digest)) {
      throw new SallyportError({
        code: 'SP-STORE-FORMAT',
        message: 'the index names an image by something else than its sha256',
        place: { path: subject.text },
        expected: 'sha256:HEX',
        found: digest.slice(0, 100),
      });
    }
    if (INDEXES.includes(String(entry.mediaType)))
      throw malformed(subject.text, 'an index of images', `an index within the index: ${digest}`);
    const platform = entry.platform === undefined ? {} : plainly(entry.platform, subject, PARTS);
    const [os, architecture, variant] = [platform.os, platform.architecture, platform.variant].map(textOf);
    if (os === 'unknown' && architecture === 'unknown') return [];
    const name = [os, architecture, variant].filter((part) => part !== undefined).join('/');
    return [{ name: name || digest, digest }];
  });
}

/**
 * An object whose members are spelled as in the specification. Runtimes in Go take `Manifests` for `manifests`, and the
 * last of the two: what we looked at would not be what runs.
 */
function plainly(value: unknown, subject: SigningSubject, known: readonly string[] = MEMBERS): Json {
  if (!isObject(value)) throw malformed(subject.text, 'an object of the image’s manifest', 'something else');
  const odd = Object.keys(value).find(
    (name) => !known.includes(name) && known.some((one) => folded(one) === folded(name)),
  );
  if (odd === undefined) return value;
  throw malformed(
    subject.text,
    `members spelled as in the specification: ${known.join(', ')}`,
    odd.slice(0, 50),
  );
}

/** As Go folds: the long s and the sign of Kelvin count as letters. */
function folded(name: string): string {
  return name.toUpperCase().toLowerCase();
}
