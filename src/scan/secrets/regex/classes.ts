import type { Range } from './ast.ts';

/** Perl and POSIX classes as Go defines them: ASCII only (https://pkg.go.dev/regexp/syntax). */
export const PERL: Readonly<Record<string, readonly Range[]>> = Object.freeze({
  d: [[0x30, 0x39]],
  s: [
    [0x09, 0x0a],
    [0x0c, 0x0d],
    [0x20, 0x20],
  ],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
});

export const POSIX: ReadonlyMap<string, readonly Range[]> = new Map([
  [
    'alnum',
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  [
    'alpha',
    [
      [0x41, 0x5a],
      [0x61, 0x7a],
    ],
  ],
  ['ascii', [[0x00, 0x7f]]],
  [
    'blank',
    [
      [0x09, 0x09],
      [0x20, 0x20],
    ],
  ],
  [
    'cntrl',
    [
      [0x00, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ['digit', [[0x30, 0x39]]],
  ['graph', [[0x21, 0x7e]]],
  ['lower', [[0x61, 0x7a]]],
  ['print', [[0x20, 0x7e]]],
  [
    'punct',
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  [
    'space',
    [
      [0x09, 0x0d],
      [0x20, 0x20],
    ],
  ],
  ['upper', [[0x41, 0x5a]]],
  [
    'word',
    [
      [0x30, 0x39],
      [0x41, 0x5a],
      [0x5f, 0x5f],
      [0x61, 0x7a],
    ],
  ],
  [
    'xdigit',
    [
      [0x30, 0x39],
      [0x41, 0x46],
      [0x61, 0x66],
    ],
  ],
]);

export const MAX_CODE_POINT = 0x10ffff;

/** Sorted, without overlaps and touching neighbours joined. */
export function normalize(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const out: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = out.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else out.push([from, to]);
  }
  return out;
}

export function negate(ranges: readonly Range[], max = MAX_CODE_POINT): Range[] {
  const out: Range[] = [];
  let next = 0;
  for (const [from, to] of normalize(ranges)) {
    if (from > next) out.push([next, from - 1]);
    next = to + 1;
  }
  if (next <= max) out.push([next, max]);
  return out;
}

/** The ranges together with the other case of their ASCII letters. */
export function foldAscii(ranges: readonly Range[]): Range[] {
  const out: Range[] = [...ranges];
  for (const [from, to] of ranges) {
    const upper: Range = [Math.max(from, 0x41), Math.min(to, 0x5a)];
    if (upper[0] <= upper[1]) out.push([upper[0] + 0x20, upper[1] + 0x20]);
    const lower: Range = [Math.max(from, 0x61), Math.min(to, 0x7a)];
    if (lower[0] <= lower[1]) out.push([lower[0] - 0x20, lower[1] - 0x20]);
  }
  return normalize(out);
}
