import { readPlainRange, type Spellings } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, isDigit, isLetter, readInteger } from '../integer.ts';
import { defineScheme } from '../version.ts';

interface DebKey {
  epoch: Integer;
  upstream: Parts;
  revision: Parts;
}

/** What is not digits and what is, in turn, beginning with what is not. */
interface Parts {
  words: readonly string[];
  numbers: readonly Integer[];
}

const PATTERN = /^(?:(\d+):)?([0-9A-Za-z.+~:-]+)$/u;
const COMPARISONS: Spellings = [
  ['<<', '<'],
  ['>>', '>'],
  ['<=', '<='],
  ['>=', '>='],
  ['=', '='],
];

/**
 * Debian (deb-version(7), Debian Policy 5.6.12): `[epoch:]upstream[-revision]`. Letters are older than other
 * characters, the end of the text is older than both, and a tilde older than the end.
 */
export const deb = defineScheme<DebKey>({
  name: 'deb',
  purlTypes: ['deb'],
  osvEcosystems: ['Debian', 'Ubuntu', 'Echo'],
  expected: '[epoch:]upstream-version[-debian-revision] as deb-version(7) describes',
  read(text) {
    const match = PATTERN.exec(text);
    const [, epoch, rest] = match ?? [];
    if (rest === undefined) return null;
    const dash = rest.lastIndexOf('-');
    const upstream = dash === -1 ? rest : rest.slice(0, dash);
    const revision = dash === -1 ? '0' : rest.slice(dash + 1);
    if (upstream === '' || revision === '' || revision.includes(':')) return null;
    // Without an epoch a colon has no place in the upstream version.
    if (epoch === undefined && upstream.includes(':')) return null;
    return { epoch: readInteger(epoch ?? '0'), upstream: readParts(upstream), revision: readParts(revision) };
  },
  compare: (a, b) =>
    compareIntegers(a.epoch, b.epoch) ||
    compareParts(a.upstream, b.upstream) ||
    compareParts(a.revision, b.revision),
  nativeRange: (text, scheme) => readPlainRange(text, scheme, COMPARISONS),
});

function readParts(text: string): Parts {
  const words: string[] = [];
  const numbers: Integer[] = [];
  let at = 0;
  while (at < text.length) {
    let word = '';
    for (; at < text.length && !isDigit(text.charCodeAt(at)); at++) word += rank(text.charCodeAt(at));
    words.push(`${word}${END}`);
    const start = at;
    while (at < text.length && isDigit(text.charCodeAt(at))) at++;
    numbers.push(at === start ? 0 : readInteger(text.slice(start, at)));
  }
  return { words, numbers };
}

const TILDE = 126;
const BEFORE_END = '\u0001';
const END = '\u0002';

/** A character that sorts by its code as Debian sorts the given one. */
function rank(code: number): string {
  if (code === TILDE) return BEFORE_END;
  return String.fromCharCode(isLetter(code) ? code : code + 256);
}

function compareParts(a: Parts, b: Parts): number {
  const length = Math.max(a.words.length, b.words.length);
  for (let i = 0; i < length; i++) {
    const order =
      compareText(a.words[i] ?? END, b.words[i] ?? END) ||
      compareIntegers(a.numbers[i] ?? 0, b.numbers[i] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}
