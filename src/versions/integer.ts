/** A non-negative whole number of any size: a `number` up to fifteen digits, a `bigint` above, never both for one value. */
export type Integer = number | bigint;

const SAFE_DIGITS = 15;

/**
 * Reads ASCII digits exactly. Versions are often dates or hashes longer than 2^53, and a rounded number
 * would make two different versions equal. The caller has checked that there is nothing but digits.
 */
export function readInteger(digits: string): Integer {
  if (digits.length <= SAFE_DIGITS) return Number(digits);
  let start = 0;
  while (start < digits.length - 1 && digits.charCodeAt(start) === 48) start++;
  const significant = digits.slice(start);
  return significant.length <= SAFE_DIGITS ? Number(significant) : BigInt(significant);
}

export function compareIntegers(a: Integer, b: Integer): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Lexicographic; of two lists where one begins the other, the shorter is smaller. */
export function compareIntegerLists(a: readonly Integer[], b: readonly Integer[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareIntegers(a[i] ?? 0, b[i] ?? 0);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** Lexicographic; the shorter list counts as if it went on with zeros. */
export function comparePaddedIntegers(a: readonly Integer[], b: readonly Integer[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareIntegers(a[i] ?? 0, b[i] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

/** By UTF-16 code unit, which for ASCII is by byte. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** ASCII letters only. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}
