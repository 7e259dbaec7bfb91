import type { Component, Scope } from '../../model/component.ts';
import type { Purl } from '../../versions/purl.ts';
import { textEntries } from './values.ts';

/** The purl of an npm package; a scope is the namespace (purl type npm). */
export function npmPurl(name: string, version?: string, qualifiers?: Purl['qualifiers']): Purl {
  const slash = name.startsWith('@') ? name.indexOf('/') : -1;
  return {
    type: 'npm',
    ...(slash === -1 ? {} : { namespace: name.slice(0, slash) }),
    name: slash === -1 ? name : name.slice(slash + 1),
    version,
    qualifiers,
  };
}

/** Splits `name@rest`, where a name may begin with `@`. Null without a name or a rest. */
export function splitAtVersion(text: string): [string, string] | null {
  const at = text.indexOf('@', 1);
  return at === -1 || at === text.length - 1 ? null : [text.slice(0, at), text.slice(at + 1)];
}

/** Kinds of address that an entry of a lockfile of the npm family is fetched from. */
export type Fetched = 'registry' | 'git' | 'address' | 'local';

export function fetchedFrom(address: string | undefined): Fetched {
  if (address === undefined) return 'registry';
  if (/^(?:file|link|portal|workspace|exec):/u.test(address) || /^\.{0,2}\//u.test(address)) return 'local';
  if (/^(?:git[+:@]|github:|gitlab:|bitbucket:|ssh:)/u.test(address)) return 'git';
  if (/^https?:\/\/[^#?]+\.git(?:#|$)/u.test(address)) return 'git';
  if (/^https:\/\/codeload\.github\.com\//u.test(address)) return 'git';
  return /^https?:/u.test(address) ? 'address' : 'registry';
}

/** What an address adds to the purl: a version alone names a release of the public registry. */
export function originQualifiers(address: string | undefined): Purl['qualifiers'] {
  if (address === undefined) return undefined;
  return fetchedFrom(address) === 'git' ? { vcs_url: address } : undefined;
}

/** Fields of a package.json or of a lock entry that name what it needs, and as what. */
const DEPENDENCY_FIELDS: readonly { field: string; scope: Scope; rootOnly?: boolean }[] = [
  { field: 'dependencies', scope: 'runtime' },
  { field: 'optionalDependencies', scope: 'optional' },
  { field: 'peerDependencies', scope: 'runtime' },
  { field: 'devDependencies', scope: 'development', rootOnly: true },
];

/** Name, range and scope of what a manifest names. Optional ones stand in `dependencies` too: optional wins. */
export function declared(manifest: Record<string, unknown>, isRoot: boolean): [string, string, Scope][] {
  const found = new Map<string, [string, string, Scope]>();
  for (const { field, scope, rootOnly } of DEPENDENCY_FIELDS) {
    if (rootOnly === true && !isRoot) continue;
    const meta = manifest.peerDependenciesMeta;
    for (const [name, range] of textEntries(Object.hasOwn(manifest, field) ? manifest[field] : undefined)) {
      if (field === 'peerDependencies' && (found.has(name) || optionalPeer(meta, name))) continue;
      if (field === 'devDependencies' && found.has(name)) continue;
      found.set(name, [name, range, scope]);
    }
  }
  return [...found.values()];
}

function optionalPeer(meta: unknown, name: string): boolean {
  if (typeof meta !== 'object' || meta === null || !Object.hasOwn(meta, name)) return false;
  const entry: unknown = (meta as Record<string, unknown>)[name];
  return (
    typeof entry === 'object' &&
    entry !== null &&
    Object.hasOwn(entry, 'optional') &&
    (entry as { optional: unknown }).optional === true
  );
}

/** Yarn 1 writes the SHA-1 of a tarball behind its address. */
export function fragmentHash(address: string | undefined): Component['hashes'] {
  const fragment = address?.slice(address.lastIndexOf('#') + 1) ?? '';
  return /^[0-9a-f]{40}$/u.test(fragment) ? [{ algorithm: 'SHA-1', content: fragment }] : [];
}
