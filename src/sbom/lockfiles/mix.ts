import type { Scope } from '../../model/component.ts';
import { LockBuilder } from './builder.ts';
import { folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { prefixedHash } from './integrity.ts';
import { parseTerm, type Term } from './mix-terms.ts';
import { textOf } from './text.ts';

/** Elixir's mix.lock: a map of tuples; what the service itself names stands in mix.exs, a program that is not run. */
export const mix: LockFormat = {
  name: 'mix.lock',
  summary: 'Mix: mix.lock',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const { value, keyLines } = parseTerm(textOf(source.bytes, path), path);
  const builder = new LockBuilder(path, 'mix.lock');
  const refs = new Map<string, string>();
  const needs: { ref: string; list: Term }[] = [];
  for (const [name, entry] of value.kind === 'map' ? value.pairs : []) {
    const place = { path, line: keyLines.get(name) ?? 1 };
    const items = entry.kind === 'list' ? entry.items : [];
    const type = textIn(items[0]);
    if (type === 'hex') {
      const ref = builder.component({
        purl: { type: 'hex', name: textIn(items[1]) ?? name, version: textIn(items[2]) },
        place,
        hashes: prefixedHash(textIn(items[7]), 'sha256'),
        source: undefined,
        pinned: textIn(items[3]) === undefined,
      });
      if (ref === null) continue;
      refs.set(name, ref);
      const list = items[5];
      if (list !== undefined) needs.push({ ref, list });
    } else if (type === 'git') {
      const address = `git+${textIn(items[1]) ?? ''}@${textIn(items[2]) ?? 'HEAD'}`;
      const ref = builder.component({
        purl: { type: 'hex', name, qualifiers: { vcs_url: address } },
        place,
        source: address,
      });
      if (ref !== null) refs.set(name, ref);
    } else builder.problem('an entry is neither :hex nor :git', place, '{:hex, ...} or {:git, ...}', name);
  }
  for (const { ref, list } of needs) {
    builder.needs(ref);
    for (const item of list.kind === 'list' ? list.items : []) {
      const [name, , options] = item.kind === 'list' ? item.items : [];
      const optional =
        options?.kind === 'list' &&
        options.items.some(
          (one) => one.kind === 'pair' && one.key === 'optional' && textIn(one.value) === 'true',
        );
      builder.needs(ref, refs.get(textIn(name) ?? ''), optional ? 'optional' : 'runtime');
    }
  }
  await addRoot(builder, source, refs);
  return builder.finish();
}

function textIn(term: Term | undefined): string | undefined {
  return term?.kind === 'text' && term.text !== '' ? term.text : undefined;
}

/** `{:name, "~> 1.0", only: [:dev, :test]}` in plain lines of mix.exs. */
async function addRoot(
  builder: LockBuilder,
  source: LockSource,
  refs: ReadonlyMap<string, string>,
): Promise<void> {
  const folder = folderName(source.path);
  const path = folder === '' ? 'mix.exs' : `${folder}/mix.exs`;
  if (!source.exists(path)) {
    builder.root(undefined, { place: { path: source.path, line: 1 } });
    return;
  }
  const text = textOf(await source.read(path), path);
  const name = /^\s*app:\s*:(\w+)/mu.exec(text)?.[1];
  const root = builder.root(name, {
    purl: name === undefined ? undefined : { type: 'hex', name },
    place: { path, line: 1 },
  });
  builder.needs(root);
  for (const line of text.split('\n')) {
    const wanted = /^\s*\{:(\w+),/u.exec(line)?.[1];
    if (wanted === undefined) continue;
    builder.needs(root, refs.get(wanted), scopeIn(line));
  }
}

function scopeIn(line: string): Scope {
  const only = /only:\s*(\[[^\]]*\]|:\w+)/u.exec(line)?.[1];
  if (only === undefined) return /optional:\s*true/u.test(line) ? 'optional' : 'runtime';
  if (only.includes(':prod')) return 'runtime';
  return only.includes(':dev') ? 'development' : 'test';
}
