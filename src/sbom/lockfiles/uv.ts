import type { Scope } from '../../model/component.ts';
import { type Json, objectsOf } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource, within } from './format.ts';
import { hashesOf } from './poetry.ts';
import { PythonIndex } from './pyproject.ts';
import { pypiPurl, scopeOfGroup } from './python-names.ts';
import { readToml } from './read-toml.ts';
import { buildsFromSource, newestOf, timeOf } from './release-facts.ts';
import { linesStarting, textOf } from './text.ts';
import { own, ownObject, ownText } from './values.ts';

/** https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile */
export const uv: LockFormat = {
  name: 'uv.lock',
  summary: 'uv: uv.lock 1',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const text = textOf(source.bytes, path);
  const document = readToml(text, path);
  const builder = new LockBuilder(path, 'uv.lock');
  const lines = linesStarting(text, '[[package]]');
  const packages = objectsOf(own(document, 'package'));
  const index = new PythonIndex();
  const refs = packages.map((entry, at) => {
    const place = { path, line: lines[at] ?? 1 };
    const name = ownText(entry, 'name');
    if (name === undefined) {
      builder.problem('a package has no name', place, 'name = "..."');
      return null;
    }
    const ref = add(builder, name, entry, place);
    index.add(name, ownText(entry, 'version'), ref);
    return ref;
  });
  for (const [at, entry] of packages.entries()) {
    const ref = refs[at] ?? null;
    builder.needs(ref);
    const connect = (list: unknown, scope: Scope): void => {
      for (const need of objectsOf(list))
        for (const target of index.find(ownText(need, 'name') ?? '', ownText(need, 'version')))
          builder.needs(ref, target, scope);
    };
    connect(own(entry, 'dependencies'), 'runtime');
    // An extra that somebody asked for is needed by the one who asked; of a service of ours it is optional.
    for (const list of Object.values(ownObject(entry, 'optional-dependencies')))
      connect(list, folderOf(entry) === undefined ? 'runtime' : 'optional');
    for (const [group, list] of Object.entries(ownObject(entry, 'dev-dependencies')))
      connect(list, scopeOfGroup(group));
  }
  return builder.finish();
}

/** The folder of a package that lies in the tree: of the project or a member of its workspace. */
function folderOf(entry: Json): string | undefined {
  const source = ownObject(entry, 'source');
  return ownText(source, 'virtual') ?? ownText(source, 'editable');
}

function add(
  builder: LockBuilder,
  name: string,
  entry: Json,
  place: { path: string; line: number },
): string | null {
  const version = ownText(entry, 'version');
  const folder = folderOf(entry);
  const below = folder === undefined ? null : within(folderName(place.path), folder);
  if (below !== null) return builder.root(name, { purl: pypiPurl(name, version), place }, below);
  const source = ownObject(entry, 'source');
  const git = ownText(source, 'git');
  const registry = ownText(source, 'registry');
  const files = [ownObject(entry, 'sdist'), ...objectsOf(own(entry, 'wheels'))];
  return builder.component({
    purl: pypiPurl(name, version, git === undefined ? undefined : { vcs_url: `git+${git}` }),
    place,
    hashes: hashesOf(files),
    source: git === undefined ? (ownText(source, 'url') ?? fileAddress(files) ?? registry) : `git+${git}`,
    installScripts: buildsFromSource(files.filter((file) => Object.keys(file).length > 0)),
    released: newestOf(files.map((file) => timeOf(ownText(file, 'upload-time')))),
    pinned: registry !== undefined || ownText(source, 'url') !== undefined,
  });
}

function fileAddress(files: readonly Json[]): string | undefined {
  return files.map((file) => ownText(file, 'url')).find((url) => url !== undefined);
}
