import { join } from 'node:path';
import { SallyportError } from '../../model/error.ts';
import { isObject, objectsOf, textOf } from '../../model/json/values.ts';
import type { Files } from '../../platform/files.ts';
import { sha256 } from '../encoding/x509.ts';
import { Budget } from './budget.ts';
import { bundleBehind, type Descriptor, digestsIn, malformed, objectIn, referrerOf } from './referrer.ts';
import { type Found, foundAt, type Store } from './store.ts';

const MAX_INDEX = 4 * 1024 * 1024;
const REF_NAME = 'org.opencontainers.image.ref.name';

/** Signatures in an OCI image layout on disk: manifests with a subject, named in `index.json`. */
export function layoutStore(folder: string, files: Files): Store {
  return {
    find: async (digest) => await find(folder, digest, files),
    add: async (digest, bundles) => {
      const index = await readIndex(folder, files);
      const image = await blobOf(folder, digest, MAX_INDEX, files);
      const mediaType =
        textOf(objectIn(image, digest).mediaType) ?? 'application/vnd.oci.image.manifest.v1+json';
      const subject: Descriptor = { mediaType, digest, size: image.length };
      const referrers = bundles.map((written) => referrerOf(subject, written));
      for (const { bytes, blobs } of referrers) {
        for (const blob of [...blobs, bytes])
          await files.write(pathOf(folder, `sha256:${sha256(blob).toString('hex')}`), blob);
      }
      const known = new Set(objectsOf(index.manifests).map((entry) => entry.digest));
      const added = referrers.map((referrer) => referrer.descriptor).filter((one) => !known.has(one.digest));
      const whole = { ...index, manifests: [...objectsOf(index.manifests), ...added] };
      await files.write(join(folder, 'index.json'), [JSON.stringify(whole)]);
      return referrers.map((referrer) => `${folder}@${referrer.digest}`);
    },
  };
}

/** The digest of the image in a layout: the only one, or the one with that tag. Throws SP-STORE-SUBJECT. */
export async function digestInLayout(folder: string, tag: string | null, files: Files): Promise<string> {
  const index = await readIndex(folder, files);
  const images = objectsOf(index.manifests).filter(
    (entry) => !/sigstore\.bundle/u.test(String(entry.artifactType)),
  );
  const named = images.filter(
    (entry) => tag === null || (isObject(entry.annotations) && entry.annotations[REF_NAME] === tag),
  );
  const digest = textOf(named[0]?.digest);
  if (named.length === 1 && digest !== undefined && /^sha256:[0-9a-f]{64}$/u.test(digest)) {
    await blobOf(folder, digest, MAX_INDEX, files);
    return digest;
  }
  throw new SallyportError({
    code: 'SP-STORE-SUBJECT',
    message: 'the image layout does not say which image is meant',
    place: { path: folder },
    expected: tag === null ? 'one image' : `one image named ${tag}`,
    found: `${named.length}`,
    next: 'name one: oci:DIR:TAG',
  });
}

/** A manifest or index of the layout, checked against its digest. */
export async function layoutManifest(folder: string, digest: string, files: Files): Promise<Buffer> {
  return await blobOf(folder, digest, MAX_INDEX, files);
}

async function find(folder: string, digest: string, files: Files): Promise<Found[]> {
  const found: Found[] = [];
  const budget = new Budget();
  for (const candidate of digestsIn(await readIndex(folder, files), join(folder, 'index.json'))) {
    if (candidate === digest) continue;
    const where = `${folder}@${candidate}`;
    const one = await foundAt(where, async () => {
      const bytes = await blobOf(folder, candidate, MAX_INDEX, files);
      const { subject } = objectIn(bytes, candidate);
      if (!isObject(subject) || subject.digest !== digest) return [];
      return await bundleBehind(bytes, where, digest, async (wanted, limit) => {
        const blob = await blobOf(folder, wanted, limit, files);
        budget.spend(blob.length);
        return blob;
      });
    });
    found.push(...one);
  }
  return found;
}

async function readIndex(folder: string, files: Files): Promise<Record<string, unknown>> {
  const path = join(folder, 'index.json');
  const layout = objectIn(await files.read(join(folder, 'oci-layout'), 4096), join(folder, 'oci-layout'));
  if (!String(layout.imageLayoutVersion).startsWith('1.'))
    throw malformed(folder, 'an image layout 1.x', String(layout.imageLayoutVersion));
  return objectIn(await files.read(path, MAX_INDEX), path);
}

function pathOf(folder: string, digest: string): string {
  if (!/^sha256:[0-9a-f]{64}$/u.test(digest))
    throw malformed(folder, 'a sha256 digest', digest.slice(0, 100));
  return join(folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
}

async function blobOf(folder: string, digest: string, limit: number, files: Files): Promise<Buffer> {
  const bytes = await files.read(pathOf(folder, digest), limit);
  const own = `sha256:${sha256(bytes).toString('hex')}`;
  if (own === digest) return bytes;
  throw new SallyportError({
    code: 'SP-STORE-DIGEST',
    message: 'a blob of the image layout was changed',
    place: { path: folder },
    expected: digest,
    found: own,
  });
}
