import { randomInt } from 'node:crypto';
import { LineSet } from './line-set.ts';

/** A part of a version of a file that holds lines which no older version had. */
export interface ChangedPart {
  from: number;
  to: number;
  /** Line number of `from`. */
  firstLine: number;
}

/** Known text that is taken along on both sides, so that what begins or ends outside the change is found. */
const CONTEXT = 512;
/** Parts nearer to each other than this are one. */
const JOIN = 1024;
const STEP = 65_536;
const MAX_LINES = 2_000_000;
/** Seeds of this process: nobody can prepare a line whose hash is that of another one. */
const SEEDS = [randomInt(2 ** 31), randomInt(2 ** 31)] as const;

/**
 * The versions of one file, oldest first: tells of each what is new in it, by line. A line that stood in an older
 * version was looked at there. Lines are compared by a seeded hash of 64 bits.
 */
export class FileVersions {
  readonly #lines = new LineSet();
  #last: Buffer | null = null;
  #isFirst = true;

  /** Says that a version is left out: the bytes of the one before it may be gone by the next. */
  leaveOut(): void {
    this.#last = null;
  }

  /** `bytes` must stay as they are until the next call is over. */
  add(bytes: Buffer): ChangedPart[] {
    const before = this.#last;
    const isFirst = this.#isFirst;
    this.#last = bytes;
    this.#isFirst = false;
    if (this.#lines.size > MAX_LINES) this.#lines.clear();
    const most = before === null ? 0 : Math.min(before.length, bytes.length);
    const prefix = before === null ? 0 : commonPrefix(before, bytes, most);
    const suffix = before === null ? 0 : commonSuffix(before, bytes, most - prefix);
    const from = prefix === 0 ? 0 : bytes.lastIndexOf(10, prefix - 1) + 1;
    const newline = bytes.indexOf(10, bytes.length - suffix);
    const fresh = this.#freshLines(bytes, from, newline === -1 ? bytes.length : newline + 1);
    if (isFirst) return [{ from: 0, to: bytes.length, firstLine: 1 }];
    // Where lines were only taken out, the ends that now meet may together make something new.
    const isShorter = before !== null && before.length > bytes.length;
    const onlyRemoved = fresh.length === 0 && isShorter && prefix > 0 && suffix > 0;
    return withContext(bytes, onlyRemoved ? [[prefix, prefix]] : fresh);
  }

  /** Ranges of lines in `[from, to)` that were not there before; from now on they are. */
  #freshLines(bytes: Buffer, from: number, to: number): [number, number][] {
    const out: [number, number][] = [];
    const [seedA, seedB] = SEEDS;
    for (let at = from; at < to; ) {
      const start = at;
      let a: number = seedA;
      let b: number = seedB;
      // Four bytes at a time while none of them is a line feed.
      for (; at + 4 <= to; at += 4) {
        const word =
          (bytes[at] as number) |
          ((bytes[at + 1] as number) << 8) |
          ((bytes[at + 2] as number) << 16) |
          ((bytes[at + 3] as number) << 24);
        const folded = word ^ 0x0a0a0a0a;
        if (((folded - 0x01010101) & ~folded & 0x80808080) !== 0) break;
        a = Math.imul(a ^ word, 0x2c1b3c6d);
        a ^= a >>> 15;
        b = Math.imul(b + word, 0x297a2d39) ^ (b >>> 13);
      }
      while (at < to && bytes[at] !== 10) {
        a = Math.imul(a ^ (bytes[at] as number), 0x01000193);
        b = Math.imul(b + (bytes[at] as number), 0x5bd1e995) ^ (b >>> 13);
        at++;
      }
      // The length takes part, and the last bits are mixed in.
      a = Math.imul(a ^ (at - start), 0x2c1b3c6d);
      b = Math.imul(b ^ a, 0x297a2d39);
      at++;
      if (!this.#lines.add(a, b ^ (b >>> 16))) continue;
      const end = Math.min(at, to);
      const last = out.at(-1);
      if (last !== undefined && last[1] === start) last[1] = end;
      else out.push([start, end]);
    }
    return out;
  }
}

function withContext(bytes: Buffer, ranges: readonly (readonly [number, number])[]): ChangedPart[] {
  const parts: ChangedPart[] = [];
  let lines = 1;
  let counted = 0;
  for (const [start, end] of ranges) {
    const from = near(bytes, Math.max(0, start - CONTEXT));
    const to = nearEnd(bytes, Math.min(bytes.length, end + CONTEXT));
    const last = parts.at(-1);
    if (last !== undefined && from - last.to < JOIN) {
      last.to = Math.max(last.to, to);
      continue;
    }
    lines += newlines(bytes, counted, from);
    counted = from;
    parts.push({ from, to, firstLine: lines });
  }
  return parts;
}

/** The start of the line, or a place near by in a line that is too long to have been written by hand. */
function near(bytes: Buffer, at: number): number {
  const floor = Math.max(0, at - CONTEXT);
  return at === 0 ? 0 : floor + bytes.subarray(floor, at).lastIndexOf(10) + 1;
}

/** The end of the line, or a place near by in a line that is too long. */
function nearEnd(bytes: Buffer, at: number): number {
  const ceiling = Math.min(bytes.length, at + CONTEXT);
  const newline = bytes.subarray(at, ceiling).indexOf(10);
  return newline === -1 ? ceiling : at + newline + 1;
}

function commonPrefix(a: Buffer, b: Buffer, most: number): number {
  let length = 0;
  for (let step = STEP; step >= 1 && length < most; ) {
    const next = Math.min(length + step, most);
    if (a.compare(b, length, next, length, next) === 0) length = next;
    else step = Math.floor(step / 8);
  }
  return length;
}

function commonSuffix(a: Buffer, b: Buffer, most: number): number {
  let length = 0;
  for (let step = STEP; step >= 1 && length < most; ) {
    const next = Math.min(length + step, most);
    if (a.compare(b, b.length - next, b.length - length, a.length - next, a.length - length) === 0)
      length = next;
    else step = Math.floor(step / 8);
  }
  return length;
}

function newlines(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10, from); at !== -1 && at < to; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}
