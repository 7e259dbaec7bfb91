import type { Scope } from '../../model/component.ts';
import type { Json } from '../../model/json/values.ts';
import { LockBuilder } from './builder.ts';
import { fileName, folderName, type Locked, type LockSource } from './format.ts';
import { integrityHashes } from './integrity.ts';
import { LOCK_LIMITS, malformed } from './limits.ts';
import { declared, fetchedFrom, npmPurl, originQualifiers, splitAtVersion } from './npm-names.ts';
import { jsonLines, readJsonObject } from './read-json.ts';
import { objectEntries, own, ownText, textEntries } from './values.ts';

interface Node {
  entry: Json;
  ref: string | null;
  children: Map<string, Node>;
  parent: Node | null;
}

/** Version 1 of npm's lockfile: a tree of `dependencies`; what the service itself names stands in package.json only. */
export async function readNpm1(document: Json, source: LockSource): Promise<Locked> {
  const { path, bytes } = source;
  const builder = new LockBuilder(path, fileName(path));
  const lines = jsonLines(bytes, path, ['dependencies']);
  const top: Node = { entry: document, ref: null, children: new Map(), parent: null };
  const all: Node[] = [];
  const waiting: { node: Node; line: number | undefined; depth: number }[] = [
    { node: top, line: undefined, depth: 0 },
  ];
  for (const { node, line, depth } of waiting) {
    if (depth > LOCK_LIMITS.depth)
      throw malformed({ path }, 'nested too deeply', `at most ${LOCK_LIMITS.depth} levels`);
    for (const [name, entry] of objectEntries(own(node.entry, 'dependencies'))) {
      const at = line ?? lines.get(name) ?? 1;
      const child: Node = {
        entry,
        ref: add(builder, name, entry, { path, line: at }),
        children: new Map(),
        parent: node,
      };
      node.children.set(name, child);
      all.push(child);
      waiting.push({ node: child, line: at, depth: depth + 1 });
    }
  }
  for (const node of all) {
    builder.needs(node.ref);
    for (const [name] of textEntries(own(node.entry, 'requires')))
      builder.needs(node.ref, find(node, name)?.ref);
  }
  await addRoot(builder, document, source, top);
  return builder.finish();
}

async function addRoot(builder: LockBuilder, document: Json, source: LockSource, top: Node): Promise<void> {
  const folder = folderName(source.path);
  const manifestPath = folder === '' ? 'package.json' : `${folder}/package.json`;
  const name = ownText(document, 'name');
  const purl = name === undefined ? undefined : npmPurl(name, ownText(document, 'version'));
  const root = builder.root(name, { purl, place: { path: source.path, line: 1 } });
  if (!source.exists(manifestPath)) return;
  const manifest = readJsonObject(await source.read(manifestPath), manifestPath);
  builder.needs(root);
  for (const [dependency, , scope] of declared(manifest, true))
    builder.needs(root, top.children.get(dependency)?.ref, scope);
}

function add(
  builder: LockBuilder,
  name: string,
  entry: Json,
  place: { path: string; line: number },
): string | null {
  const written = ownText(entry, 'version') ?? '';
  const alias = written.startsWith('npm:') ? splitAtVersion(written.slice(4)) : null;
  const fromVersion = fetchedFrom(written);
  const plain = alias === null && fromVersion === 'registry';
  const resolved = ownText(entry, 'resolved') ?? (plain || alias !== null ? undefined : written);
  const from = plain || alias !== null ? fetchedFrom(resolved) : fromVersion;
  return builder.component({
    purl: npmPurl(
      alias?.[0] ?? name,
      alias?.[1] ?? (plain ? written : undefined),
      originQualifiers(resolved),
    ),
    place,
    hashes: integrityHashes(ownText(entry, 'integrity')),
    source: resolved,
    pinned: (from === 'registry' || from === 'address') && own(entry, 'bundled') !== true,
    scope: scopeOf(entry),
    ...(plain || alias !== null
      ? {}
      : { unresolved: 'this format keeps an address in place of the version' }),
  });
}

function scopeOf(entry: Json): Scope {
  if (own(entry, 'dev') === true) return 'development';
  return own(entry, 'optional') === true ? 'optional' : 'runtime';
}

function find(node: Node, name: string): Node | undefined {
  for (let at: Node | null = node; at !== null; at = at.parent) {
    const found = at.children.get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
