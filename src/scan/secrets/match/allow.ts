import { lower } from '../regex/anchor.ts';
import { parsePattern } from '../regex/parse.ts';
import type { Allowlist } from '../rules/rule.ts';
import { type Pattern, patternOf } from './pattern.ts';

/** What a match is judged by. All text is latin1 but the path. */
export interface Candidate {
  secret: string;
  match: string;
  line: string;
  /** The path's UTF-8 bytes as latin1. */
  path: string;
  /** Lower case; empty outside history. */
  commit: string;
}

/** An allowlist ready to run. Its patterns are joined into one, as gitleaks joins them, flags that leak included. */
export class CompiledAllowlist {
  readonly #list: Allowlist;
  readonly #commits: ReadonlySet<string>;
  readonly #stopwords: readonly string[];
  readonly #trusted: boolean;
  #paths: Pattern | null = null;
  #regexes: Pattern | null = null;

  constructor(list: Allowlist, trusted: boolean) {
    this.#list = list;
    this.#commits = new Set(list.commits);
    this.#stopwords = [...new Set(list.stopwords.map(lower))];
    this.#trusted = trusted;
  }

  #commitAllowed(commit: string): boolean {
    return commit !== '' && this.#commits.has(commit);
  }

  #pathAllowed(path: string): boolean {
    if (path === '' || this.#list.paths.length === 0) return false;
    this.#paths ??= joined(this.#list.paths, this.#trusted);
    return this.#paths.test(path);
  }

  #regexAllowed(text: string): boolean {
    if (text === '' || this.#list.regexes.length === 0) return false;
    this.#regexes ??= joined(this.#list.regexes, this.#trusted);
    return this.#regexes.test(text);
  }

  #hasStopword(secret: string): boolean {
    if (this.#stopwords.length === 0) return false;
    const text = secret.toLowerCase();
    return this.#stopwords.some((word) => text.includes(word));
  }

  /** Whether a whole file passes, before its text is looked at. */
  allowsFile(path: string, commit: string): boolean {
    const { condition, commits, paths, regexes, stopwords } = this.#list;
    if (condition === 'or') return this.#commitAllowed(commit) || this.#pathAllowed(path);
    if (regexes.length > 0 || stopwords.length > 0) return false;
    return (
      (commits.length === 0 || this.#commitAllowed(commit)) && (paths.length === 0 || this.#pathAllowed(path))
    );
  }

  /** Whether one match passes. */
  allowsMatch({ secret, match, line, path, commit }: Candidate): boolean {
    const { condition, regexTarget, commits, paths, regexes } = this.#list;
    const target = regexTarget === 'match' ? match : regexTarget === 'line' ? line : secret;
    if (condition === 'or') return this.#regexAllowed(target) || this.#hasStopword(secret);
    return (
      (commits.length === 0 || this.#commitAllowed(commit)) &&
      (paths.length === 0 || this.#pathAllowed(path)) &&
      (regexes.length === 0 || this.#regexAllowed(target)) &&
      (this.#stopwords.length === 0 || this.#hasStopword(secret))
    );
  }
}

function joined(patterns: readonly string[], trusted: boolean): Pattern {
  return patternOf(() => parsePattern(`(?:${patterns.join('|')})`).node, trusted);
}
