import { Occurrences } from './aho.ts';
import type { CompiledRule, CompiledRules } from './compile.ts';
import { shannonEntropy } from './entropy.ts';

/** A text to search: bytes as they are, and the same as latin1, so that offsets agree. */
export interface Fragment {
  bytes: Uint8Array;
  text: string;
  /** The path's UTF-8 bytes as latin1. */
  path: string;
  commit: string;
}

/** A match that passed entropy and allowlists. Offsets are into the fragment. */
export interface Match {
  rule: number;
  start: number;
  end: number;
  /** The secret inside the match; -1 where it is not a part of it as it stands. */
  secretStart: number;
  secret: string;
  entropy: number;
  lineStart: number;
  lineEnd: number;
}

/** Tells the rule that is about to run: a watcher can name it if it never comes back. */
export type Progress = (rule: number) => void;

/** Runs compiled rules over fragments. One instance a thread; not re-entrant. */
export class Scanner {
  readonly #compiled: CompiledRules;
  readonly #found: Occurrences;
  readonly #byWord: number[][];
  readonly #always: number[];
  readonly #progress: Progress;

  constructor(compiled: CompiledRules, progress: Progress = () => {}) {
    this.#compiled = compiled;
    this.#progress = progress;
    this.#found = new Occurrences(compiled.words);
    this.#byWord = Array.from({ length: compiled.words }, () => []);
    this.#always = [];
    for (const [index, { keywords, anchors }] of compiled.rules.entries()) {
      if (keywords.length > 0) for (const word of keywords) this.#byWord[word]?.push(index);
      else if (anchors !== null) for (const { word } of anchors) this.#byWord[word]?.push(index);
      else this.#always.push(index);
    }
  }

  /** Whether the global allowlists let the whole file pass. */
  skipsFile(path: string, commit: string): boolean {
    return this.#compiled.allowlists.some((list) => list.allowsFile(path, commit));
  }

