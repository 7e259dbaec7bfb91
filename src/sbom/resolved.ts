import type { Bom, Component } from '../model/component.ts';
import { ascending } from '../model/order.ts';
import { type Use, usesIn } from './lockfiles/github-actions.ts';

/** What went into a build: in-toto's ResourceDescriptor with an address and a digest. */
export interface Resolved {
  uri: string;
  digest: Record<string, string>;
}

/** in-toto's names (spec/v1/digest_set.md) for the algorithms of bills of materials. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The components that are named and have a digest, by their purl, sorted; and how many are not. */
export function resolvedComponents(bom: Bom): { resolved: Resolved[]; without: number } {
  const roots = new Set(bom.roots);
  const found = new Map<string, Resolved>();
  let without = 0;
  for (const component of bom.components) {
    if (roots.has(component.ref)) continue;
    const digest = digestOf(component.hashes);
    if (component.purl === undefined || Object.keys(digest).length === 0) without += 1;
    else found.set(component.purl, { uri: component.purl, digest });
  }
  return { resolved: [...found.values()].sort(byUri), without };
}

/** Where several digests of one algorithm are listed, it is any of these files, and nothing says which: none counts. */
function digestOf(hashes: Component['hashes']): Record<string, string> {
  const digest = new Map<string, string>();
  const unclear = new Set<string>();
  for (const { algorithm, content } of hashes) {
    const [name, value] =
      algorithm === 'golang-h1'
        ? ['dirHash', Buffer.from(content.replace(/^h1:/u, ''), 'base64').toString('hex')]
        : [Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined, content.toLowerCase()];
    if (name === undefined || !/^[0-9a-f]{40,128}$/u.test(value)) continue;
    if (digest.has(name) && digest.get(name) !== value) unclear.add(name);
    digest.set(name, value);
  }
  return Object.fromEntries([...digest].filter(([name]) => !unclear.has(name)));
}

const MAX_FILES = 100;

/**
 * The actions and reusable workflows that a workflow pins, at its own commit: local ones are looked into. `read` gives a
 * file of that commit, or null. What is not pinned cannot be resolved and is returned by name. Throws SP-LOCK-*.
 */
export async function resolvedActions(
  workflow: string,
  read: (path: string) => Promise<string | null>,
  server = 'https://github.com',
): Promise<{ resolved: Resolved[]; unpinned: string[] }> {
  const found = new Map<string, Resolved>();
  const unpinned = new Set<string>();
  const waiting = [workflow];
  const seen = new Set(waiting);
  for (let path = waiting.pop(); path !== undefined && seen.size <= MAX_FILES; path = waiting.pop()) {
    const text = await read(path);
    if (text === null) continue;
    for (const use of usesIn(text, path)) {
      const local = localFiles(use);
      const one = local.length > 0 ? null : resolvedUse(use, server);
      if (one !== null) found.set(one.uri, one);
      else if (local.length === 0) unpinned.add(use.text);
      for (const file of local.filter((name) => !seen.has(name))) {
        seen.add(file);
        waiting.push(file);
      }
    }
  }
  return { resolved: [...found.values()].sort(byUri), unpinned: [...unpinned].sort() };
}

/** A path of the commit itself: a workflow's file, or a folder with an action in it. */
function localFiles({ text }: Use): string[] {
  const path = /^(?:\.|\$)\/(.+)$/u.exec(text)?.[1]?.replace(/\/+$/u, '');
  if (path === undefined) return text === './' || text === '$/' ? ['action.yml', 'action.yaml'] : [];
  return /\.ya?ml$/u.test(path) ? [path] : [`${path}/action.yml`, `${path}/action.yaml`];
}

function resolvedUse({ text }: Use, server: string): Resolved | null {
  const image = /^docker:\/\/([^\s@]{1,500})@sha256:([0-9a-f]{64})$/u.exec(text);
  if (image !== null) return { uri: text, digest: { sha256: image[2] ?? '' } };
  const action = /^([\w.-]{1,100}\/[\w.-]{1,100})((?:\/[\w.-]{1,100}){0,20})@([0-9a-f]{40})$/u.exec(text);
  if (action === null) return null;
  const [, repository = '', , commit = ''] = action;
  return { uri: `git+${server}/${repository}@${commit}`, digest: { gitCommit: commit } };
}

function byUri(a: Resolved, b: Resolved): number {
  return ascending(a.uri, b.uri);
}
