import { readPlainRange, type Spellings } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, readInteger } from '../integer.ts';
import { defineScheme } from '../version.ts';

/** One piece of a version: its kind, and what is compared among pieces of one kind. */
interface Token {
  rank: number;
  number: Integer;
  text: string;
}

/** From old to new, where two versions go on differently. The end stands between: less goes on is newer. */
const RANK = {
  preRelease: 0,
  end: 1,
  revision: 2,
  hash: 3,
  suffixNumber: 4,
  postRelease: 5,
  letter: 6,
  number: 7,
} as const;
const PRE = ['alpha', 'beta', 'pre', 'rc'];
const POST = ['cvs', 'svn', 'git', 'hg', 'p'];

const PATTERN =
  /^(\d+(?:\.\d+)*)([a-z])?((?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~([0-9a-f]+))?(?:-r(\d+))?$/u;
const COMPARISONS: Spellings = [
  ['>=', '>='],
  ['<=', '<='],
  ['>', '>'],
  ['<', '<'],
  ['=', '='],
];

/**
 * Alpine (apk-package(5), package info metadata): `number{.number}{letter}{_suffix{number}}{~hash}{-r#}`. Numbers
 * after the first that begin with zero are compared as text.
 */
export const apk = defineScheme<readonly Token[]>({
  name: 'apk',
  purlTypes: ['apk'],
  osvEcosystems: ['Alpine', 'Wolfi', 'Chainguard', 'MinimOS', 'Alpaquita', 'BellSoft Hardened Containers'],
  expected: 'number{.number}{letter}{_suffix{number}}{~hash}{-r#} as apk-package(5) describes',
  read(text) {
    const match = PATTERN.exec(text);
    if (match === null) return null;
    const [, numbers, letter, suffixes, hash, revision] = match;
    return [
      ...(numbers ?? '').split('.').map(numberToken),
      ...(letter === undefined ? [] : [{ rank: RANK.letter, number: 0, text: letter }]),
      ...(suffixes ?? '').split('_').slice(1).flatMap(suffixTokens),
      ...(hash === undefined ? [] : [{ rank: RANK.hash, number: 0, text: hash }]),
      ...(revision === undefined ? [] : [{ rank: RANK.revision, number: readInteger(revision), text: '' }]),
    ];
  },
  compare: compareTokens,
  nativeRange: (text, scheme) => readPlainRange(text, scheme, COMPARISONS),
});

/** The text decides only among numbers with a leading zero, which are older than all without one. */
function numberToken(digits: string, index: number): Token {
  const asText = index > 0 && digits.startsWith('0');
  return { rank: RANK.number, number: asText ? -1 : readInteger(digits), text: asText ? digits : '' };
}

function suffixTokens(suffix: string): Token[] {
  const name = suffix.replace(/\d+$/u, '');
  const digits = suffix.slice(name.length);
  const pre = PRE.indexOf(name);
  const token =
    pre === -1
      ? { rank: RANK.postRelease, number: POST.indexOf(name), text: '' }
      : { rank: RANK.preRelease, number: pre, text: '' };
  return digits === ''
    ? [token]
    : [token, { rank: RANK.suffixNumber, number: readInteger(digits), text: '' }];
}

function compareTokens(a: readonly Token[], b: readonly Token[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const one = a[i];
    const other = b[i];
    const order = (one?.rank ?? RANK.end) - (other?.rank ?? RANK.end);
    if (order !== 0) return order;
    if (one === undefined || other === undefined) return 0;
    const values = compareIntegers(one.number, other.number) || compareText(one.text, other.text);
    if (values !== 0) return values;
  }
  return 0;
}
