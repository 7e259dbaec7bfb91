import type { Scope } from '../../model/component.ts';
import { objectsOf, stringsOf } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { prefixedHash } from './integrity.ts';
import { PythonIndex } from './pyproject.ts';
import { exactVersion, pypiPurl } from './python-names.ts';
import { jsonLines, readJsonObject } from './read-json.ts';
import { readToml } from './read-toml.ts';
import { textOf } from './text.ts';
import { objectEntries, own, ownObject, ownText } from './values.ts';

/** https://github.com/pypa/pipfile: Pipfile.lock has no graph; what the service itself names stands in the Pipfile. */
export const pipfile: LockFormat = {
  name: 'Pipfile.lock',
  summary: 'Pipenv: Pipfile.lock 6',
  read,
};

const SECTIONS: readonly { locked: string; declared: string; scope: Scope }[] = [
  { locked: 'default', declared: 'packages', scope: 'runtime' },
  { locked: 'develop', declared: 'dev-packages', scope: 'development' },
];

async function read(source: LockSource): Promise<Locked> {
  const { path, bytes } = source;
  const document = readJsonObject(bytes, path);
  const builder = new LockBuilder(path, 'Pipfile.lock');
  const sources = new Map(
    objectsOf(own(ownObject(document, '_meta'), 'sources')).map((one) => [
      own(one, 'name'),
      ownText(one, 'url'),
    ]),
  );
  const index = new PythonIndex();
  for (const { locked, scope } of SECTIONS) {
    const lines = jsonLines(bytes, path, [locked]);
    for (const [name, entry] of objectEntries(own(document, locked))) {
      const git = ownText(entry, 'git');
      const address =
        git === undefined ? ownText(entry, 'file') : `git+${git}@${ownText(entry, 'ref') ?? 'HEAD'}`;
      const isLocal = own(entry, 'path') !== undefined;
      const version = exactVersion(ownText(entry, 'version') ?? '');
      const ref = builder.component({
        purl: pypiPurl(
          name,
          version,
          git === undefined || address === undefined ? undefined : { vcs_url: address },
        ),
        place: { path, line: lines.get(name) ?? 1 },
        hashes: stringsOf(own(entry, 'hashes')).flatMap((hash) => prefixedHash(hash)),
        source: isLocal ? undefined : (address ?? sources.get(own(entry, 'index'))),
        pinned: !isLocal && git === undefined,
        scope,
        ...(version === undefined && !isLocal && git === undefined
          ? { unresolved: 'the entry names no exact version' }
          : {}),
      });
      index.add(name, version, ref);
    }
  }
  await addRoot(builder, source, index);
  return builder.finish();
}

async function addRoot(builder: LockBuilder, source: LockSource, index: PythonIndex): Promise<void> {
  const root = builder.root(undefined, { place: { path: source.path, line: 1 } });
  const folder = folderName(source.path);
  const path = folder === '' ? 'Pipfile' : `${folder}/Pipfile`;
  if (!source.exists(path)) return;
  const manifest = readToml(textOf(await source.read(path), path), path);
  builder.needs(root);
  for (const { declared, scope } of SECTIONS)
    for (const name of Object.keys(ownObject(manifest, declared)))
      for (const ref of index.find(name)) builder.needs(root, ref, scope);
}
