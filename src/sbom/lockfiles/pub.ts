import type { Scope } from '../../model/component.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { prefixedHash } from './integrity.ts';
import { keyLines, readYaml } from './read-yaml.ts';
import { textOf } from './text.ts';
import { objectEntries, own, ownObject, ownText } from './values.ts';

/** https://dart.dev/tools/pub/glossary#lockfile: the lockfile has no graph, only what is direct. */
export const pub: LockFormat = {
  name: 'pubspec.lock',
  summary: 'Dart and Flutter: pubspec.lock',
  read,
};

const SCOPES: Readonly<Record<string, Scope>> = {
  'direct main': 'runtime',
  'direct overridden': 'runtime',
  'direct dev': 'development',
};

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const text = textOf(source.bytes, path);
  const document = readYaml(text, path);
  const builder = new LockBuilder(path, 'pubspec.lock');
  const folder = folderName(path);
  const manifestPath = folder === '' ? 'pubspec.yaml' : `${folder}/pubspec.yaml`;
  const manifest = source.exists(manifestPath)
    ? readYaml(textOf(await source.read(manifestPath), manifestPath), manifestPath)
    : {};
  const name = ownText(manifest, 'name');
  const root = builder.root(name, {
    purl: name === undefined ? undefined : { type: 'pub', name, version: ownText(manifest, 'version') },
    place: { path: name === undefined ? path : manifestPath, line: 1 },
  });
  builder.needs(root);
  const lines = keyLines(text, 'packages');
  for (const [key, entry] of objectEntries(own(document, 'packages'))) {
    const description = ownObject(entry, 'description');
    const kind = ownText(entry, 'source');
    const stated = ownText(entry, 'dependency') ?? '';
    const url = ownText(description, 'url');
    const commit = ownText(description, 'resolved-ref');
    const vcs =
      kind === 'git' && url !== undefined
        ? `git+${url}${commit === undefined ? '' : `@${commit}`}`
        : undefined;
    const scope = Object.hasOwn(SCOPES, stated) ? SCOPES[stated] : undefined;
    const ref = builder.component({
      purl: {
        type: 'pub',
        name: ownText(description, 'name') ?? key,
        version: ownText(entry, 'version'),
        ...(vcs === undefined ? {} : { qualifiers: { vcs_url: vcs } }),
      },
      place: { path, line: lines.get(key) ?? 1 },
      hashes: prefixedHash(ownText(description, 'sha256'), 'sha256'),
      source: kind === 'path' ? undefined : (vcs ?? url),
      pinned: kind === 'hosted',
      ...(scope === undefined ? {} : { scope }),
      direct: scope !== undefined,
    });
    if (scope !== undefined) builder.needs(root, ref, scope);
  }
  return builder.finish();
}