  /** Matches whose start lies in `[from, to)`; the text around that range is context. */
  scan(fragment: Fragment, from = 0, to = fragment.text.length): Match[] {
    const found = this.#found;
    found.clear();
    this.#compiled.finder.find(fragment.bytes, 0, fragment.bytes.length, found);
    const due = new Set(this.#always);
    for (const word of found.words) for (const rule of this.#byWord[word] as number[]) due.add(rule);
    const matches: Match[] = [];
    for (const index of [...due].sort((a, b) => a - b)) {
      const compiled = this.#compiled.rules[index] as CompiledRule;
      if (compiled.rule.skipReport) continue;
      const own = this.#rule(index, fragment, from, to);
      matches.push(
        ...(own.length === 0 || compiled.required.length === 0 ? own : this.#near(compiled, own, fragment)),
      );
    }
    return matches;
  }

  #rule(index: number, fragment: Fragment, from: number, to: number): Match[] {
    const compiled = this.#compiled.rules[index] as CompiledRule;
    const spans: [number, number][] = [];
    this.#progress(index);
    if (compiled.pattern === null) return this.#byPath(index, fragment, from);
    if (compiled.path?.test(fragment.path) === false) return [];
    if (compiled.anchors === null) searchAll(compiled, fragment.text, from, to, spans);
    else if (compiled.skip !== null) this.#afterRun(compiled, fragment, from, to, spans);
    else this.#atAnchors(compiled, fragment.text, from, to, spans);
    if (spans.length === 0 || !this.#appliesTo(compiled, fragment)) return [];
    const out: Match[] = [];
    for (const [start, end] of spans) {
      const match = this.#judge(index, compiled, fragment, start, end);
      if (match !== null) out.push(match);
    }
    return out;
  }

  #appliesTo({ path, allowlists }: CompiledRule, fragment: Fragment): boolean {
    if (path !== null && !path.test(fragment.path)) return false;
    return !allowlists.some((list) => list.allowsFile(fragment.path, fragment.commit));
  }

  #byPath(index: number, fragment: Fragment, from: number): Match[] {
    const compiled = this.#compiled.rules[index] as CompiledRule;
    if (from > 0 || !this.#appliesTo(compiled, fragment)) return [];
    return [
      { rule: index, start: 0, end: 0, secretStart: -1, secret: '', entropy: 0, lineStart: 0, lineEnd: 0 },
    ];
  }

  /** Every start that an anchor allows, in ascending order, each once. */
  #atAnchors(
    compiled: CompiledRule,
    text: string,
    from: number,
    to: number,
    spans: [number, number][],
  ): void {
    const pattern = compiled.pattern as NonNullable<CompiledRule['pattern']>;
    const ranges: [number, number][] = [];
    for (const { word, min, max } of compiled.anchors ?? []) {
      for (const at of this.#found.of(word)) ranges.push([at - max, at - min]);
    }
    if (!compiled.ordered) ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    let next = from;
    for (const [low, high] of ranges) {
      for (let at = Math.max(low, next); at <= high && at < to; at++) {
        const end = pattern.endAt(text, at);
        next = at + 1;
        if (end <= at) continue;
        spans.push([at, end]);
        next = end;
        break;
      }
    }
  }

  /**
   * For patterns that open with a lazy run: the rest is matched at the literal, then the run is taken as far to the
   * left as it goes. The leftmost match begins there, since the run stops at the first place where the rest matches.
   */
  #afterRun(
    compiled: CompiledRule,
    { bytes, text }: Fragment,
    from: number,
    to: number,
    spans: [number, number][],
  ): void {
    const { table, max, rest } = compiled.skip as NonNullable<CompiledRule['skip']>;
    const places: number[] = [];
    for (const { word } of compiled.anchors ?? []) places.push(...this.#found.of(word));
    if (!compiled.ordered) places.sort((a, b) => a - b);
    let next = from;
    for (const at of places) {
      if (at < next) continue;
      const end = rest.endAt(text, at);
      if (end <= at) continue;
      let start = at;
      const limit = Math.max(next, at - max);
      while (start > limit && table[bytes[start - 1] as number] === 1) start--;
      if (start >= to) break;
      spans.push([start, end]);
      next = end;
    }
  }

  #judge(index: number, compiled: CompiledRule, fragment: Fragment, from: number, to: number): Match | null {
    const { text } = fragment;
    let [start, end] = [from, to];
    while (start < end && text.charCodeAt(start) === 10) start++;
    while (end > start && text.charCodeAt(end - 1) === 10) end--;
    const matched = text.slice(start, end);
    const secret = secretOf(compiled, matched);
    const entropy = shannonEntropy(secret);
    if (compiled.rule.entropy !== 0 && entropy <= compiled.rule.entropy) return null;
    const lineStart = text.lastIndexOf('\n', start - 1) + 1;
    const newline = text.indexOf('\n', Math.max(start, end - 1));
    const lineEnd = newline === -1 ? text.length : newline;
    const candidate = {
      secret,
      match: matched,
      line: text.slice(lineStart, Math.max(lineEnd, end)),
      path: fragment.path,
      commit: fragment.commit,
    };
    for (const list of this.#compiled.allowlists) if (list.allowsMatch(candidate)) return null;
    for (const list of compiled.allowlists) if (list.allowsMatch(candidate)) return null;
    const inside = matched.indexOf(secret);
    const secretStart = inside === -1 ? -1 : start + inside;
    return { rule: index, start, end, secretStart, secret, entropy, lineStart, lineEnd };
  }

  /** The matches that have one of each required rule near by. */
  #near(compiled: CompiledRule, matches: Match[], fragment: Fragment): Match[] {
    const parts = compiled.required.map((required) => ({
      required,
      found: this.#rule(required.rule, fragment, 0, fragment.text.length),
    }));
    const { text } = fragment;
    return matches.filter((match) =>
      parts.every(({ required, found }) =>
        found.some((other) => {
          const columns = Math.abs(match.start - match.lineStart - (other.start - other.lineStart));
          if (required.withinColumns !== null && columns > required.withinColumns) return false;
          if (required.withinLines === null) return true;
          const [low, high] =
            match.start < other.start ? [match.start, other.start] : [other.start, match.start];
          return countLines(text, low, high, required.withinLines) <= required.withinLines;
        }),
      ),
    );
  }
}

function searchAll(
  compiled: CompiledRule,
  text: string,
  from: number,
  to: number,
  spans: [number, number][],
): void {
  let next = from;
  while (next < to) {
    const span = compiled.pattern?.search(text, next);
    if (span === null || span === undefined || span[0] >= to) return;
    spans.push(span);
    next = Math.max(span[1], span[0] + 1);
  }
}

function secretOf({ rule, pattern }: CompiledRule, matched: string): string {
  const groups = pattern?.groups(matched);
  if (groups === null || groups === undefined || groups.length < 2) return matched;
  if (rule.secretGroup > 0) return groups[rule.secretGroup] ?? '';
  return groups.slice(1).find((group) => group !== undefined && group !== '') ?? matched;
}

function countLines(text: string, from: number, to: number, enough: number): number {
  let lines = 0;
  for (
    let at = text.indexOf('\n', from);
    at !== -1 && at < to && lines <= enough;
    at = text.indexOf('\n', at + 1)
  )
    lines++;
  return lines;
}
