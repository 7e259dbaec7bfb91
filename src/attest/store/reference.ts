import { SallyportError } from '../../model/error.ts';

/** A place in a registry. */
export interface Reference {
  registry: string;
  repository: string;
  tag: string | null;
  /** `sha256:HEX`. */
  digest: string | null;
}

const HOST = /^[A-Za-z0-9.-]+(?::[0-9]{1,5})?$|^\[[0-9a-f:]+\](?::[0-9]{1,5})?$/u;
const REPOSITORY = /^[a-z0-9]+(?:[._-]{1,2}[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]{1,2}[a-z0-9]+)*)*$/u;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/u;
const DIGEST = /^sha256:[0-9a-f]{64}$/u;

/** Reads `REGISTRY/NAME:TAG@sha256:HEX` as container tools do; a name without a registry is Docker Hub's. Throws SP-USAGE. */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@');
  const digest = at === -1 ? null : text.slice(at + 1);
  const name = at === -1 ? text : text.slice(0, at);
  const colon = name.lastIndexOf(':');
  const hasTag = colon > name.lastIndexOf('/');
  const tag = hasTag ? name.slice(colon + 1) : null;
  const path = hasTag ? name.slice(0, colon) : name;
  const slash = path.indexOf('/');
  const first = slash === -1 ? '' : path.slice(0, slash);
  const named = first.includes('.') || first.includes(':') || first === 'localhost';
  const registry = named ? first : 'registry-1.docker.io';
  const rest = named ? path.slice(slash + 1) : slash === -1 ? `library/${path}` : path;
  const good =
    path.length <= 400 &&
    HOST.test(registry) &&
    REPOSITORY.test(rest) &&
    (tag === null || TAG.test(tag)) &&
    (digest === null || DIGEST.test(digest));
  if (!good) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'this is not the name of an image',
      expected: 'REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:HEX',
      found: text.slice(0, 200),
    });
  }
  return {
    registry: registry === 'docker.io' ? 'registry-1.docker.io' : registry,
    repository: rest,
    tag,
    digest,
  };
}

export function nameOf({ registry, repository }: Reference): string {
  return `${registry}/${repository}`;
}
