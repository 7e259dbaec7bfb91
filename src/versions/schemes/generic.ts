import { readPlainRange } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, isDigit, readInteger } from '../integer.ts';
import { defineScheme } from '../version.ts';

interface Part {
  rank: number;
  number: Integer;
  word: string;
}

const RANK = { preRelease: 0, zero: 1, postRelease: 2, number: 3, suffix: 4 } as const;
const POST_RELEASE = new Set(['patch', 'post', 'pl']);
const ZERO: Part = { rank: RANK.zero, number: 0, word: '' };

/**
 * Versions of no known ecosystem. The vers specification leaves this order open and points to libversion
 * (https://github.com/repology/libversion, doc/ALGORITHM.md), whose ranks these are: runs of digits and of letters,
 * words before zero before `patch` before numbers, and a letter right after a number after all of them. Words are
 * compared whole, not by their first letter.
 */
export const generic = defineScheme<readonly Part[]>({
  name: 'generic',
  purlTypes: ['generic'],
  expected: 'printable ASCII that begins with a letter or a digit',
  read: (text) => (/^[0-9A-Za-z][!-~]*$/u.test(text) ? readParts(text.toLowerCase()) : null),
  compare(a, b) {
    const length = Math.max(a.length, b.length);
    for (let i = 0; i < length; i++) {
      const one = a[i] ?? ZERO;
      const other = b[i] ?? ZERO;
      const order =
        one.rank - other.rank ||
        compareIntegers(one.number, other.number) ||
        compareText(one.word, other.word);
      if (order !== 0) return order;
    }
    return 0;
  },
  nativeRange: readPlainRange,
});

function readParts(text: string): Part[] {
  const parts: Part[] = [];
  for (const match of text.matchAll(/\d+|[a-z]+/gu)) {
    const [run] = match;
    const end = match.index + run.length;
    if (isDigit(run.charCodeAt(0))) {
      const number = readInteger(run);
      parts.push({ rank: number === 0 ? RANK.zero : RANK.number, number, word: '' });
    } else if (isDigit(text.charCodeAt(match.index - 1)) && !isDigit(text.charCodeAt(end))) {
      parts.push({ rank: RANK.suffix, number: 0, word: run });
    } else {
      parts.push({ rank: POST_RELEASE.has(run) ? RANK.postRelease : RANK.preRelease, number: 0, word: run });
    }
  }
  return parts;
}
