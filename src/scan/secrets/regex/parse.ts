import { type Node, PatternError, type Range } from './ast.ts';
import { foldAscii, MAX_CODE_POINT, negate, normalize, PERL, POSIX } from './classes.ts';

const MAX_PATTERN = 20_000;
const MAX_DEPTH = 100;
/** RE2 refuses counts over this. */
export const RE2_MAX_REPEAT = 1000;

interface Flags {
  fold: boolean;
  multiline: boolean;
  dotAll: boolean;
  ungreedy: boolean;
}

const SIMPLE_ESCAPES: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['t', 9],
  ['n', 10],
  ['r', 13],
  ['v', 11],
]);

/**
 * Parses Go RE2 syntax (https://github.com/google/re2/wiki/Syntax). Throws a `PatternError` that names the construct
 * for what Go refuses (look-around, back-references) and for Unicode property classes, which we do not read.
 * `maxRepeat`: the largest count; our own rules may count further than RE2 does.
 */
export function parsePattern(source: string, maxRepeat = RE2_MAX_REPEAT): { node: Node; groups: number } {
  if (source.length > MAX_PATTERN)
    throw new PatternError('pattern is too long', `${source.length} characters`, 0);
  const parser = new Parser(source, maxRepeat);
  const node = parser.parse();
  return { node, groups: parser.groups };
}

class Parser {
  readonly #text: string;
  readonly #maxRepeat: number;
  #at = 0;
  #depth = 0;
  #flags: Flags = { fold: false, multiline: false, dotAll: false, ungreedy: false };
  groups = 0;

  constructor(text: string, maxRepeat: number) {
    this.#text = text;
    this.#maxRepeat = maxRepeat;
  }

  parse(): Node {
    const node = this.#alternation();
    if (this.#at < this.#text.length) throw this.#error('unexpected )', ')', this.#at);
    return node;
  }

  #error(reason: string, construct: string, at: number): PatternError {
    return new PatternError(reason, construct, at);
  }

  #alternation(): Node {
    if (++this.#depth > MAX_DEPTH)
      throw this.#error('nested too deeply', this.#text.slice(this.#at, this.#at + 8), this.#at);
    const branches: Node[] = [];
    let items: Node[] = [];
    while (this.#at < this.#text.length && this.#text[this.#at] !== ')') {
      if (this.#text[this.#at] === '|') {
        this.#at++;
        branches.push(concat(items));
        items = [];
        continue;
      }
      this.#item(items);
    }
    branches.push(concat(items));
    this.#depth--;
    return branches.length === 1 ? (branches[0] as Node) : { kind: 'alternate', nodes: branches };
  }

