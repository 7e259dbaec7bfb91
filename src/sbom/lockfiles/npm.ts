import type { Scope } from '../../model/component.ts';
import { isObject, type Json } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { fileName, folderName, type Locked, type LockFormat, type LockSource, within } from './format.ts';
import { integrityHashes } from './integrity.ts';
import { malformed, unsupported } from './limits.ts';
import { declared, fetchedFrom, npmPurl, originQualifiers } from './npm-names.ts';
import { readNpm1 } from './npm1.ts';
import { jsonLines, readJsonObject } from './read-json.ts';
import { objectEntries, own, ownText, plainText } from './values.ts';

/** https://docs.npmjs.com/cli/configuring-npm/package-lock-json; hidden lockfiles in node_modules are no source. */
export const npm: LockFormat = {
  name: 'package-lock.json',
  summary: 'npm: package-lock.json and npm-shrinkwrap.json, versions 1 to 3',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { bytes, path } = source;
  const document = readJsonObject(bytes, path);
  const version = own(document, 'lockfileVersion');
  if (version === 2 || version === 3) return readPackages(document, source);
  // npm 5 and 6 also wrote files without the member when nothing was locked yet.
  if (version === 1 || (version === undefined && isObject(own(document, 'dependencies'))))
    return await readNpm1(document, source);
  throw unsupported({ path, line: 1 }, `lockfileVersion ${plainText(version)}`, 'lockfileVersion 1, 2 or 3');
}

interface Located {
  entry: Json;
  ref: string | null;
}

function readPackages(document: Json, { bytes, path }: LockSource): Locked {
  const packages = own(document, 'packages');
  if (!isObject(packages))
    throw malformed({ path, line: 1 }, 'the lockfile has no packages', 'an object packages');
  const builder = new LockBuilder(path, fileName(path));
  const lines = jsonLines(bytes, path, ['packages']);
  const nodes = new Map<string, Located>();
  const root = own(packages, '');
  const workspaces = isObject(root) && own(root, 'workspaces') !== undefined;
  for (const [location, entry] of objectEntries(packages)) {
    if (own(entry, 'link') === true) continue;
    const place = { path, line: lines.get(location) ?? 1 };
    nodes.set(location, { entry, ref: add(builder, location, entry, place, workspaces, document) });
  }
  const placed = [...nodes];
  for (const [location, entry] of objectEntries(packages)) {
    const target = own(entry, 'link') === true ? nodes.get(ownText(entry, 'resolved') ?? '') : undefined;
    if (target !== undefined) nodes.set(location, target);
  }
  for (const [location, { entry, ref }] of placed) {
    if (ref === null) continue;
    builder.needs(ref);
    for (const [name, range, scope] of declared(entry, isLocal(location))) {
      builder.needs(ref, resolve(nodes, location, name)?.ref, scope, range);
    }
  }
  return builder.finish();
}

function isLocal(location: string): boolean {
  return !`/${location}`.includes('/node_modules/');
}

function add(
  builder: LockBuilder,
  location: string,
  entry: Json,
  place: { path: string; line: number },
  workspaces: boolean,
  document: Json,
): string | null {
  const version = ownText(entry, 'version');
  if (location === '' || (workspaces && isLocal(location) && !location.startsWith('..'))) {
    const name =
      ownText(entry, 'name') ?? (location === '' ? ownText(document, 'name') : location.split('/').pop());
    const folder = within(folderName(place.path), location) ?? '';
    const purl = name === undefined ? undefined : npmPurl(name, version);
    return builder.root(name, { purl, place, licenses: licences(entry) }, folder);
  }
  const cut = location.lastIndexOf('node_modules/');
  const name =
    ownText(entry, 'name') ?? (cut === -1 ? location.split('/').pop() : location.slice(cut + 13)) ?? '';
  const resolved = ownText(entry, 'resolved');
  const from = isLocal(location) ? 'local' : fetchedFrom(resolved);
  return builder.component({
    purl: npmPurl(name, version, originQualifiers(resolved)),
    place,
    licenses: licences(entry),
    hashes: integrityHashes(ownText(entry, 'integrity')),
    source: resolved,
    // A bundled package lies inside its parent's tarball, whose digest covers it.
    pinned: (from === 'registry' || from === 'address') && own(entry, 'inBundle') !== true,
    scope: scopeOf(entry),
    // npm writes both members only where they hold.
    installScripts: own(entry, 'hasInstallScript') === true,
    deprecated: typeof own(entry, 'deprecated') === 'string',
  });
}

/** What npm worked out itself when it wrote the file. */
function scopeOf(entry: Json): Scope {
  if (own(entry, 'dev') === true) return 'development';
  return own(entry, 'optional') === true || own(entry, 'devOptional') === true ? 'optional' : 'runtime';
}

function licences(entry: Json): string[] {
  const licence = own(entry, 'license');
  return typeof licence === 'string' && licence !== '' ? [licence] : [];
}

/** Node's way of finding a package: in the folder's own node_modules, then in each one above. */
function resolve(nodes: ReadonlyMap<string, Located>, location: string, name: string): Located | undefined {
  for (let at = location; ; ) {
    const found = nodes.get(at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`);
    if (found !== undefined || at === '') return found;
    const slash = at.lastIndexOf('/');
    at = slash === -1 ? '' : at.slice(0, slash);
  }
}
