import type { Scope } from '../../model/component.ts';
import { type Json, objectsOf, stringsOf } from '../../model/json/values.ts';
import type { Purl } from '../../versions/purl.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { prefixedHash } from './integrity.ts';
import { jsonLines, readJsonObject } from './read-json.ts';
import { timeOf } from './release-facts.ts';
import { own, ownObject, ownText } from './values.ts';

/** https://getcomposer.org/doc/01-basic-usage.md#commit-your-composer-lock-file-to-version-control */
export const composer: LockFormat = {
  name: 'composer.lock',
  summary: 'Composer: composer.lock',
  read,
};

const SECTIONS: readonly { locked: string; declared: string; scope: Scope }[] = [
  { locked: 'packages', declared: 'require', scope: 'runtime' },
  { locked: 'packages-dev', declared: 'require-dev', scope: 'development' },
];

async function read(source: LockSource): Promise<Locked> {
  const { path, bytes } = source;
  const document = readJsonObject(bytes, path);
  const builder = new LockBuilder(path, 'composer.lock');
  const refs = new Map<string, string>();
  const entries: { ref: string | null; entry: Json }[] = [];
  for (const { locked, scope } of SECTIONS) {
    const lines = jsonLines(bytes, path, [locked]);
    for (const [at, entry] of objectsOf(own(document, locked)).entries()) {
      const place = { path, line: lines.get(String(at)) ?? 1 };
      const name = ownText(entry, 'name');
      if (name === undefined) {
        builder.problem('a package has no name', place, 'a name');
        continue;
      }
      const ref = add(builder, name, entry, scope, place);
      entries.push({ ref, entry });
      if (ref === null) continue;
      refs.set(name.toLowerCase(), ref);
      // What a package stands in for is named by others as if it were there.
      for (const field of ['provide', 'replace'])
        for (const other of Object.keys(ownObject(entry, field)))
          if (!refs.has(other.toLowerCase())) refs.set(other.toLowerCase(), ref);
    }
  }
  for (const { ref, entry } of entries) {
    builder.needs(ref);
    for (const wanted of Object.keys(ownObject(entry, 'require')))
      builder.needs(ref, refs.get(wanted.toLowerCase()));
  }
  await addRoot(builder, source, refs);
  return builder.finish();
}

function composerPurl(name: string, version?: string): Purl {
  const slash = name.indexOf('/');
  return {
    type: 'composer',
    namespace: name.slice(0, Math.max(0, slash)),
    name: name.slice(slash + 1),
    version,
  };
}

function add(
  builder: LockBuilder,
  name: string,
  entry: Json,
  scope: Scope,
  place: { path: string; line: number },
): string | null {
  const dist = ownObject(entry, 'dist');
  const from = ownObject(entry, 'source');
  const commit = ownText(dist, 'reference') ?? ownText(from, 'reference');
  const isLocal = ownText(dist, 'type') === 'path';
  return builder.component({
    purl: composerPurl(name, ownText(entry, 'version')),
    place,
    licenses: stringsOf(own(entry, 'license')),
    hashes: prefixedHash(ownText(dist, 'shasum'), 'sha1'),
    source: isLocal ? undefined : (ownText(dist, 'url') ?? ownText(from, 'url')),
    // Most archives have no digest here; the commit that they are made of holds them instead.
    pinned: !isLocal && commit === undefined,
    scope,
    // Plug-ins run in Composer itself; scripts of other dependencies do not run.
    installScripts: ['composer-plugin', 'composer-installer'].includes(ownText(entry, 'type') ?? ''),
    // `true`, or the name of what to use instead.
    deprecated: own(entry, 'abandoned') === true || ownText(entry, 'abandoned') !== undefined,
    released: timeOf(ownText(entry, 'time')),
  });
}

async function addRoot(
  builder: LockBuilder,
  source: LockSource,
  refs: ReadonlyMap<string, string>,
): Promise<void> {
  const folder = folderName(source.path);
  const path = folder === '' ? 'composer.json' : `${folder}/composer.json`;
  if (!source.exists(path)) {
    builder.root(undefined, { place: { path: source.path, line: 1 } });
    return;
  }
  const manifest = readJsonObject(await source.read(path), path);
  const name = ownText(manifest, 'name');
  const licence = own(manifest, 'license');
  const root = builder.root(name, {
    purl: name?.includes('/') === true ? composerPurl(name, ownText(manifest, 'version')) : undefined,
    place: { path, line: 1 },
    licenses: typeof licence === 'string' ? [licence] : stringsOf(licence),
  });
  builder.needs(root);
  for (const { declared, scope } of SECTIONS)
    for (const wanted of Object.keys(ownObject(manifest, declared)))
      builder.needs(root, refs.get(wanted.toLowerCase()), scope);
}
