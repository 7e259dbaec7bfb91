import type { Json } from '../../model/json/values.ts';
import { folderName, type LockSource, within } from './format.ts';
import { readJsonObject } from './read-json.ts';
import { own } from './values.ts';

/** A package.json of the tree. */
export interface Manifest {
  folder: string;
  path: string;
  value: Json;
}

const MANIFEST = 'package.json';

/** The manifest in a folder; null where there is none. Throws SP-JSON-* where it cannot be read. */
export async function manifestIn(source: LockSource, folder: string): Promise<Manifest | null> {
  const path = folder === '' ? MANIFEST : `${folder}/${MANIFEST}`;
  return source.exists(path) ? { folder, path, value: readJsonObject(await source.read(path), path) } : null;
}

/** The manifests of the workspaces that a package.json names, sorted by folder. */
export async function workspacesOf(source: LockSource, top: Manifest): Promise<Manifest[]> {
  const stated = own(top.value, 'workspaces');
  const list = Array.isArray(stated) ? stated : own(stated, 'packages');
  const patterns = (Array.isArray(list) ? list : []).filter((one): one is string => typeof one === 'string');
  const wanted = patterns.filter((one) => !one.startsWith('!'));
  const unwanted = patterns.filter((one) => one.startsWith('!')).map((one) => one.slice(1));
  if (wanted.length === 0) return [];
  const prefix = top.folder === '' ? '' : `${top.folder}/`;
  const found: Manifest[] = [];
  for (const path of source.paths()) {
    if (!path.startsWith(prefix) || !path.endsWith(`/${MANIFEST}`) || path.includes('node_modules/'))
      continue;
    const folder = folderName(path);
    const below = folder.slice(prefix.length);
    if (folder === top.folder || !wanted.some((one) => matches(one, below))) continue;
    if (unwanted.some((one) => matches(one, below))) continue;
    const manifest = await manifestIn(source, folder);
    if (manifest !== null) found.push(manifest);
  }
  return found;
}

/** Whether a folder is meant by a pattern of `*` inside of segments and `**` over segments. */
function matches(pattern: string, folder: string): boolean {
  const wanted = (within('', pattern) ?? '').split('/');
  const parts = folder.split('/');
  // reach[i]: the pattern so far can have taken the first i segments.
  let reach = new Set([0]);
  for (const segment of wanted) {
    const next = new Set<number>();
    for (const at of reach) {
      if (segment === '**') for (let to = at; to <= parts.length; to++) next.add(to);
      else if (at < parts.length && matchesSegment(segment, parts[at] ?? '')) next.add(at + 1);
    }
    reach = next;
  }
  return reach.has(parts.length);
}

function matchesSegment(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop() ?? '';
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
