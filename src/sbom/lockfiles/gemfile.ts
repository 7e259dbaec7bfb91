import type { Scope } from '../../model/component.ts';
import { LockBuilder } from './builder.ts';
import { fileName, folderName, type Locked, type LockFormat, type LockSource } from './format.ts';
import { prefixedHash } from './integrity.ts';
import { malformed } from './limits.ts';
import { combined } from './scopes.ts';
import { linesOf, textOf } from './text.ts';

/** Bundler's Gemfile.lock and gems.locked; which group a gem is of stands in the Gemfile only. */
export const gemfile: LockFormat = {
  name: 'Gemfile.lock',
  summary: 'Bundler: Gemfile.lock and gems.locked',
  read,
};

interface Gem {
  name: string;
  version: string;
  platform: string | undefined;
  line: number;
  needs: string[];
  kind: string;
  remote: string | undefined;
  revision: string | undefined;
}

async function read(source: LockSource): Promise<Locked> {
  const { path } = source;
  const { gems, direct, checksums } = parse(textOf(source.bytes, path), path);
  const builder = new LockBuilder(path, 'Gemfile.lock');
  const refs = new Map<string, (string | null)[]>();
  const added = gems.map((gem) => {
    const vcs =
      gem.kind === 'GIT' && gem.remote !== undefined
        ? `git+${gem.remote}${gem.revision === undefined ? '' : `@${gem.revision}`}`
        : undefined;
    const full = gem.platform === undefined ? gem.version : `${gem.version}-${gem.platform}`;
    const ref = builder.component({
      purl: {
        type: 'gem',
        name: gem.name,
        version: gem.version,
        qualifiers: {
          ...(gem.platform === undefined ? {} : { platform: gem.platform }),
          ...(vcs === undefined ? {} : { vcs_url: vcs }),
        },
      },
      place: { path, line: gem.line },
      hashes: prefixedHash(checksums.get(`${gem.name} (${full})`)?.replace('=', ':')),
      source: vcs ?? (gem.kind === 'PATH' ? undefined : gem.remote),
      // Bundler keeps digests from 2.6 on, and only where the file has the section.
      pinned: gem.kind === 'GEM' && checksums.size > 0,
    });
    refs.set(gem.name, [...(refs.get(gem.name) ?? []), ref]);
    return ref;
  });
  for (const [at, gem] of gems.entries()) {
    builder.needs(added[at] ?? null);
    for (const wanted of gem.needs)
      for (const target of refs.get(wanted) ?? []) builder.needs(added[at] ?? null, target);
  }
  const root = builder.root(undefined, { place: { path, line: 1 } });
  const scopes = await groupsIn(source);
  builder.needs(root);
  for (const name of direct)
    for (const target of refs.get(name) ?? [])
      builder.needs(root, target, scopes === null ? 'unknown' : (scopes.get(name) ?? 'runtime'));
  return builder.finish();
}

function parse(
  text: string,
  path: string,
): { gems: Gem[]; direct: string[]; checksums: Map<string, string> } {
  const gems: Gem[] = [];
  const direct: string[] = [];
  const checksums = new Map<string, string>();
  let section = '';
  let remote: string | undefined;
  let revision: string | undefined;
  for (const [index, written] of linesOf(text).entries()) {
    const depth = written.length - written.trimStart().length;
    const content = written.trim();
    if (content === '') continue;
    if (/^[<=>]{7}/u.test(written))
      throw malformed(
        { path, line: index + 1 },
        'the file holds an unresolved merge',
        'a Gemfile.lock',
        content,
      );
    if (depth === 0) {
      section = content;
      remote = undefined;
      revision = undefined;
    } else if (section === 'DEPENDENCIES') direct.push((content.split(' ', 1)[0] ?? '').replace(/!$/u, ''));
    else if (section === 'CHECKSUMS') {
      const close = content.indexOf(') ');
      if (close !== -1)
        checksums.set(content.slice(0, close + 1), content.slice(close + 2).split(',', 1)[0] ?? '');
    } else if (depth === 2 && content.startsWith('remote: ')) remote = content.slice(8);
    else if (depth === 2 && content.startsWith('revision: ')) revision = content.slice(10);
    else if (depth === 4) {
      const [name = '', stated = ''] = content.split(' ');
      const full = stated.replace(/[()]/gu, '');
      const dash = full.indexOf('-');
      gems.push({
        name,
        version: dash === -1 ? full : full.slice(0, dash),
        platform: dash === -1 ? undefined : full.slice(dash + 1),
        line: index + 1,
        needs: [],
        kind: section,
        remote,
        revision,
      });
    } else if (depth === 6) gems.at(-1)?.needs.push((content.split(' ', 1)[0] ?? '').replace(/!$/u, ''));
  }
  return { gems, direct, checksums };
}

/** Groups as the Gemfile names them in plain lines; null where there is no Gemfile. It is a program: nothing is run. */
async function groupsIn(source: LockSource): Promise<Map<string, Scope> | null> {
  const folder = folderName(source.path);
  const name = fileName(source.path) === 'gems.locked' ? 'gems.rb' : 'Gemfile';
  const path = folder === '' ? name : `${folder}/${name}`;
  if (!source.exists(path)) return null;
  const found = new Map<string, Scope>();
  const open: (Scope | null)[] = [];
  for (const written of linesOf(textOf(await source.read(path), path))) {
    const line = written.trim();
    if (line.startsWith('#')) continue;
    const gem = /^gem[ (]+["']([\w.-]+)["'](.*)$/u.exec(line);
    if (gem !== null) {
      const [, wanted = '', rest = ''] = gem;
      const stated = /groups?(?::|\s*=>)\s*(.*)$/u.exec(rest)?.[1];
      const scope =
        stated === undefined ? (open.findLast((one) => one !== null) ?? 'runtime') : scopeOfGroups(stated);
      found.set(wanted, combined(scope, found.get(wanted) ?? 'unknown'));
    } else if (line.startsWith('group ') || line.startsWith('group(')) open.push(scopeOfGroups(line));
    else if (/^end\b/u.test(line)) open.pop();
    else if (/^(?:if|unless|case|def|begin)\b/u.test(line) || /\bdo(?:\s*\|[^|]*\|)?$/u.test(line))
      open.push(null);
  }
  return found;
}

function scopeOfGroups(text: string): Scope {
  const groups = [...text.matchAll(/:(\w+)/gu)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'optional');
  if (groups.length === 0) return 'runtime';
  return groups
    .map((name): Scope => (name.includes('test') ? 'test' : name.includes('dev') ? 'development' : 'runtime'))
    .reduce(combined);
}
