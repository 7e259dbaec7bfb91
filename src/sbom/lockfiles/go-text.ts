import { LOCK_LIMITS, malformed, tooMany } from './limits.ts';
import { linesOf } from './text.ts';

export interface GoMod {
  module: string | undefined;
  moduleLine: number;
  go: string | undefined;
  /** Without the `go` before it. */
  toolchain: string | undefined;
  goLine: number;
  requires: { module: string; version: string; indirect: boolean; line: number }[];
  /** `by` without a version is a folder. */
  replaces: {
    module: string;
    version: string | undefined;
    by: { module: string; version: string | undefined };
  }[];
  unreadable: { line: number; text: string }[];
}

const IGNORED = new Set(['exclude', 'retract', 'tool', 'godebug', 'ignore']);

/** Reads go.mod (https://go.dev/ref/mod#go-mod-file-grammar). Throws SP-LOCK-*. */
export function parseGoMod(text: string, path: string): GoMod {
  const mod: GoMod = {
    module: undefined,
    moduleLine: 1,
    go: undefined,
    toolchain: undefined,
    goLine: 1,
    requires: [],
    replaces: [],
    unreadable: [],
  };
  let block: string | undefined;
  for (const [index, written] of linesOf(text).entries()) {
    const line = index + 1;
    const slashes = written.indexOf('//');
    const comment = slashes === -1 ? '' : written.slice(slashes + 2).trim();
    const words = (slashes === -1 ? written : written.slice(0, slashes))
      .split(/\s+/u)
      .filter((word) => word !== '')
      .map(unquoted);
    const [first = ''] = words;
    if (first === '') continue;
    if (block !== undefined && first === ')') {
      block = undefined;
      continue;
    }
    if (block === undefined && words.at(-1) === '(') {
      block = first;
      continue;
    }
    const verb = block ?? first;
    const args = block === undefined ? words.slice(1) : words;
    if (!take(mod, verb, args, comment, line)) mod.unreadable.push({ line, text: written });
    if (mod.requires.length > LOCK_LIMITS.entries)
      throw tooMany({ path, line }, 'requirements', LOCK_LIMITS.entries);
  }
  if (block !== undefined) throw malformed({ path }, 'go.mod ends inside a block', ')');
  return mod;
}

function take(mod: GoMod, verb: string, args: readonly string[], comment: string, line: number): boolean {
  const [a, b] = args;
  if (verb === 'module' && a !== undefined) Object.assign(mod, { module: a, moduleLine: line });
  else if (verb === 'go' && a !== undefined) Object.assign(mod, { go: a, goLine: line });
  else if (verb === 'toolchain' && a !== undefined) {
    if (a !== 'default') Object.assign(mod, { toolchain: a.replace(/^go/u, ''), goLine: line });
  } else if (verb === 'require' && a !== undefined && b !== undefined) {
    mod.requires.push({ module: a, version: b, indirect: /^indirect(?:;|$)/u.test(comment), line });
  } else if (verb === 'replace') {
    const arrow = args.indexOf('=>');
    const [module, version] = args.slice(0, Math.max(0, arrow));
    const [by, byVersion] = args.slice(arrow + 1);
    if (arrow < 1 || module === undefined || by === undefined) return false;
    mod.replaces.push({ module, version, by: { module: by, version: byVersion } });
  } else return IGNORED.has(verb);
  return true;
}

function unquoted(word: string): string {
  const [quote] = word;
  return word.length > 1 && (quote === '"' || quote === '`') && word.endsWith(quote)
    ? word.slice(1, -1)
    : word;
}

/** Reads go.sum: `module version` (also `version/go.mod`) to its `h1:` digest. Throws SP-LOCK-*. */
export function parseGoSum(text: string, path: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const [index, written] of linesOf(text).entries()) {
    if (written.trim() === '') continue;
    const [module, version, sum, more] = written.trim().split(/\s+/u);
    if (module === undefined || version === undefined || sum === undefined || more !== undefined)
      throw malformed(
        { path, line: index + 1 },
        'this is no line of go.sum',
        'MODULE VERSION DIGEST',
        written,
      );
    sums.set(`${module} ${version}`, sum);
    if (sums.size > 2 * LOCK_LIMITS.entries)
      throw tooMany({ path, line: index + 1 }, 'digests', 2 * LOCK_LIMITS.entries);
  }
  return sums;
}
