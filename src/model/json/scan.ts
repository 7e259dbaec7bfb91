import { SallyportError } from '../error.ts';
import { positionAt } from './position.ts';

/** Bounds for one document. `depth` counts nested arrays and objects, `string` is in bytes as written. */
export interface JsonLimits {
  bytes: number;
  depth: number;
  string: number;
}

export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'literal';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const END = -1;

/**
 * Walks JSON (RFC 8259) over its bytes without building it: checks the syntax, bounds depth and strings, and lets
 * a reader stop at the members that it knows and step over the rest. What it accepts, `JSON.parse` accepts.
 * Every refusal is a SallyportError with file, line and column.
 */
export class JsonScanner {
  readonly bytes: Uint8Array;
  readonly path: string;
  readonly limits: JsonLimits;
  pos = 0;
  #depth = 0;
  readonly #open: Uint8Array;

  constructor(bytes: Uint8Array, path: string, limits: JsonLimits) {
    this.bytes = bytes;
    this.path = path;
    this.limits = limits;
    this.#open = new Uint8Array(limits.depth + 1);
    if (bytes.length > limits.bytes) {
      throw new SallyportError({
        code: 'SP-JSON-SIZE',
        message: 'the document is too large',
        expected: `at most ${limits.bytes} bytes`,
        found: `${bytes.length} bytes`,
        place: { path },
      });
    }
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.pos = 3;
  }

  /** What the next value is, without stepping over it. */
  kind(): JsonKind {
    switch (this.#peek()) {
      case OPEN_OBJECT:
        return 'object';
      case OPEN_ARRAY:
        return 'array';
      case QUOTE:
        return 'string';
      case 0x74:
      case 0x66:
      case 0x6e:
        return 'literal';
      default:
        return 'number';
    }
  }

  /**
   * Steps through the object that comes next. `visit` gets each member's name and must step over its value.
   * A name that stands twice is refused: readers differ in which of the two they believe.
   */
  eachMember(visit: (name: string) => void): void {
    this.#enter(OPEN_OBJECT, 'an object');
    const seen = new Set<string>();
    for (let first = true; ; first = false) {
      const next = this.#peek();
      if (next === CLOSE_OBJECT && first) break;
      if (!first) {
        if (next === CLOSE_OBJECT) break;
        if (next !== COMMA) this.fail('`,` or `}`');
        this.pos++;
        this.#peek();
      }
      const at = this.pos;
      if (this.bytes[at] !== QUOTE) this.fail('a member name in double quotes');
      this.#string();
      const name = JSON.parse(decode(this.bytes, at, this.pos, this.path)) as string;
      if (seen.has(name)) {
        this.pos = at;
        this.fail('each member once', 'SP-JSON-DUPLICATE', `the member ${JSON.stringify(name)} stands twice`);
      }
      seen.add(name);
      if (this.#peek() !== COLON) this.fail('`:`');
      this.pos++;
      this.#peek();
      visit(name);
    }
    this.#leave();
  }

  /** Steps through the array that comes next. `visit` must step over each element; `pos` is at its first byte. */
  eachElement(visit: (index: number) => void): void {
    this.#enter(OPEN_ARRAY, 'an array');
    for (let index = 0; ; index++) {
      let next = this.#peek();
      if (next === CLOSE_ARRAY && index === 0) break;
      if (index > 0) {
        if (next === CLOSE_ARRAY) break;
        if (next !== COMMA) this.fail('`,` or `]`');
        this.pos++;
        next = this.#peek();
      }
      visit(index);
    }
    this.#leave();
  }

  /** Steps over one value of any kind. */
  skip(): void {
    const base = this.#depth;
    for (;;) {
      if (!this.#begin()) continue;
      while (this.#depth > base && !this.#advance()) {
        // Each turn closes one container.
      }
      if (this.#depth === base) return;
    }
  }

  /** After the document's value: nothing but blanks may follow. */
  end(): void {
    if (this.#peek() !== END) this.fail('the end of the document');
  }

  /** Refuses the document at `pos`. */
  fail(expected: string, code = 'SP-JSON-SYNTAX', message = 'this is not valid JSON'): never {
    const { bytes, pos, path } = this;
    throw new SallyportError({
      code,
      message,
      expected,
      found: pos >= bytes.length ? 'the end of the file' : shown(bytes, pos),
      place: { path, ...positionAt(bytes, pos) },
    });
  }

  /** Begins a value. False: it opened a container whose first inner value comes next. */
  #begin(): boolean {
    const next = this.#peek();
    if (next === QUOTE) {
      this.#string();
      return true;
    }
    if (next === OPEN_OBJECT) {
      this.#enter(OPEN_OBJECT, 'an object');
      if (this.#peek() === CLOSE_OBJECT) {
        this.#leave();
        return true;
      }
      this.#name();
      return false;
    }
    if (next === OPEN_ARRAY) {
      this.#enter(OPEN_ARRAY, 'an array');
      if (this.#peek() === CLOSE_ARRAY) {
        this.#leave();
        return true;
      }
      return false;
    }
    if (next === 0x74) this.#literal('true');
    else if (next === 0x66) this.#literal('false');
    else if (next === 0x6e) this.#literal('null');
    else this.#number(next);
    return true;
  }

  /** After a value inside a container. True: another value comes next; false: the container closed. */
  #advance(): boolean {
    const next = this.#peek();
    if (this.#open[this.#depth] === OPEN_OBJECT) {
      if (next === COMMA) {
        this.pos++;
        this.#name();
        return true;
      }
      if (next !== CLOSE_OBJECT) this.fail('`,` or `}`');
    } else {
      if (next === COMMA) {
        this.pos++;
        return true;
      }
      if (next !== CLOSE_ARRAY) this.fail('`,` or `]`');
    }
    this.#leave();
    return false;
  }

  #name(): void {
    if (this.#peek() !== QUOTE) this.fail('a member name in double quotes');
    this.#string();
    if (this.#peek() !== COLON) this.fail('`:`');
    this.pos++;
  }

  #enter(opener: number, what: string): void {
    if (this.#peek() !== opener) this.fail(what);
    if (this.#depth >= this.limits.depth) {
      this.fail(`at most ${this.limits.depth} levels`, 'SP-JSON-DEPTH', 'the document is nested too deeply');
    }
    this.#depth++;
    this.#open[this.#depth] = opener;
    this.pos++;
  }

  #leave(): void {
    this.#depth--;
    this.pos++;
  }

  /** The next byte that is not blank, without stepping over it; END after the last. */
  #peek(): number {
    const { bytes } = this;
    let { pos } = this;
    let byte = bytes[pos];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++pos];
    this.pos = pos;
    return byte ?? END;
  }

