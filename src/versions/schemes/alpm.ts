import { readPlainRange } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, isDigit, isLetter, readInteger } from '../integer.ts';
import { defineScheme } from '../version.ts';

interface AlpmKey {
  epoch: Integer;
  version: readonly Segment[];
  /** Null: not said, then any release of the version is meant. */
  release: readonly Segment[] | null;
}

interface Segment {
  /** How many separating characters stand before it. */
  separators: number;
  value: Integer | string;
}

/**
 * Arch Linux (vercmp(8), https://man.archlinux.org/man/vercmp.8): `[epoch:]version[-release]`. Letters that follow
 * without a separator are older than the end (`1.0rc` before `1.0`), letters after one are newer. Releases are
 * compared only where both have one: a version without release is a class, equal to each of its releases.
 */
export const alpm = defineScheme<AlpmKey>({
  name: 'alpm',
  purlTypes: ['alpm'],
  expected: '[epoch:]version[-release] as vercmp(8) describes',
  read(text) {
    const match = /^(?:(\d+):)?([!-9;-~]+)$/u.exec(text);
    const [, epoch, rest] = match ?? [];
    if (rest === undefined) return null;
    const dash = rest.lastIndexOf('-');
    const version = readSegments(dash === -1 ? rest : rest.slice(0, dash));
    const release = dash === -1 ? [] : readSegments(rest.slice(dash + 1));
    if (version === null || release === null || version.length === 0) return null;
    return { epoch: readInteger(epoch ?? '0'), version, release: dash === -1 ? null : release };
  },
  compare: (a, b) =>
    compareIntegers(a.epoch, b.epoch) ||
    compareSegments(a.version, b.version) ||
    (a.release === null || b.release === null ? 0 : compareSegments(a.release, b.release)),
  nativeRange: readPlainRange,
});

/** Null where the text ends in separators: vercmp has no consistent place for those. */
function readSegments(text: string): Segment[] | null {
  const segments: Segment[] = [];
  let at = 0;
  while (at < text.length) {
    const before = at;
    while (at < text.length && !isDigit(text.charCodeAt(at)) && !isLetter(text.charCodeAt(at))) at++;
    const separators = at - before;
    const start = at;
    while (isDigit(text.charCodeAt(at))) at++;
    if (at > start) {
      segments.push({ separators, value: readInteger(text.slice(start, at)) });
      continue;
    }
    while (isLetter(text.charCodeAt(at))) at++;
    if (at === start) return null;
    segments.push({ separators, value: text.slice(start, at) });
  }
  return segments;
}

function compareSegments(a: readonly Segment[], b: readonly Segment[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const one = a[i];
    const other = b[i];
    if (one === undefined) return other === undefined ? 0 : -againstEnd(other);
    if (other === undefined) return againstEnd(one);
    const order = one.separators - other.separators || compareValues(one.value, other.value);
    if (order !== 0) return order;
  }
  return 0;
}

function againstEnd(segment: Segment): number {
  return segment.separators === 0 && typeof segment.value === 'string' ? -1 : 1;
}

function compareValues(a: Integer | string, b: Integer | string): number {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : -1;
  return typeof b === 'string' ? 1 : compareIntegers(a, b);
}
