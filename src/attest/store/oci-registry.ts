import { SallyportError } from '../../model/error.ts';
import { isObject, type Json, objectsOf } from '../../model/json/values.ts';
import type { Context } from '../../platform/context.ts';
import { Budget } from './budget.ts';
import { legacyBundles, legacyTags } from './legacy.ts';
import type { Reference } from './reference.ts';
import {
  bundleBehind,
  type Descriptor,
  digestsIn,
  INDEX_TYPE,
  MANIFEST_TYPE,
  MAX_REFERRERS,
  objectIn,
  referrerOf,
} from './referrer.ts';
import { RegistryClient } from './registry.ts';
import { type Found, foundAt, type Store } from './store.ts';

const MAX_PAGES = 50;
/** How often an index is written anew when somebody else wrote at the same time. */
const MAX_REPAIRS = 60;
/** Consecutive looks that must find all of ours before a writer leaves. */
const LOOKS = 3;

/** Signatures beside an image in its registry: by the referrers API, by the fallback tag, and cosign's older tags. */
export function registryStore(reference: Reference, context: Context): Store {
  const client = new RegistryClient(reference, context);
  return {
    find: async (digest) => await find(client.within(new Budget(context.clock)), digest),
    add: async (digest, bundles) => {
      const image = await client.manifest(digest);
      if (image === null) throw gone(reference, digest);
      const subject: Descriptor = { mediaType: image.mediaType, digest, size: image.bytes.length };
      const unlisted: Descriptor[] = [];
      const places: string[] = [];
      for (const written of bundles) {
        const referrer = referrerOf(subject, written);
        for (const blob of referrer.blobs) await client.putBlob(blob);
        const { listed } = await client.putManifest(referrer.digest, MANIFEST_TYPE, referrer.bytes);
        if (!listed) unlisted.push(referrer.descriptor);
        places.push(`${reference.registry}/${reference.repository}@${referrer.digest}`);
      }
      // A registry may have the referrers API and not say so when a manifest is written.
      const pages = unlisted.length === 0 ? [] : ((await client.referrers(digest, MAX_PAGES)) ?? []);
      const known = new Set(pages.flatMap((page) => digestsIn(page, digest)));
      const missing = unlisted.filter((descriptor) => !known.has(descriptor.digest));
      if (missing.length > 0) await addToFallback(client, fallbackTag(digest), missing);
      return places;
    },
  };
}

/** Resolves what a name stands for to a digest; a tag once, and never again. Null where there is no such image. */
export async function resolveDigest(reference: Reference, context: Context): Promise<string | null> {
  if (reference.digest !== null) return reference.digest;
  return (await new RegistryClient(reference, context).manifest(reference.tag ?? 'latest'))?.digest ?? null;
}

/** A manifest or index, checked against its digest. Throws SP-STORE-SUBJECT. */
export async function registryManifest(
  reference: Reference,
  digest: string,
  context: Context,
): Promise<Buffer> {
  const found = await new RegistryClient(reference, context).manifest(digest);
  if (found === null) throw gone(reference, digest);
  return found.bytes;
}

async function find(client: RegistryClient, digest: string): Promise<Found[]> {
  const { registry, repository } = client.reference;
  const name = `${registry}/${repository}`;
  const pages = (await client.referrers(digest, MAX_PAGES)) ?? [];
  const listed = pages.flatMap((page) => digestsIn(page, `${name} referrers of ${digest}`));
  const found: Found[] = [];
  const tagged: string[] = [];
  // A registry that got the referrers API later may still hold what was written under the tag.
  const fallback = await client.manifest(fallbackTag(digest));
  if (fallback !== null) {
    const where = `${name}:${fallbackTag(digest)}`;
    const broken = await foundAt(where, async () => {
      tagged.push(...digestsIn(objectIn(fallback.bytes, where), where));
      return [];
    });
    found.push(...broken);
  }
  const all = [...new Set([...listed, ...tagged])];
  if (all.length > MAX_REFERRERS)
    throw new SallyportError({
      code: 'SP-STORE-LIMIT',
      message: 'there are too many signatures of one thing',
      expected: `at most ${MAX_REFERRERS}`,
      found: String(all.length),
    });
  const blob = async (wanted: string, limit: number) => await client.blob(wanted, limit);
  for (const referrer of all) {
    const where = `${name}@${referrer}`;
    const one = await foundAt(where, async () => {
      const manifest = await client.manifest(referrer);
      return manifest === null ? [] : await bundleBehind(manifest.bytes, where, digest, blob);
    });
    found.push(...one);
  }
  for (const tag of legacyTags(digest)) {
    const manifest = await client.manifest(tag);
    const where = `${name}:${tag}`;
    if (manifest !== null)
      found.push(...(await foundAt(where, () => legacyBundles(manifest.bytes, where, blob))));
  }
  return found;
}

/** OCI distribution specification 1.1, "Referrers Tag Schema". */
function fallbackTag(digest: string): string {
  return digest.replace(':', '-');
}

/**
 * Adds to the index under the fallback tag. Registries have no compare-and-swap: two writers can each lose the other's
 * entry, so every writer looks again after pauses of random length and puts back what is missing, until it has seen all
 * of its own entries several times in a row. What remains: a writer that stalls between its read and its write for
 * longer than all of those pauses can still drop an entry. Throws SP-STORE-RACE after many repairs.
 */
async function addToFallback(
  client: RegistryClient,
  tag: string,
  descriptors: readonly Descriptor[],
): Promise<void> {
  let seen = 0;
  for (let repairs = 0; repairs <= MAX_REPAIRS; ) {
    const current = await client.manifest(tag);
    const index: Json = current === null ? {} : objectIn(current.bytes, tag);
    const entries = objectsOf(index.manifests);
    const known = new Set(entries.map((entry) => entry.digest));
    const missing = descriptors.filter((descriptor) => !known.has(descriptor.digest));
    if (missing.length === 0) {
      seen += 1;
      if (seen >= LOOKS) return;
    } else {
      seen = 0;
      repairs += 1;
      const manifests = [...entries, ...missing];
      const bytes = Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: INDEX_TYPE,
          ...(isObject(index.annotations) ? { annotations: index.annotations } : {}),
          manifests,
        }),
      );
      await client.putManifest(tag, INDEX_TYPE, bytes);
    }
    await pause(40 + Math.random() * 160);
  }
  throw new SallyportError({
    code: 'SP-STORE-RACE',
    message: `${client.reference.registry}/${client.reference.repository}: others keep writing the list of signatures`,
    expected: `our entries in ${tag}`,
    found: `entries that were dropped ${MAX_REPAIRS} times`,
    next: 'let one job write at a time, or use a registry with the referrers API',
  });
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function gone(reference: Reference, digest: string): SallyportError {
  return new SallyportError({
    code: 'SP-STORE-SUBJECT',
    message: `${reference.registry}/${reference.repository} does not hold the image`,
    expected: digest,
    found: 'HTTP 404',
    next: 'push the image first: signatures are kept beside it',
  });
}