  #string(): void {
    const { bytes } = this;
    const start = this.pos;
    let pos = start + 1;
    for (;;) {
      const byte = bytes[pos];
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        pos = this.#escape(pos + 1);
        continue;
      }
      if (byte === undefined || byte < 0x20) {
        this.pos = pos;
        this.fail(byte === undefined ? 'a closing `"`' : 'control characters in strings written as \\u00XX');
      }
      pos++;
    }
    if (pos - start > this.limits.string) {
      this.pos = start;
      this.fail(`at most ${this.limits.string} bytes`, 'SP-JSON-STRING', 'a string is too long');
    }
    this.pos = pos + 1;
  }

  /** From the byte after a backslash; gives the position after the escape. */
  #escape(pos: number): number {
    const byte = this.bytes[pos];
    if (byte === 0x75) {
      for (let i = 1; i <= 4; i++) {
        if (!isHex(this.bytes[pos + i])) {
          this.pos = pos + i;
          this.fail('four hexadecimal digits after `\\u`');
        }
      }
      return pos + 5;
    }
    // " \ / b f n r t
    if (
      byte === QUOTE ||
      byte === BACKSLASH ||
      byte === 0x2f ||
      byte === 0x62 ||
      byte === 0x66 ||
      byte === 0x6e ||
      byte === 0x72 ||
      byte === 0x74
    ) {
      return pos + 1;
    }
    this.pos = pos;
    this.fail('one of `"`, `\\`, `/`, `b`, `f`, `n`, `r`, `t`, `u` after a backslash');
  }

  #literal(word: 'true' | 'false' | 'null'): void {
    for (let i = 0; i < word.length; i++) {
      if (this.bytes[this.pos + i] !== word.charCodeAt(i)) this.fail('a value');
    }
    this.pos += word.length;
  }

  #number(first: number): void {
    const { bytes } = this;
    let pos = this.pos;
    if (first === 0x2d) pos++;
    if (!isDigit(bytes[pos])) {
      this.pos = pos;
      this.fail(first === 0x2d ? 'a digit' : 'a value');
    }
    if (bytes[pos] === 0x30) pos++;
    else pos = this.#digits(pos);
    if (bytes[pos] === 0x2e) pos = this.#digits(pos + 1);
    if (bytes[pos] === 0x65 || bytes[pos] === 0x45) {
      pos++;
      if (bytes[pos] === 0x2b || bytes[pos] === 0x2d) pos++;
      pos = this.#digits(pos);
    }
    this.pos = pos;
  }

  #digits(from: number): number {
    let pos = from;
    while (isDigit(this.bytes[pos])) pos++;
    if (pos === from) {
      this.pos = pos;
      this.fail('a digit');
    }
    return pos;
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHex(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

function shown(bytes: Uint8Array, pos: number): string {
  const byte = bytes[pos] ?? 0;
  return byte > 0x20 && byte < 0x7f
    ? `\`${String.fromCharCode(byte)}\``
    : `the byte 0x${byte.toString(16).padStart(2, '0')}`;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a range of bytes. Throws SP-JSON-ENCODING, with the line, where it is not UTF-8. */
export function decode(bytes: Uint8Array, start: number, end: number, path: string): string {
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch (cause) {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const place = { path, ...positionAt(bytes, start) };
    throw new SallyportError(
      {
        code: 'SP-JSON-ENCODING',
        message: 'the text is not UTF-8',
        expected: 'UTF-8 (RFC 8259, section 8.1)',
        ...(utf16 ? { found: 'UTF-16' } : {}),
        place,
      },
      { cause },
    );
  }
}
