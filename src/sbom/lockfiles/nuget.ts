import type { Json } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { fileName, folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { unsupported } from './limits.ts';
import { jsonLines, readJsonObject } from './read-json.ts';
import { objectEntries, own, ownObject, ownText, plainText } from './values.ts';

/** https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies */
export const nuget: LockFormat = {
  name: 'packages.lock.json',
  summary: 'NuGet: packages.lock.json 1 and 2',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path, bytes } = source;
  const document = readJsonObject(bytes, path);
  const version = own(document, 'version');
  if (version !== 1 && version !== 2)
    throw unsupported({ path, line: 1 }, `version ${plainText(version)}`, '1 or 2');
  const builder = new LockBuilder(path, 'packages.lock.json');
  const folder = folderName(path);
  const project = source.paths().find((one) => folderName(one) === folder && /\.[a-z]{2}proj$/u.test(one));
  const name = project === undefined ? undefined : fileName(project).replace(/\.\w+$/u, '');
  const root = builder.root(name, { place: { path: project ?? path, line: 1 } });
  builder.needs(root);
  // One section a target framework; the same package can be locked differently in each.
  for (const [framework, packages] of objectEntries(own(document, 'dependencies'))) {
    const lines = jsonLines(bytes, path, ['dependencies', framework]);
    const refs = new Map<string, { ref: string | null; entry: Json }>();
    for (const [id, entry] of objectEntries(packages)) {
      const line = lines.get(id) ?? 1;
      refs.set(id.toLowerCase(), { ref: add(builder, id, entry, { path, line }), entry });
    }
    for (const { ref, entry } of refs.values()) {
      if (ref === null) continue;
      builder.needs(ref);
      for (const wanted of Object.keys(ownObject(entry, 'dependencies')))
        builder.needs(ref, refs.get(wanted.toLowerCase())?.ref);
      const type = ownText(entry, 'type');
      if (type === 'Direct' || type === 'Project') builder.needs(root, ref);
    }
  }
  return builder.finish();
}

function add(
  builder: LockBuilder,
  id: string,
  entry: Json,
  place: { path: string; line: number },
): string | null {
  const isProject = ownText(entry, 'type') === 'Project';
  const hash = ownText(entry, 'contentHash');
  const resolved = ownText(entry, 'resolved');
  return builder.component({
    purl: { type: 'nuget', name: id, version: resolved },
    place,
    // Over the package without its signature, so not what a download's SHA-512 is.
    hashes: hash === undefined ? [] : [{ algorithm: 'nuget-content-sha512', content: hash }],
    pinned: !isProject,
    ...(resolved === undefined && !isProject ? { unresolved: 'the entry has no resolved version' } : {}),
  });
}
