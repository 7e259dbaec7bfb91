import { isObject, type Json } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource, within } from './format.ts';
import { integrityHashes } from './integrity.ts';
import { unsupported } from './limits.ts';
import { declared, fetchedFrom, npmPurl, originQualifiers } from './npm-names.ts';
import { jsonLines, readJsonObject, withoutComments } from './read-json.ts';
import { objectEntries, own, ownObject, ownText, plainText } from './values.ts';
import { manifestIn } from './workspaces.ts';
import { rootOf } from './yarn-classic.ts';

/** Bun's text lockfile (https://bun.com/docs/pm/lockfile); the older binary bun.lockb is not read. */
export const bun: LockFormat = {
  name: 'bun.lock',
  summary: 'Bun: bun.lock 0 and 1',
  read,
};

interface Located {
  ref: string | null;
  needs: Json;
}

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const bytes = withoutComments(source.bytes, path);
  const document = readJsonObject(bytes, path);
  const version = own(document, 'lockfileVersion');
  if (version !== 0 && version !== 1)
    throw unsupported({ path, line: 1 }, `lockfileVersion ${plainText(version)}`, '0 or 1');
  const builder = new LockBuilder(path, 'bun.lock');
  const workspaces = new Map<string, string>();
  for (const [folder, entry] of objectEntries(own(document, 'workspaces'))) {
    const at = within(folderName(path), folder);
    if (at === null) continue;
    // The version of a workspace does not stand in the lockfile.
    const manifest = await manifestIn(source, at);
    const name = ownText(entry, 'name');
    const purl = name === undefined ? undefined : npmPurl(name, ownText(entry, 'version'));
    const ref =
      manifest === null
        ? builder.root(name, { purl, place: { path, line: 1 } }, at)
        : rootOf(builder, manifest);
    workspaces.set(folder, ref);
  }
  const lines = jsonLines(bytes, path, ['packages']);
  const nodes = new Map<string, Located>();
  for (const [key, tuple] of Object.entries(ownObject(document, 'packages'))) {
    const place = { path, line: lines.get(key) ?? 1 };
    if (!Array.isArray(tuple) || typeof tuple[0] !== 'string') {
      builder.problem('an entry of packages is no list', place, 'a list that begins with NAME@VERSION', key);
      continue;
    }
    const needs = tuple.find((part) => isObject(part)) ?? {};
    nodes.set(key, { ref: add(builder, tuple, place, workspaces), needs });
  }
  for (const [folder, entry] of objectEntries(own(document, 'workspaces'))) {
    const ref = workspaces.get(folder) ?? null;
    builder.needs(ref);
    // Nested entries of a workspace stand under its name.
    const name = ownText(entry, 'name') ?? '';
    for (const [wanted, , scope] of declared(entry, true))
      builder.needs(ref, find(nodes, name, wanted), scope);
  }
  for (const [key, { ref, needs }] of nodes) {
    builder.needs(ref);
    for (const [wanted, , scope] of declared(needs, false))
      builder.needs(ref, find(nodes, key, wanted), scope);
  }
  return builder.finish();
}

function add(
  builder: LockBuilder,
  tuple: readonly unknown[],
  place: { path: string; line: number },
  workspaces: ReadonlyMap<string, string>,
): string | null {
  const [stated] = tuple as [string];
  const at = stated.indexOf('@', 1);
  const name = at === -1 ? stated : stated.slice(0, at);
  const version = at === -1 ? '' : stated.slice(at + 1);
  if (version.startsWith('workspace:')) return workspaces.get(version.slice(10)) ?? null;
  const from = fetchedFrom(version);
  const registry = typeof tuple[1] === 'string' && tuple[1] !== '' ? tuple[1] : undefined;
  const integrity = tuple.find((part): part is string => typeof part === 'string' && /^sha\d+-/u.test(part));
  const isRelease = from === 'registry';
  return builder.component({
    purl: npmPurl(name, isRelease ? version : undefined, originQualifiers(version)),
    place,
    hashes: integrityHashes(integrity),
    source: isRelease ? registry : from === 'local' ? undefined : version,
    pinned: isRelease || from === 'address',
  });
}

/** Looks for `parent/child` first, then one level up, as far as the top. */
function find(nodes: ReadonlyMap<string, Located>, from: string, wanted: string): string | null | undefined {
  for (let at = from; ; ) {
    const found = nodes.get(at === '' ? wanted : `${at}/${wanted}`);
    if (found !== undefined || at === '') return found?.ref;
    const slash = at.lastIndexOf('/');
    at = slash === -1 ? '' : at.slice(0, slash);
  }
}
