import { wildcardMatch } from './wildcard.ts';

/** An image reference in its parts (distribution/reference grammar). */
export interface ImageReference {
  /** As it stands. */
  raw: string;
  /** `docker.io` where none is named. */
  registry: string;
  /** Path in the registry, with `library/` where Docker Hub adds it. */
  repository: string;
  tag: string | null;
  /** `sha256:<hex>`. */
  digest: string | null;
}

const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/u;
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/u;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/u;

/** The parts of a reference, or null where it is none. A digest of another form than `<algorithm>:<hex>` is none. */
export function parseImage(raw: string): ImageReference | null {
  if (raw.length > 1024) return null;
  let rest = raw;
  let digest: string | null = null;
  const at = rest.indexOf('@');
  if (at !== -1) {
    digest = rest.slice(at + 1);
    if (!DIGEST.test(digest)) return null;
    rest = rest.slice(0, at);
  }
  let tag: string | null = null;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    if (!TAG.test(tag)) return null;
    rest = rest.slice(0, colon);
  }
  const slash = rest.indexOf('/');
  const first = slash === -1 ? '' : rest.slice(0, slash);
  const named = first.includes('.') || first.includes(':') || first === 'localhost';
  const registry = named ? canonicalRegistry(first) : 'docker.io';
  let repository = named ? rest.slice(slash + 1) : rest;
  if (repository === '' || !repository.split('/').every((part) => COMPONENT.test(part))) return null;
  if (registry === 'docker.io' && !repository.includes('/')) repository = `library/${repository}`;
  return { raw, registry, repository, tag, digest };
}

function canonicalRegistry(host: string): string {
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host.toLowerCase();
}

/** Registry and repository without tag or digest, `docker.io/library/node`. */
export function imageName(image: ImageReference): string {
  return `${image.registry}/${image.repository}`;
}

/** As people write it: `node`, `bitnami/redis`, `gcr.io/x/y`. */
export function familiarName(image: ImageReference): string {
  if (image.registry !== 'docker.io') return imageName(image);
  return image.repository.startsWith('library/')
    ? image.repository.slice('library/'.length)
    : image.repository;
}

/**
 * The package URL (purl-spec): `pkg:oci` where the digest is known, because that type's version is the digest;
 * `pkg:docker` with the tag otherwise.
 */
export function imagePurl(image: ImageReference): string {
  const name = image.repository.slice(image.repository.lastIndexOf('/') + 1);
  if (image.digest !== null) {
    const qualifiers = [`repository_url=${encode(imageName(image))}`];
    if (image.tag !== null) qualifiers.push(`tag=${encode(image.tag)}`);
    return `pkg:oci/${encode(name)}@${encode(image.digest)}?${qualifiers.join('&')}`;
  }
  const version = image.tag === null ? '' : `@${encode(image.tag)}`;
  if (image.registry === 'docker.io') return `pkg:docker/${path(familiarName(image))}${version}`;
  return `pkg:docker/${path(image.repository)}${version}?repository_url=${encode(image.registry)}`;
}

function path(text: string): string {
  return text.split('/').map(encode).join('/');
}

/** Percent-encoding of purl-spec: everything but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/gu,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * Whether a name matches a pattern in which `*` stands for any run of characters but `/` and `**` for any run. The
 * name is tried with and without its registry, so that `node:*` and `docker.io/library/node:*` both do what they say.
 */
export function imageMatches(image: ImageReference, pattern: string): boolean {
  const { tag, digest } = image;
  for (const name of new Set([imageName(image), familiarName(image)])) {
    if (wildcardMatch(pattern, name)) return true;
    if (tag !== null && wildcardMatch(pattern, `${name}:${tag}`)) return true;
    if (digest !== null && wildcardMatch(pattern, `${name}${tag === null ? '' : `:${tag}`}@${digest}`))
      return true;
  }
  return false;
}
