import { compareIntegers, compareText, type Integer, isDigit, isLetter, readInteger } from '../integer.ts';

/** A version by Semantic Versioning 2.0.0 (https://semver.org/spec/v2.0.0.html). */
export interface SemverKey {
  major: Integer;
  minor: Integer;
  patch: Integer;
  /** Dot-separated identifiers; null for a release. */
  pre: readonly (Integer | string)[] | null;
  /** Without the plus sign; null where there is none. Takes no part in the precedence. */
  build: string | null;
}

export interface SemverReading {
  /** `1` and `1.2` count as `1.0.0` and `1.2.0`. */
  partial?: boolean;
  /** `01` counts as `1`. */
  leadingZeros?: boolean;
}

const DOT = 46;
const DASH = 45;
const PLUS = 43;
const ZERO = 48;

/** Reads the text from `start` on; null where it is no version. Linear, one pass. */
export function readSemver(text: string, start = 0, reading: SemverReading = {}): SemverKey | null {
  const numbers: Integer[] = [];
  let at = start;
  for (;;) {
    const end = endOfDigits(text, at);
    if (end === at || (!reading.leadingZeros && end - at > 1 && text.charCodeAt(at) === ZERO)) return null;
    numbers.push(readInteger(text.slice(at, end)));
    at = end;
    if (numbers.length === 3 || text.charCodeAt(at) !== DOT) break;
    at++;
  }
  if (numbers.length < 3 && !reading.partial) return null;
  let pre: (Integer | string)[] | null = null;
  if (text.charCodeAt(at) === DASH) {
    const end = endOfIdentifiers(text, at + 1);
    pre = readIdentifiers(text.slice(at + 1, end), reading.leadingZeros ?? false);
    if (pre === null) return null;
    at = end;
  }
  let build: string | null = null;
  if (text.charCodeAt(at) === PLUS) {
    const end = endOfIdentifiers(text, at + 1);
    build = text.slice(at + 1, end);
    if (build.split('.').includes('')) return null;
    at = end;
  }
  if (at !== text.length) return null;
  return { major: numbers[0] ?? 0, minor: numbers[1] ?? 0, patch: numbers[2] ?? 0, pre, build };
}

/** Precedence by section 11: build metadata takes no part. */
export function compareSemver(a: SemverKey, b: SemverKey): number {
  return (
    compareIntegers(a.major, b.major) ||
    compareIntegers(a.minor, b.minor) ||
    compareIntegers(a.patch, b.patch) ||
    comparePreRelease(a.pre, b.pre)
  );
}

export function comparePreRelease(a: SemverKey['pre'], b: SemverKey['pre']): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return compareIdentifiers(a, b);
}

/** Numbers before words, numbers by value, words by their bytes; the shorter list first. */
export function compareIdentifiers(
  a: readonly (Integer | string)[],
  b: readonly (Integer | string)[],
): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareIdentifier(a[i] ?? 0, b[i] ?? 0);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifier(a: Integer | string, b: Integer | string): number {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : 1;
  return typeof b === 'string' ? -1 : compareIntegers(a, b);
}

/** Null where an identifier is empty, or a number begins with a zero that must not. */
export function readIdentifiers(text: string, leadingZeros: boolean): (Integer | string)[] | null {
  const identifiers: (Integer | string)[] = [];
  for (const word of text.split('.')) {
    if (word === '') return null;
    if (endOfDigits(word, 0) !== word.length) identifiers.push(word);
    else if (!leadingZeros && word.length > 1 && word.charCodeAt(0) === ZERO) return null;
    else identifiers.push(readInteger(word));
  }
  return identifiers;
}

function endOfDigits(text: string, start: number): number {
  let at = start;
  while (at < text.length && isDigit(text.charCodeAt(at))) at++;
  return at;
}

function endOfIdentifiers(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code) && !isLetter(code) && code !== DOT && code !== DASH) break;
  }
  return at;
}
