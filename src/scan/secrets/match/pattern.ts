import { RE2JS } from 're2js';
import { widthOf } from '../regex/anchor.ts';
import type { Node } from '../regex/ast.ts';
import { emitPattern } from '../regex/emit.ts';

/** A compiled pattern over latin1 text. */
export interface Pattern {
  /** End of the match that begins exactly at `at`, or -1. */
  endAt(text: string, at: number): number;
  /** First match at or after `from`: start and end, or null. */
  search(text: string, from: number): [number, number] | null;
  /** The first match with its groups; a group that took no part is undefined. */
  groups(text: string): (string | undefined)[] | null;
  test(text: string): boolean;
}

/** On the engine's own regular expressions: for patterns that we wrote. */
export class NativePattern implements Pattern {
  readonly #node: () => Node;
  #source: string | null = null;
  #sticky: RegExp | null = null;
  #global: RegExp | null = null;

  /** `node`: asked for when the pattern is first needed. */
  constructor(node: () => Node) {
    this.#node = node;
  }

  /** Most patterns of a pack are never needed in a run. */
  #text(): string {
    this.#source ??= emitPattern(this.#node(), 'js');
    return this.#source;
  }

  endAt(text: string, at: number): number {
    this.#sticky ??= new RegExp(this.#text(), 'y');
    this.#sticky.lastIndex = at;
    return this.#sticky.test(text) ? this.#sticky.lastIndex : -1;
  }

  search(text: string, from: number): [number, number] | null {
    this.#global ??= new RegExp(this.#text(), 'g');
    this.#global.lastIndex = from;
    const match = this.#global.exec(text);
    return match === null ? null : [match.index, match.index + match[0].length];
  }

  groups(text: string): (string | undefined)[] | null {
    this.#global ??= new RegExp(this.#text(), 'g');
    this.#global.lastIndex = 0;
    return this.#global.exec(text);
  }

  test(text: string): boolean {
    return this.search(text, 0) !== null;
  }
}

/** How far past its start a match of a repository's pattern is followed where its width has no bound of its own. */
const MAX_FOLLOWED = 16_384;

/** On an engine with time linear in the text: for patterns that come from a repository. */
class LinearPattern implements Pattern {
  readonly #source: string;
  readonly #maxWidth: number;
  #plain: RE2JS | null = null;
  #behindOne: RE2JS | null = null;

  constructor(node: Node) {
    this.#source = emitPattern(node, 're2');
    this.#maxWidth = Math.min(widthOf(node)[1], MAX_FOLLOWED);
  }

  #search(): RE2JS {
    this.#plain ??= RE2JS.compile(this.#source);
    return this.#plain;
  }

  endAt(text: string, at: number): number {
    // One character more on each side, so that \b and the ends of the text mean what they mean in the whole.
    const window = text.slice(Math.max(0, at - 1), at + this.#maxWidth + 1);
    if (at === 0) {
      const matcher = this.#search().matcher(window);
      return matcher.lookingAt() ? matcher.end() : -1;
    }
    this.#behindOne ??= RE2JS.compile(`(?s:.)(?:${this.#source})`);
    const matcher = this.#behindOne.matcher(window);
    return matcher.lookingAt() ? at - 1 + matcher.end() : -1;
  }

  search(text: string, from: number): [number, number] | null {
    const matcher = this.#search().matcher(text);
    return matcher.find(from) ? [matcher.start(), matcher.end()] : null;
  }

  groups(text: string): (string | undefined)[] | null {
    const matcher = this.#search().matcher(text);
    if (!matcher.find()) return null;
    return Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? undefined);
  }

  test(text: string): boolean {
    return this.#search().test(text);
  }
}

/** `trusted`: written by us, so that the engine's own backtracking matcher may run it. */
export function patternOf(node: () => Node, trusted: boolean): Pattern {
  return trusted ? new NativePattern(node) : new LinearPattern(node());
}
