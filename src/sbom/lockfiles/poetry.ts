import type { Component, Scope } from '../../model/component.ts';
import { type Json, objectsOf, stringsOf } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { prefixedHash } from './integrity.ts';
import { PythonIndex, pyprojectIn, pythonRoot } from './pyproject.ts';
import { pypiPurl, scopeOfGroup } from './python-names.ts';
import { readToml } from './read-toml.ts';
import { buildsFromSource } from './release-facts.ts';
import { combined } from './scopes.ts';
import { linesStarting, textOf } from './text.ts';
import { own, ownObject, ownText } from './values.ts';

/** poetry.lock of Poetry 1 and 2 (`lock-version` 1.x and 2.x). */
export const poetry: LockFormat = {
  name: 'poetry.lock',
  summary: 'Poetry: poetry.lock 1 and 2',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const text = textOf(source.bytes, path);
  const document = readToml(text, path);
  const builder = new LockBuilder(path, 'poetry.lock');
  const lines = linesStarting(text, '[[package]]');
  const packages = objectsOf(own(document, 'package'));
  const oldFiles = ownObject(ownObject(document, 'metadata'), 'files');
  const index = new PythonIndex();
  const refs = packages.map((entry, at) => {
    const name = ownText(entry, 'name');
    if (name === undefined) {
      builder.problem('a package has no name', { path, line: lines[at] ?? 1 }, 'name = "..."');
      return null;
    }
    const version = ownText(entry, 'version');
    const files = objectsOf(own(entry, 'files') ?? own(oldFiles, name));
    const ref = add(builder, name, version, entry, files, { path, line: lines[at] ?? 1 });
    index.add(name, version, ref);
    return ref;
  });
  for (const [at, entry] of packages.entries()) {
    const ref = refs[at] ?? null;
    builder.needs(ref);
    for (const [name, stated] of Object.entries(ownObject(entry, 'dependencies'))) {
      const scope: Scope = own(stated, 'optional') === true ? 'optional' : 'runtime';
      for (const target of index.find(name)) builder.needs(ref, target, scope);
    }
  }
  const project = await pyprojectIn(source, folderName(path));
  const root = pythonRoot(builder, project);
  if (project !== null) {
    builder.needs(root);
    for (const { name, scope } of project.needs)
      for (const ref of index.find(name)) builder.needs(root, ref, scope);
  }
  return builder.finish();
}

function add(
  builder: LockBuilder,
  name: string,
  version: string | undefined,
  entry: Json,
  files: readonly Json[],
  place: { path: string; line: number },
): string | null {
  const source = ownObject(entry, 'source');
  const kind = ownText(source, 'type');
  const commit = ownText(source, 'resolved_reference');
  const url = ownText(source, 'url');
  const address =
    kind === 'git' && url !== undefined ? `git+${url}${commit === undefined ? '' : `@${commit}`}` : url;
  const isLocal = kind === 'directory' || kind === 'file';
  return builder.component({
    purl: pypiPurl(name, version, kind === 'git' && address !== undefined ? { vcs_url: address } : undefined),
    place,
    hashes: hashesOf(files),
    source: isLocal ? undefined : address,
    pinned: kind !== 'git' && kind !== 'directory',
    scope: scopeOf(entry),
    installScripts: buildsFromSource(files),
  });
}

/** Digests of every file of a release: which one is installed depends on the machine. */
export function hashesOf(files: readonly Json[]): Component['hashes'] {
  return files.flatMap((file) => prefixedHash(ownText(file, 'hash'))).slice(0, 500);
}

/** `groups` since Poetry 2, `category` before 1.5; in between the file does not tell. */
function scopeOf(entry: Json): Scope | undefined {
  const category = ownText(entry, 'category');
  const groups = category === undefined ? stringsOf(own(entry, 'groups')) : [category];
  if (groups.length === 0) return undefined;
  const scope = groups.map(scopeOfGroup).reduce(combined);
  return scope === 'runtime' && own(entry, 'optional') === true ? 'optional' : scope;
}