  #item(items: Node[]): void {
    const start = this.#at;
    const char = this.#text[start] as string;
    if ('*+?'.includes(char)) throw this.#error('missing argument to repetition operator', char, start);
    if (char === '(') {
      const node = this.#group();
      if (node === null) return;
      items.push(this.#repeats(node, start));
      return;
    }
    if (this.#text.startsWith('\\Q', start)) {
      const end = this.#text.indexOf('\\E', start + 2);
      const quoted = this.#text.slice(start + 2, end === -1 ? undefined : end);
      this.#at = end === -1 ? this.#text.length : end + 2;
      const points = [...quoted];
      for (const [index, point] of points.entries()) {
        const node: Node = { kind: 'literal', text: point, fold: this.#flags.fold };
        items.push(index === points.length - 1 ? this.#repeats(node, start) : node);
      }
      return;
    }
    items.push(this.#repeats(this.#atom(), start));
  }

  /** Null: a flag group, which changes what follows and matches nothing. */
  #group(): Node | null {
    const start = this.#at;
    const before = { ...this.#flags };
    let capture = true;
    this.#at++;
    if (this.#text[this.#at] === '?') {
      const named = /^\?P?<([A-Za-z_][A-Za-z0-9_]*)>/u.exec(this.#text.slice(start + 1, start + 120));
      if (named !== null) this.#at = start + 1 + named[0].length;
      else {
        const flags = /^\?([imsU]*)(?:-([imsU]+))?([:)])/u.exec(this.#text.slice(start + 1, start + 20));
        if (flags === null) {
          throw this.#error('invalid or unsupported Perl syntax', this.#text.slice(start, start + 4), start);
        }
        this.#at = start + 1 + flags[0].length;
        this.#set(flags[1] ?? '', true);
        this.#set(flags[2] ?? '', false);
        if (flags[3] === ')') return null;
        capture = false;
      }
    }
    if (capture) this.groups++;
    const node = this.#alternation();
    if (this.#text[this.#at] !== ')')
      throw this.#error('missing closing )', this.#text.slice(start, start + 12), start);
    this.#at++;
    this.#flags = before;
    return { kind: 'group', node, capture };
  }

  #set(letters: string, on: boolean): void {
    for (const letter of letters) {
      if (letter === 'i') this.#flags.fold = on;
      else if (letter === 'm') this.#flags.multiline = on;
      else if (letter === 's') this.#flags.dotAll = on;
      else this.#flags.ungreedy = on;
    }
  }

  #repeats(atom: Node, start: number): Node {
    const bounds = this.#quantifier();
    if (bounds === null) return atom;
    let lazy = this.#flags.ungreedy;
    if (this.#text[this.#at] === '?') {
      this.#at++;
      lazy = !lazy;
    }
    const next = this.#at;
    if (this.#quantifier() !== null) {
      throw this.#error('invalid nested repetition operator', this.#text.slice(start, this.#at), next);
    }
    return { kind: 'repeat', node: atom, min: bounds[0], max: bounds[1], lazy };
  }

  #quantifier(): [number, number] | null {
    const char = this.#text[this.#at];
    if (char === '*' || char === '+' || char === '?') {
      this.#at++;
      return [char === '+' ? 1 : 0, char === '?' ? 1 : Number.POSITIVE_INFINITY];
    }
    if (char !== '{') return null;
    const counts = /^\{(\d{1,9})(,(\d{0,9}))?\}/u.exec(this.#text.slice(this.#at, this.#at + 24));
    if (counts === null) return null;
    const min = Number(counts[1]);
    const max =
      counts[2] === undefined ? min : counts[3] === '' ? Number.POSITIVE_INFINITY : Number(counts[3]);
    if (min > this.#maxRepeat || (max > this.#maxRepeat && max !== Number.POSITIVE_INFINITY) || min > max) {
      throw this.#error('invalid repeat count', counts[0], this.#at);
    }
    this.#at += counts[0].length;
    return [min, max];
  }

  #atom(): Node {
    const start = this.#at;
    const char = this.#text[start] as string;
    const { fold, multiline, dotAll } = this.#flags;
    if (char === '.') {
      this.#at++;
      return { kind: 'any', newline: dotAll };
    }
    if (char === '^' || char === '$') {
      this.#at++;
      const edge = char === '^' ? 'start' : 'end';
      return { kind: 'assert', what: multiline ? `line-${edge}` : `text-${edge}` };
    }
    if (char === '[') return this.#class();
    if (char === '\\') return this.#escape();
    const point = String.fromCodePoint(this.#text.codePointAt(start) as number);
    this.#at += point.length;
    return { kind: 'literal', text: point, fold };
  }

  #escape(): Node {
    const start = this.#at;
    const letter = this.#text[start + 1];
    const { fold } = this.#flags;
    if (letter === undefined) throw this.#error('trailing backslash', '\\', start);
    const assertion = { A: 'text-start', z: 'text-end', b: 'word', B: 'not-word' }[letter];
    if (assertion !== undefined) {
      this.#at += 2;
      return { kind: 'assert', what: assertion as 'word' };
    }
    const perl = this.#perl();
    if (perl !== null) return { kind: 'class', ranges: perl, negated: false, fold: false };
    return { kind: 'literal', text: String.fromCodePoint(this.#escapedPoint()), fold };
  }

  /** `\d`, `\W` and so on at the current place, or null. */
  #perl(): Range[] | null {
    const letter = this.#text[this.#at + 1] ?? '';
    if (!'dswDSW'.includes(letter) || letter === '') return null;
    this.#at += 2;
    const ranges = PERL[letter.toLowerCase()] as readonly Range[];
    return letter === letter.toLowerCase() ? [...ranges] : negate(ranges);
  }

  /** The code point of an escape such as `\x60`, `\n`, `\.`; the backslash is at the current place. */
  #escapedPoint(): number {
    const start = this.#at;
    const rest = this.#text.slice(start + 1, start + 14);
    const letter = rest[0] ?? '';
    const simple = SIMPLE_ESCAPES.get(letter);
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const number = /^x([0-9A-Fa-f]{2})|^x\{([0-9A-Fa-f]{1,8})\}|^(0[0-7]{0,2}|[1-7][0-7]{1,2})/u.exec(rest);
    if (number !== null) {
      const point =
        number[3] === undefined
          ? Number.parseInt(number[1] ?? number[2] ?? '', 16)
          : Number.parseInt(number[3], 8);
      if (point > MAX_CODE_POINT) throw this.#error('invalid escape sequence', `\\${number[0]}`, start);
      this.#at += 1 + number[0].length;
      return point;
    }
    if (letter === 'p' || letter === 'P') {
      throw this.#error('Unicode property classes are not read here', `\\${rest.slice(0, 6)}`, start);
    }
    if (/^[A-Za-z0-9]/u.test(letter) || letter === '') {
      throw this.#error('invalid escape sequence', `\\${letter}`, start);
    }
    const point = this.#text.codePointAt(start + 1) as number;
    if (point >= 0x80)
      throw this.#error('invalid escape sequence', `\\${String.fromCodePoint(point)}`, start);
    this.#at += 2;
    return point;
  }

  #class(): Node {
    const start = this.#at;
    this.#at++;
    const negated = this.#text[this.#at] === '^';
    if (negated) this.#at++;
    const ranges: Range[] = [];
    for (let first = true; ; first = false) {
      const char = this.#text[this.#at];
      if (char === undefined)
        throw this.#error('missing closing ]', this.#text.slice(start, start + 12), start);
      if (char === ']' && !first) break;
      this.#classItem(ranges);
    }
    this.#at++;
    const folded = this.#flags.fold ? foldAscii(ranges) : ranges;
    return { kind: 'class', ranges: normalize(folded), negated, fold: false };
  }

  #classItem(ranges: Range[]): void {
    const start = this.#at;
    const posix = /^\[:(\^?)([a-z]+):\]/u.exec(this.#text.slice(start, start + 16));
    if (posix !== null) {
      const named = POSIX.get(posix[2] as string);
      if (named === undefined) throw this.#error('invalid character class range', posix[0], start);
      ranges.push(...(posix[1] === '^' ? negate(named) : named));
      this.#at += posix[0].length;
      return;
    }
    const perl = this.#text[start] === '\\' ? this.#perl() : null;
    if (perl !== null) {
      ranges.push(...perl);
      return;
    }
    const from = this.#classPoint();
    let to = from;
    if (
      this.#text[this.#at] === '-' &&
      this.#text[this.#at + 1] !== ']' &&
      this.#at + 1 < this.#text.length
    ) {
      this.#at++;
      to = this.#classPoint();
      if (to < from)
        throw this.#error('invalid character class range', this.#text.slice(start, this.#at), start);
    }
    ranges.push([from, to]);
  }

  #classPoint(): number {
    if (this.#text[this.#at] === '\\') return this.#escapedPoint();
    const point = this.#text.codePointAt(this.#at) as number;
    this.#at += point > 0xffff ? 2 : 1;
    return point;
  }
}

function concat(items: Node[]): Node {
  if (items.length === 0) return { kind: 'empty' };
  return items.length === 1 ? (items[0] as Node) : { kind: 'concat', nodes: items };
}
