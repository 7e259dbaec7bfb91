import { SallyportError } from '../model/error.ts';
import { isObject, objectsOf, textOf } from '../model/json/values.ts';
import { objectIn } from './store/referrer.ts';
import type { SigningSubject } from './subject.ts';

/** One image of an index: what runs on a machine of that platform. */
export interface Platform {
  /** `linux/amd64`, or the digest where it does not say. */
  name: string;
  /** `sha256:HEX`. */
  digest: string;
}

const MAX_PLATFORMS = 200;
const INDEXES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

/**
 * The images that an index points at; none for a single image or a file. Build tools put their own attestations into
 * an index under a platform that no machine has: those do not run and do not count. Throws SP-STORE-FORMAT.
 */
export async function platformsOf(subject: SigningSubject): Promise<Platform[]> {
  if (subject.manifest === null) return [];
  const document = objectIn(await subject.manifest(), subject.text);
  if (!INDEXES.includes(String(document.mediaType)) && !Array.isArray(document.manifests)) return [];
  const entries = objectsOf(document.manifests);
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
    const platform = isObject(entry.platform) ? entry.platform : {};
    const [os, architecture, variant] = [platform.os, platform.architecture, platform.variant].map(textOf);
    if (os === 'unknown' && architecture === 'unknown') return [];
    const name = [os, architecture, variant].filter((part) => part !== undefined).join('/');
    return [{ name: name || digest, digest }];
  });
}
