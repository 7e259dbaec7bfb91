const BLOCK = 100;
const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const END_OF_FILE = 0xffff;
const TWO_32 = 2 ** 32;
const PER_TWO_32 = 2 ** -32;

/** 37 to the power of 100, modulo 2 to the power of 64: what the character that leaves the block was multiplied by. */
const [LEAVING_HIGH, LEAVING_LOW] = powerOf37(BLOCK);

function powerOf37(exponent: number): [number, number] {
  const value = 37n ** BigInt(exponent) % 2n ** 64n;
  return [Number(value >> 32n), Number(value & 0xffffffffn)];
}

/**
 * `partialFingerprints.primaryLocationLineHash` for every line of a file, as code scanning computes it where it has
 * the source (its upload action, behaviour of 2026-11): a rolling hash over the 100 characters from the start of the
 * line on, blanks and tabs left out and all line ends taken for `\n`, with the ordinal among equal hashes behind it.
 * Index 0 is line 1.
 */
export function lineHashes(text: string): string[] {
  const hashes: string[] = [];
  const seen = new Map<string, number>();
  const block = new Uint16Array(BLOCK);
  // Lines whose first character stands at this position of the block; 0 for none.
  const starts = new Uint32Array(BLOCK);
  let at = 0;
  let high = 0;
  let low = 0;
  let line = 0;
  let lineStart = true;
  let afterCarriageReturn = false;

  const emit = (): void => {
    const start = starts[at] ?? 0;
    const hash = (high === 0 ? '' : high.toString(16)) + low.toString(16).padStart(high === 0 ? 1 : 8, '0');
    const ordinal = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, ordinal);
    hashes[start - 1] = `${hash}:${ordinal}`;
    starts[at] = 0;
  };
  const shift = (unit: number): void => {
    const leaving = block[at] ?? 0;
    block[at] = unit;
    // hash * 37 + unit - leaving * 37^100, in two halves of 32 bits; `>>> 0` is the remainder modulo 2^32.
    const lowSum = low * 37 + unit;
    const lowGone = LEAVING_LOW * leaving;
    let nextHigh = Math.imul(high, 37) + Math.floor(lowSum * PER_TWO_32);
    nextHigh -= Math.imul(LEAVING_HIGH, leaving) + Math.floor(lowGone * PER_TWO_32);
    let nextLow = (lowSum >>> 0) - (lowGone >>> 0);
    if (nextLow < 0) {
      nextLow += TWO_32;
      nextHigh -= 1;
    }
    low = nextLow;
    high = nextHigh >>> 0;
    at = at === BLOCK - 1 ? 0 : at + 1;
  };
  const take = (unit: number): void => {
    if (starts[at] !== 0) emit();
    if (lineStart) {
      lineStart = false;
      line++;
      starts[at] = line;
    }
    if (unit === LF) lineStart = true;
    shift(unit);
  };

  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === SPACE || unit === TAB || (afterCarriageReturn && unit === LF)) {
      afterCarriageReturn = false;
      continue;
    }
    afterCarriageReturn = unit === CR;
    take(unit === CR ? LF : unit);
  }
  take(END_OF_FILE);
  for (let i = 0; i < BLOCK; i++) {
    if (starts[at] !== 0) emit();
    shift(0);
  }
  return hashes;
}
