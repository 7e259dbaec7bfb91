import type { Scope } from '../../model/component.ts';
import { isObject, type Json } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource, within } from './format.ts';
import { integrityHashes } from './integrity.ts';
import { unsupported } from './limits.ts';
import { npmPurl, originQualifiers } from './npm-names.ts';
import { nameAndVersion, targetKeys } from './pnpm-keys.ts';
import { keyLines, readYaml } from './read-yaml.ts';
import { timeOf } from './release-facts.ts';
import { textOf } from './text.ts';
import { objectEntries, own, ownObject, ownText, plainText } from './values.ts';
import { manifestIn } from './workspaces.ts';
import { rootOf } from './yarn-classic.ts';

/** https://github.com/pnpm/spec/tree/master/lockfile: 5.3 and 5.4 (pnpm 6, 7), 6.0 (pnpm 8), 9.0 (pnpm 9 and later). */
export const pnpm: LockFormat = {
  name: 'pnpm-lock.yaml',
  summary: 'pnpm: pnpm-lock.yaml 5.3 to 9.0 (pnpm 6 and later)',
  read,
};

const FIELDS: readonly [string, Scope][] = [
  ['dependencies', 'runtime'],
  ['optionalDependencies', 'optional'],
  ['devDependencies', 'development'],
];

async function read(source: LockSource): Promise<Locked> {
  const { path, bytes } = source;
  const text = textOf(bytes, path);
  const document = readYaml(text, path);
  const major = majorOf(document, path);
  const builder = new LockBuilder(path, 'pnpm-lock.yaml');
  const lines = keyLines(text, 'packages');
  const packages = ownObject(document, 'packages');
  const snapshots = major >= 9 ? ownObject(document, 'snapshots') : packages;
  // Only where resolution goes by time does it keep them.
  const times = ownObject(document, 'time');
  const refs = new Map<string, string>();
  for (const [key, entry] of objectEntries(packages)) {
    const ref = add(builder, key, entry, major, times, { path, line: lines.get(key) ?? 1 });
    if (ref !== null) refs.set(key, ref);
  }
  // From version 9 on, what an entry needs stands by its name with the peers that it was put together with.
  for (const key of Object.keys(snapshots)) {
    const ref = refs.get(key) ?? refs.get(withoutPeers(key));
    if (ref !== undefined) refs.set(key, ref);
  }
  const find = (name: string, version: string): string | undefined => {
    for (const key of targetKeys(name, version, major)) {
      const ref = refs.get(key);
      if (ref !== undefined) return ref;
    }
    return undefined;
  };
  for (const [key, entry] of objectEntries(snapshots)) {
    const ref = refs.get(key);
    if (ref === undefined) continue;
    builder.needs(ref);
    for (const [field, scope] of FIELDS.slice(0, 2))
      for (const [name, version] of versionsIn(entry, field)) builder.needs(ref, find(name, version), scope);
  }
  await addImporters(builder, source, document, find);
  return builder.finish();
}

function majorOf(document: Json, path: string): number {
  const stated = plainText(own(document, 'lockfileVersion'));
  const major = Number.parseFloat(stated);
  if (major === 9 || (major >= 5 && major < 7)) return Math.floor(major);
  throw unsupported({ path, line: 1 }, `lockfileVersion ${stated}`, '5.x, 6.x or 9.0');
}

function add(
  builder: LockBuilder,
  key: string,
  entry: Json,
  major: number,
  times: Json,
  place: { path: string; line: number },
): string | null {
  const parsed = nameAndVersion(key, major);
  const name = ownText(entry, 'name') ?? parsed?.name;
  const version = ownText(entry, 'version') ?? parsed?.version;
  if (name === undefined) {
    builder.problem('an entry has no name', place, 'NAME@VERSION', key);
    return null;
  }
  const resolution = ownObject(entry, 'resolution');
  const isLocal =
    own(resolution, 'directory') !== undefined ||
    key.startsWith('file:') ||
    version?.startsWith('file:') === true;
  const repository = ownText(resolution, 'repo');
  const commit = ownText(resolution, 'commit');
  const source =
    repository === undefined
      ? ownText(resolution, 'tarball')
      : `git+${repository}${commit === undefined ? '' : `#${commit}`}`;
  return builder.component({
    purl: npmPurl(name, version?.includes(':') === true ? undefined : version, originQualifiers(source)),
    place,
    hashes: integrityHashes(ownText(resolution, 'integrity')),
    source,
    pinned: !isLocal && originQualifiers(source) === undefined,
    // Both stand there only where they hold; from version 9 on the file does not tell of builds.
    installScripts: major < 9 ? own(entry, 'requiresBuild') === true : undefined,
    deprecated: own(entry, 'deprecated') !== undefined,
    released: timeOf(ownText(times, withoutPeers(key))),
  });
}

async function addImporters(
  builder: LockBuilder,
  source: LockSource,
  document: Json,
  find: (name: string, version: string) => string | undefined,
): Promise<void> {
  const stated = own(document, 'importers');
  const importers: [string, Json][] = isObject(stated) ? objectEntries(stated) : [['.', document]];
  const base = folderName(source.path);
  const byFolder = new Map<string, string>();
  for (const [relative] of importers) {
    const folder = within(base, relative);
    if (folder === null) continue;
    const manifest = await manifestIn(source, folder);
    const place = { path: source.path, line: 1 };
    byFolder.set(
      folder,
      manifest === null ? builder.root(undefined, { place }, folder) : rootOf(builder, manifest),
    );
  }
  for (const [relative, importer] of importers) {
    const folder = within(base, relative);
    const ref = folder === null ? undefined : byFolder.get(folder);
    if (ref === undefined || folder === null) continue;
    builder.needs(ref);
    for (const [field, scope] of FIELDS) {
      for (const [name, version] of versionsIn(importer, field)) {
        const linked = version.startsWith('link:') ? within(folder, version.slice(5)) : null;
        builder.needs(ref, linked === null ? find(name, version) : byFolder.get(linked), scope);
      }
    }
  }
}

/** `name: version`, or `name: {specifier, version}` as from version 6 on. */
function versionsIn(entry: Json, field: string): [string, string][] {
  return Object.entries(ownObject(entry, field)).flatMap(([name, value]): [string, string][] => {
    const version = isObject(value) ? own(value, 'version') : value;
    return typeof version === 'string' || typeof version === 'number' ? [[name, String(version)]] : [];
  });
}

function withoutPeers(key: string): string {
  const open = key.indexOf('(');
  return open === -1 ? key : key.slice(0, open);
}
