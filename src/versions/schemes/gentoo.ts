import { readPlainRange } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, readInteger } from '../integer.ts';
import { defineScheme } from '../version.ts';

interface GentooKey {
  major: Integer;
  /** The numbers after the first. One with a leading zero is a text without its ending zeros. */
  rest: readonly (Integer | string)[];
  letter: string;
  suffixes: readonly { rank: number; number: Integer }[];
  revision: Integer;
}

const PATTERN = /^(\d+)((?:\.\d+)*)([a-z])?((?:_(?:alpha|beta|pre|rc|p)\d*)*)(?:-r(\d+))?$/u;
/** Before and after the version without a suffix. */
const SUFFIXES = ['alpha', 'beta', 'pre', 'rc', '', 'p'];
const NO_SUFFIX = SUFFIXES.indexOf('');

/** Gentoo (Package Manager Specification, 3.2 and 3.3, https://projects.gentoo.org/pms/latest/pms.html). */
export const gentoo = defineScheme<GentooKey>({
  name: 'gentoo',
  purlTypes: ['ebuild', 'gentoo'],
  expected: 'number{.number}{letter}{_suffix{number}}{-r#} as the Package Manager Specification describes',
  read(text) {
    const match = PATTERN.exec(text);
    if (match === null) return null;
    const [, major, rest, letter, suffixes, revision] = match;
    return {
      major: readInteger(major ?? '0'),
      rest: (rest ?? '')
        .split('.')
        .slice(1)
        .map((digits) => (digits.startsWith('0') ? withoutEndingZeros(digits) : readInteger(digits))),
      letter: letter ?? '',
      suffixes: (suffixes ?? '').split('_').slice(1).map(readSuffix),
      revision: readInteger(revision ?? '0'),
    };
  },
  compare: (a, b) =>
    compareIntegers(a.major, b.major) ||
    compareRest(a.rest, b.rest) ||
    compareText(a.letter, b.letter) ||
    compareSuffixes(a.suffixes, b.suffixes) ||
    compareIntegers(a.revision, b.revision),
  nativeRange: readPlainRange,
});

function withoutEndingZeros(digits: string): string {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return digits.slice(0, end);
}

function readSuffix(text: string): { rank: number; number: Integer } {
  const name = text.replace(/\d+$/u, '');
  return { rank: SUFFIXES.indexOf(name), number: readInteger(text.slice(name.length) || '0') };
}

/** Any text is older than any number: it begins with zero or is empty. */
function compareRest(a: GentooKey['rest'], b: GentooKey['rest']): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const one = a[i] ?? 0;
    const other = b[i] ?? 0;
    const order =
      typeof one === 'string'
        ? typeof other === 'string'
          ? compareText(one, other)
          : -1
        : typeof other === 'string'
          ? 1
          : compareIntegers(one, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareSuffixes(a: GentooKey['suffixes'], b: GentooKey['suffixes']): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const one = a[i];
    const other = b[i];
    const order = (one?.rank ?? NO_SUFFIX) - (other?.rank ?? NO_SUFFIX);
    if (order !== 0) return order;
    const numbers = compareIntegers(one?.number ?? 0, other?.number ?? 0);
    if (numbers !== 0) return numbers;
  }
  return 0;
}
