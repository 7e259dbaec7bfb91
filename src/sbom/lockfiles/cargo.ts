import type { Scope } from '../../model/component.ts';
import { isObject, type Json, objectsOf, stringsOf } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { fileName, folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { prefixedHash } from './integrity.ts';
import { readToml } from './read-toml.ts';
import { linesStarting, textOf } from './text.ts';
import { objectEntries, own, ownObject, ownText } from './values.ts';

/** https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html, versions 1 to 4. */
export const cargo: LockFormat = {
  name: 'Cargo.lock',
  summary: 'Cargo: Cargo.lock 1 to 4; the scope from the Cargo.toml files below it',
  read,
};

interface Crate {
  name: string;
  version: string;
  source: string | undefined;
  ref: string | null;
  entry: Json;
}

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const text = textOf(source.bytes, path);
  const document = readToml(text, path);
  const builder = new LockBuilder(path, 'Cargo.lock');
  const lines = linesStarting(text, '[[package]]');
  const manifests = await manifestsBelow(source);
  const oldChecksums = ownObject(document, 'metadata');
  const crates: Crate[] = [];
  for (const [at, entry] of objectsOf(own(document, 'package')).entries()) {
    const place = { path, line: lines[at] ?? 1 };
    const [name, version, from] = [
      ownText(entry, 'name'),
      ownText(entry, 'version'),
      ownText(entry, 'source'),
    ];
    if (name === undefined || version === undefined) {
      builder.problem('a package has no name or no version', place, 'name and version');
      continue;
    }
    const checksum =
      ownText(entry, 'checksum') ?? ownText(oldChecksums, `checksum ${name} ${version} (${from ?? ''})`);
    const isGit = from?.startsWith('git+') === true;
    const purl = { type: 'cargo', name, version, ...(isGit ? { qualifiers: { vcs_url: from } } : {}) };
    const manifest = manifests.get(name);
    const ref =
      from === undefined
        ? builder.root(name, { purl, place, licenses: manifest?.licenses ?? [] }, manifest?.folder)
        : builder.component({
            purl,
            place,
            hashes: prefixedHash(checksum, 'sha256'),
            source: from.replace(/^(?:registry|sparse)\+/u, ''),
            pinned: !isGit,
          });
    crates.push({ name, version, source: from, ref, entry });
  }
  const byName = new Map<string, Crate[]>();
  for (const crate of crates) byName.set(crate.name, [...(byName.get(crate.name) ?? []), crate]);
  for (const { ref, entry, source: from, name } of crates) {
    builder.needs(ref);
    const scopes = from === undefined ? manifests.get(name)?.scopes : undefined;
    for (const stated of stringsOf(own(entry, 'dependencies'))) {
      const [wanted = '', version, address] = stated.split(' ');
      const named = (byName.get(wanted) ?? []).filter(
        (one) => version === undefined || one.version === version,
      );
      const exact = named.filter((one) => address === undefined || `(${one.source ?? ''})` === address);
      for (const target of exact.length > 0 ? exact : named)
        builder.needs(ref, target.ref, scopes?.get(wanted) ?? 'runtime');
    }
  }
  return builder.finish();
}

interface CargoManifest {
  folder: string;
  licenses: string[];
  scopes: Map<string, Scope>;
}

const MAX_MANIFESTS = 2_000;
const TABLES: readonly [string, Scope][] = [
  ['dependencies', 'runtime'],
  ['build-dependencies', 'development'],
  ['dev-dependencies', 'development'],
];

/** The Cargo.toml files beside and below the lockfile, by package name. One that cannot be read tells nothing. */
async function manifestsBelow(source: LockSource): Promise<Map<string, CargoManifest>> {
  const found = new Map<string, CargoManifest>();
  const base = folderName(source.path);
  const prefix = base === '' ? '' : `${base}/`;
  const paths = source.paths().filter((path) => path.startsWith(prefix) && fileName(path) === 'Cargo.toml');
  for (const path of paths.slice(0, MAX_MANIFESTS)) {
    const document = readToml(textOf(await source.read(path), path), path);
    const details = ownObject(document, 'package');
    const name = ownText(details, 'name');
    if (name === undefined || found.has(name)) continue;
    const licence = ownText(details, 'license');
    const scopes = new Map<string, Scope>();
    const tables = [document, ...objectEntries(own(document, 'target')).map(([, table]) => table)];
    for (const [table, scope] of TABLES) {
      for (const [alias, stated] of tables.flatMap((one) => Object.entries(ownObject(one, table)))) {
        const wanted = (isObject(stated) ? ownText(stated, 'package') : undefined) ?? alias;
        if (!scopes.has(wanted))
          scopes.set(wanted, own(stated, 'optional') === true && scope === 'runtime' ? 'optional' : scope);
      }
    }
    found.set(name, { folder: folderName(path), licenses: licence === undefined ? [] : [licence], scopes });
  }
  return found;
}
