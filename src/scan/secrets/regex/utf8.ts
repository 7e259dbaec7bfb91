import type { Range } from './ast.ts';

/** One byte range for each byte of the encodings that a sequence stands for. */
export type ByteSequence = Range[];

const LIMITS = [0x7f, 0x7ff, 0xffff, 0x10ffff];

/** The UTF-8 encodings of a range of code points as sequences of byte ranges. */
export function utf8Sequences([from, to]: Range): ByteSequence[] {
  for (const limit of LIMITS) {
    if (from <= limit && limit < to)
      return [...utf8Sequences([from, limit]), ...utf8Sequences([limit + 1, to])];
  }
  if (to <= 0x7f) return [[[from, to]]];
  for (let bits = 6; bits <= 18; bits += 6) {
    const mask = (1 << bits) - 1;
    if (from >> bits === to >> bits) continue;
    if ((from & mask) !== 0)
      return [...utf8Sequences([from, from | mask]), ...utf8Sequences([(from | mask) + 1, to])];
    if ((to & mask) !== mask)
      return [...utf8Sequences([from, (to & ~mask) - 1]), ...utf8Sequences([to & ~mask, to])];
  }
  const low = encode(from);
  const high = encode(to);
  return [low.map((byte, index): Range => [byte, high[index] as number])];
}

/** By arithmetic, so that halves of surrogate pairs, which Go's ranges pass over, do not throw. */
function encode(point: number): number[] {
  const tail = (shift: number) => 0x80 | ((point >> shift) & 0x3f);
  if (point <= 0x7f) return [point];
  if (point <= 0x7ff) return [0xc0 | (point >> 6), tail(0)];
  if (point <= 0xffff) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}
