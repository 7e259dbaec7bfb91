import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockSource } from './format.ts';
import { integrityHashes } from './integrity.ts';
import { LOCK_LIMITS, malformed, tooMany } from './limits.ts';
import { declared, fetchedFrom, fragmentHash, npmPurl, originQualifiers } from './npm-names.ts';
import { linesOf } from './text.ts';
import { type Manifest, manifestIn, workspacesOf } from './workspaces.ts';

interface Block {
  line: number;
  /** `name@range`, each of which this entry answers. */
  patterns: string[];
  fields: Map<string, string>;
  needs: { name: string; range: string; optional: boolean }[];
}

/** Reads Yarn 1's own notation (https://classic.yarnpkg.com/lang/en/docs/yarn-lock/). */
export async function readYarnClassic(text: string, source: LockSource): Promise<Locked> {
  const { path } = source;
  const builder = new LockBuilder(path, 'yarn.lock');
  const blocks = parse(text, path);
  const byPattern = new Map<string, string>();
  const refs = blocks.map((block) => {
    const ref = add(builder, block, path);
    if (ref !== null) for (const pattern of block.patterns) byPattern.set(pattern, ref);
    return ref;
  });
  for (const [index, block] of blocks.entries()) {
    const ref = refs[index] ?? null;
    builder.needs(ref);
    for (const { name, range, optional } of block.needs)
      builder.needs(ref, byPattern.get(`${name}@${range}`), optional ? 'optional' : 'runtime');
  }
  await addRoots(builder, source, byPattern);
  return builder.finish();
}

async function addRoots(
  builder: LockBuilder,
  source: LockSource,
  byPattern: ReadonlyMap<string, string>,
): Promise<void> {
  const top = await manifestIn(source, folderName(source.path));
  if (top === null) {
    builder.root(undefined, { place: { path: source.path, line: 1 } });
    return;
  }
  const manifests = [top, ...(await workspacesOf(source, top))];
  const locals = new Map<unknown, string>();
  for (const manifest of manifests) locals.set(manifest.value.name, rootOf(builder, manifest));
  for (const manifest of manifests) {
    const ref = rootOf(builder, manifest);
    builder.needs(ref);
    for (const [name, range, scope] of declared(manifest.value, true))
      builder.needs(ref, byPattern.get(`${name}@${range}`) ?? locals.get(name), scope);
  }
}

export function rootOf(builder: LockBuilder, { value, path, folder }: Manifest): string {
  const name = typeof value.name === 'string' ? value.name : undefined;
  const version = typeof value.version === 'string' ? value.version : undefined;
  const licenses = typeof value.license === 'string' ? [value.license] : [];
  const purl = name === undefined ? undefined : npmPurl(name, version);
  return builder.root(name, { purl, place: { path, line: 1 }, licenses }, folder);
}

function add(builder: LockBuilder, block: Block, path: string): string | null {
  const [pattern = ''] = block.patterns;
  const at = pattern.indexOf('@', 1);
  const asked = at === -1 ? '' : pattern.slice(at + 1);
  const alias = asked.startsWith('npm:') ? asked.slice(4) : undefined;
  const cut = alias?.indexOf('@', 1) ?? -1;
  const name =
    alias === undefined
      ? pattern.slice(0, at === -1 ? undefined : at)
      : cut === -1
        ? alias
        : alias.slice(0, cut);
  const resolved = block.fields.get('resolved');
  const from = fetchedFrom(resolved ?? (fetchedFrom(asked) === 'local' ? asked : undefined));
  const hashes = integrityHashes(block.fields.get('integrity'));
  return builder.component({
    purl: npmPurl(name, block.fields.get('version'), originQualifiers(resolved)),
    place: { path, line: block.line },
    hashes: hashes.length > 0 ? hashes : from === 'git' ? [] : fragmentHash(resolved),
    source: resolved,
    pinned: from === 'registry' || from === 'address',
  });
}

function parse(text: string, path: string): Block[] {
  const blocks: Block[] = [];
  let block: Block | undefined;
  let section: string | undefined;
  for (const [index, written] of linesOf(text).entries()) {
    const line = index + 1;
    const trimmed = written.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const depth = written.length - written.trimStart().length;
    if (depth === 0) {
      if (!trimmed.endsWith(':'))
        throw malformed({ path, line }, 'this is no entry of yarn.lock', 'NAME@RANGE:', trimmed);
      if (blocks.length >= LOCK_LIMITS.entries) throw tooMany({ path, line }, 'entries', LOCK_LIMITS.entries);
      block = { line, patterns: words(trimmed.slice(0, -1), ','), fields: new Map(), needs: [] };
      blocks.push(block);
      section = undefined;
    } else if (block === undefined) {
      throw malformed({ path, line }, 'a field stands before the first entry', 'NAME@RANGE:', trimmed);
    } else if (depth === 2 && trimmed.endsWith(':')) {
      section = trimmed.slice(0, -1);
    } else {
      const [key = '', ...rest] = words(trimmed, ' ');
      const value = rest.join(' ');
      if (depth === 2) {
        section = undefined;
        block.fields.set(key, value);
      } else if (section === 'dependencies' || section === 'optionalDependencies') {
        block.needs.push({ name: key, range: value, optional: section === 'optionalDependencies' });
      }
    }
  }
  return blocks;
}

/** Words between separators; a word in double quotes may hold them. */
function words(text: string, separator: string): string[] {
  const found: string[] = [];
  let word = '';
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (character === separator && !quoted) {
      if (word.trim() !== '') found.push(word.trim());
      word = '';
    } else word += character;
  }
  if (word.trim() !== '') found.push(word.trim());
  return found;
}
