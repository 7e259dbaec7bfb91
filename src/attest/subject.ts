import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { besideStore, folderStore } from './store/files.ts';
import type { Store } from './store/store.ts';
import type { Artifact } from './verify/artifact.ts';
import { failed } from './verify/failure.ts';

/** What is signed or verified, as it was named, with its digest and where its signatures lie. */
export interface SigningSubject {
  /** As it was typed. */
  text: string;
  kind: 'file' | 'image' | 'digest';
  /** What statements call it: a file's name, an image's without its tag. */
  name: string;
  artifact: Artifact;
  /** `sha256:HEX`. */
  digest: string;
  /** Null where nothing but a digest was given. */
  store: Store | null;
  /** A file's path. */
  path: string | null;
  /** An image's manifest, checked against its digest; null for everything else. */
  manifest: (() => Promise<Buffer>) | null;
}

/** Up to here a file is read whole; a larger one is only hashed. */
const MAX_WHOLE = 256 * 1024 * 1024;

/**
 * Reads `FILE`, `file:FILE`, `oci:DIR[:TAG]`, `NAME:TAG`, `NAME@sha256:HEX`, `sha256:HEX`. With `folder`, signatures are
 * kept there instead of beside. Throws SP-USAGE, SP-FILE-MISSING; VerificationFailed where a registry has no such image.
 */
export async function openSubject(
  text: string,
  folder: string | null,
  context: Context,
): Promise<SigningSubject> {
  const other = folder === null ? null : await storeOf(folder, context);
  if (/^sha256:[0-9a-f]{64}$/u.test(text)) {
    const artifact = { name: text, digests: { sha256: text.slice('sha256:'.length) }, data: null };
    return {
      text,
      kind: 'digest',
      name: text,
      artifact,
      digest: text,
      store: other,
      path: null,
      manifest: null,
    };
  }
  if (text.startsWith('oci:')) return await layoutSubject(text, other, context);
  const path = resolve(context.cwd, text.startsWith('file:') ? text.slice('file:'.length) : text);
  if (text.startsWith('file:') || (await context.files.exists(path))) {
    return await fileSubject(text, path, other, context);
  }
  if (!looksLikeImage(text)) {
    throw new SallyportError({
      code: 'SP-FILE-MISSING',
      message: 'no such file, and not the name of an image',
      place: { path: text.slice(0, 300) },
      expected: 'a file, oci:DIR[:TAG], REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:HEX',
    });
  }
  // What speaks to registries is loaded where there is one: most of what is verified is a file.
  const [{ nameOf, parseReference }, { registryManifest, registryStore, resolveDigest }] = await Promise.all([
    import('./store/reference.ts'),
    import('./store/oci-registry.ts'),
  ]);
  const reference = parseReference(text);
  const digest = await resolveDigest(reference, context);
  if (digest === null) {
    throw failed('SP-VERIFY-MISSING', 'the registry has no such image', {
      expected: text,
      found: 'HTTP 404',
    });
  }
  return image(text, nameOf(reference), digest, other ?? registryStore(reference, context), () =>
    registryManifest(reference, digest, context),
  );
}

/** `DIR`, or `github:OWNER/NAME`. Throws SP-USAGE. */
export async function storeOf(text: string, context: Context): Promise<Store> {
  if (!text.startsWith('github:')) return folderStore(resolve(context.cwd, text), context.files);
  const repository = text.slice('github:'.length);
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,38}\/[A-Za-z0-9._-]{1,100}$/u.test(repository)) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: `--store ${text.slice(0, 200)}`,
      expected: 'a folder, or github:OWNER/NAME',
    });
  }
  const { githubStore } = await import('./store/github.ts');
  return githubStore(repository, context);
}

function looksLikeImage(text: string): boolean {
  return /^[^\s/]+\/\S+[:@]\S+$|^[a-z0-9][a-z0-9._-]*[:@]\S+$/u.test(text);
}

async function layoutSubject(text: string, other: Store | null, context: Context): Promise<SigningSubject> {
  const { digestInLayout, layoutManifest, layoutStore } = await import('./store/image-layout.ts');
  const rest = text.slice('oci:'.length);
  const colon = rest.lastIndexOf(':');
  const tagged = colon > 0 && !rest.slice(colon).includes('/');
  const folder = resolve(context.cwd, tagged ? rest.slice(0, colon) : rest);
  const digest = await digestInLayout(folder, tagged ? rest.slice(colon + 1) : null, context.files);
  return image(text, basename(folder), digest, other ?? layoutStore(folder, context.files), () =>
    layoutManifest(folder, digest, context.files),
  );
}

function image(
  text: string,
  name: string,
  digest: string,
  store: Store,
  manifest: () => Promise<Buffer>,
): SigningSubject {
  const artifact = { name: text, digests: { sha256: digest.slice('sha256:'.length) }, data: null };
  return { text, kind: 'image', name, artifact, digest, store, path: null, manifest };
}

async function fileSubject(
  text: string,
  path: string,
  other: Store | null,
  context: Context,
): Promise<SigningSubject> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  const data = size > MAX_WHOLE ? null : await context.files.read(path, MAX_WHOLE);
  const hash = createHash('sha256');
  if (data === null) for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  else hash.update(data);
  const sha256 = hash.digest('hex');
  return {
    text,
    kind: 'file',
    name: basename(path),
    artifact: {
      name: text,
      digests: { sha256 },
      data,
      ...(data === null ? { pieces: () => readAgain(path) } : {}),
    },
    digest: `sha256:${sha256}`,
    store: other ?? besideStore(path, context.files),
    path,
    manifest: null,
  };
}

/** The bytes of a file again, in pieces. */
export async function* piecesOf(subject: SigningSubject): AsyncIterable<Uint8Array> {
  if (subject.artifact.data !== null) yield subject.artifact.data;
  else if (subject.path !== null) yield* readAgain(subject.path);
}

async function* readAgain(path: string): AsyncIterable<Uint8Array> {
  for await (const piece of createReadStream(path)) yield piece as Buffer;
}
