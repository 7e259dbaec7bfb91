import { SallyportError } from '../../model/error.ts';
import { isObject, type Json, objectsOf, textOf } from '../../model/json/values.ts';
import { sha256 } from '../encoding/x509.ts';
import { BUNDLE_LIMITS, BUNDLE_TYPE, readBundle } from '../verify/bundle.ts';
import type { Found, Written } from './store.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const EMPTY = Buffer.from('{}');
/** Referrers of one image that are looked at. */
export const MAX_REFERRERS = 1000;

/** OCI content descriptor. */
export interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  artifactType?: string;
  annotations?: Record<string, string>;
}

export interface ReferrerManifest {
  bytes: Buffer;
  digest: string;
  descriptor: Descriptor;
  /** What it points at, by digest. */
  blobs: Buffer[];
}

/** The manifest of a bundle about `subject`, as cosign 3 writes it (cosign: specs/BUNDLE_SPEC). */
export function referrerOf(subject: Descriptor, written: Written): ReferrerManifest {
  const layer = Buffer.from(written.json);
  const annotations = {
    'dev.sigstore.bundle.content': written.predicateType === null ? 'message-signature' : 'dsse-envelope',
    ...(written.predicateType === null ? {} : { 'dev.sigstore.bundle.predicateType': written.predicateType }),
    'org.opencontainers.image.created': written.createdAt.toISOString().replace(/\.\d+Z$/u, 'Z'),
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: BUNDLE_TYPE,
    config: descriptorOf(EMPTY_TYPE, EMPTY),
    layers: [descriptorOf(BUNDLE_TYPE, layer)],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const descriptor = { ...descriptorOf(MANIFEST_TYPE, bytes), artifactType: BUNDLE_TYPE, annotations };
  return { bytes, digest: descriptor.digest, descriptor, blobs: [EMPTY, layer] };
}

function descriptorOf(mediaType: string, bytes: Buffer): Descriptor {
  return { mediaType, digest: `sha256:${sha256(bytes).toString('hex')}`, size: bytes.length };
}

/**
 * The bundle behind a referrer; none where the manifest is of another kind. What its descriptor says of it counts for
 * nothing: registries report other types, and anybody can write the index. Throws SP-STORE-FORMAT, SP-STORE-LIMIT.
 */
export async function bundleBehind(
  manifest: Buffer,
  where: string,
  subject: string,
  blob: (digest: string, limit: number) => Promise<Buffer>,
): Promise<Found[]> {
  const document = objectIn(manifest, where);
  if (
    document.artifactType !== BUNDLE_TYPE &&
    !/^application\/vnd\.dev\.sigstore\.bundle/u.test(String(document.artifactType))
  )
    return [];
  const [layer, ...more] = objectsOf(document.layers);
  const digest = textOf(layer?.digest);
  if (
    !isObject(document.subject) ||
    document.subject.digest !== subject ||
    digest === undefined ||
    more.length > 0
  )
    throw malformed(where, `a manifest with one layer about ${subject}`, 'something else');
  try {
    return [{ where, bundle: readBundle(await blob(digest, BUNDLE_LIMITS.bytes), where), document: null }];
  } catch (thrown) {
    // What cannot be looked at any more is not one broken signature among others.
    if (!(thrown instanceof SallyportError) || thrown.code === 'SP-STORE-LIMIT') throw thrown;
    return [{ where, bundle: thrown, document: null }];
  }
}

/** The digests in an image index, in order. Throws SP-STORE-FORMAT, SP-STORE-LIMIT. */
export function digestsIn(index: unknown, where: string): string[] {
  if (!isObject(index) || !Array.isArray(index.manifests))
    throw malformed(where, 'an image index', 'something else');
  if (index.manifests.length > MAX_REFERRERS) {
    throw new SallyportError({
      code: 'SP-STORE-LIMIT',
      message: 'there are too many signatures of one thing',
      expected: `at most ${MAX_REFERRERS}`,
      found: String(index.manifests.length),
    });
  }
  return objectsOf(index.manifests).flatMap((entry) => {
    const digest = textOf(entry.digest);
    return digest !== undefined && /^sha256:[0-9a-f]{64}$/u.test(digest) ? [digest] : [];
  });
}

export function objectIn(bytes: Buffer, where: string): Json {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as unknown;
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw malformed(where, 'a JSON object', 'something else');
}

export function malformed(where: string, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-STORE-FORMAT',
    message: 'what the store holds cannot be read',
    place: { path: where },
    expected,
    found,
  });
}
