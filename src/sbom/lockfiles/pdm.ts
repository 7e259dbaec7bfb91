import { objectsOf, stringsOf } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { hashesOf } from './poetry.ts';
import { PythonIndex, pyprojectIn, pythonRoot } from './pyproject.ts';
import { exactVersion, parseRequirement, pypiPurl } from './python-names.ts';
import { readToml } from './read-toml.ts';
import { buildsFromSource } from './release-facts.ts';
import { linesStarting, textOf } from './text.ts';
import { own, ownObject, ownText } from './values.ts';

/** pdm.lock of PDM 2 (`lock_version` 4.x). A package that is asked for with extras stands a second time. */
export const pdm: LockFormat = {
  name: 'pdm.lock',
  summary: 'PDM: pdm.lock 3 and 4',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const text = textOf(source.bytes, path);
  const document = readToml(text, path);
  const builder = new LockBuilder(path, 'pdm.lock');
  const lines = linesStarting(text, '[[package]]');
  const packages = objectsOf(own(document, 'package'));
  const oldFiles = ownObject(ownObject(document, 'metadata'), 'files');
  const index = new PythonIndex();
  const refs = packages.map((entry, at) => {
    const place = { path, line: lines[at] ?? 1 };
    const name = ownText(entry, 'name');
    if (name === undefined) {
      builder.problem('a package has no name', place, 'name = "..."');
      return null;
    }
    const version = ownText(entry, 'version');
    const git = ownText(entry, 'git');
    const commit = ownText(entry, 'revision');
    const address = git === undefined ? undefined : `git+${git}${commit === undefined ? '' : `@${commit}`}`;
    const files = objectsOf(own(entry, 'files') ?? own(oldFiles, `${name} ${version ?? ''}`));
    const ref = builder.component({
      purl: pypiPurl(name, version, address === undefined ? undefined : { vcs_url: address }),
      place,
      hashes: hashesOf(files),
      installScripts: buildsFromSource(files),
      source:
        address ??
        ownText(entry, 'url') ??
        files.map((file) => ownText(file, 'url')).find((url) => url !== undefined),
      // The entry of a package with its extras has the digests, too; a folder has none.
      pinned: git === undefined && ownText(entry, 'path') === undefined,
    });
    index.add(name, version, ref);
    return ref;
  });
  for (const [at, entry] of packages.entries()) {
    const ref = refs[at] ?? null;
    builder.needs(ref);
    for (const need of stringsOf(own(entry, 'dependencies'))) {
      const requirement = parseRequirement(need);
      if (requirement === null) continue;
      for (const target of index.find(requirement.name, exactVersion(requirement.specifier)))
        builder.needs(ref, target);
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
