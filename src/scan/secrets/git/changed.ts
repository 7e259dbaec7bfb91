import { randomInt } from 'node:crypto';

/** A part of a version of a file that holds lines which no older version had. */
export interface ChangedPart {
  from: number;
  to: number;
  /** Line number of `from`. */
  firstLine: number;
}

/** Known text that is taken along on both sides, so that what begins or ends outside the change is found. */
const CONTEXT = 1024;
/** Parts nearer to each other than this are one. */
const JOIN = 2048;
const STEP = 65_536;
const MAX_LINES = 2_000_000;
/** Seeds of this process: nobody can prepare a line whose hash is that of another one. */
const SEEDS = [randomInt(2 ** 31), randomInt(2 ** 31)] as const;

/**
 * The versions of one file, oldest first: tells of each what is new in it, by line. A line that stood in an older
 * version was looked at there. Lines are compared by 53 bits of a seeded hash.
 */
export class FileVersions {
  readonly #lines = new Set<number>();
  #last: Buffer | null = null;

  add(bytes: Buffer): ChangedPart[] {
    const before = this.#last;
    this.#last = bytes;
    if (this.#lines.size > MAX_LINES) this.#lines.clear();
    const most = before === null ? 0 : Math.min(before.length, bytes.length);
    const prefix = before === null ? 0 : commonPrefix(before, bytes, most);
    const suffix = before === null ? 0 : commonSuffix(before, bytes, most - prefix);
    const from = prefix === 0 ? 0 : bytes.lastIndexOf(10, prefix - 1) + 1;
    const newline = bytes.indexOf(10, bytes.length - suffix);
    const fresh = this.#freshLines(bytes, from, newline === -1 ? bytes.length : newline + 1);
    if (before === null) return [{ from: 0, to: bytes.length, firstLine: 1 }];
    // Where lines were only taken out, the ends that now meet may together make something new.
    const onlyRemoved = fresh.length === 0 && before.length > bytes.length && prefix > 0 && suffix > 0;
    return withContext(bytes, onlyRemoved ? [[prefix, prefix]] : fresh);
  }

  /** Ranges of lines in `[from, to)` that were not there before; from now on they are. */
  #freshLines(bytes: Buffer, from: number, to: number): [number, number][] {
    const out: [number, number][] = [];
    let [a, b] = SEEDS as readonly [number, number];
    let start = from;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (byte !== 10) {
        a = Math.imul(a ^ byte, 0x01000193);
        b = Math.imul(b + byte, 0x5bd1e995) ^ (b >>> 13);
        if (at + 1 < to) continue;
      }
      const hash = (a >>> 0) * 0x200000 + (b & 0x1fffff);
      if (!this.#lines.has(hash)) {
        this.#lines.add(hash);
        const last = out.at(-1);
        if (last !== undefined && last[1] === start) last[1] = at + 1;
        else out.push([start, at + 1]);
      }
      [a, b] = SEEDS as readonly [number, number];
      start = at + 1;
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
