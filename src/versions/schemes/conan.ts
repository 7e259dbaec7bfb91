import { allOf, splitComparison, splitComparisons } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, isDigit, readInteger } from '../integer.ts';
import { type Comparator, halfOpen, type Range, rangeOf, union } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';

/** What stands between two dots: the number that it begins with (-1 for none) and the rest. */
interface Item {
  number: Integer;
  rest: string;
}

interface ConanKey {
  items: readonly Item[];
  pre: readonly Item[] | null;
  build: readonly Item[] | null;
}

/**
 * Conan (https://docs.conan.io/2/tutorial/versioning/version_ranges.html): any parts with dots, `-` before a
 * pre-release, `+` before a build, zeros at the end mean nothing. Conan compares a part that is not a number as
 * text, which is no order among more than two (9 < 10 < "5x" < 9): here such a part goes by the number that it
 * begins with, then by the rest.
 */
export const conan = defineScheme<ConanKey>({
  name: 'conan',
  purlTypes: ['conan'],
  osvEcosystems: ['ConanCenter'],
  expected: 'parts of letters, digits and _ with dots, an optional -pre-release and +build',
  read: readConan,
  compare: (a, b) =>
    compareItems(a.items, b.items) || comparePre(a.pre, b.pre) || compareBuild(a.build, b.build),
  nativeRange: readRange,
});

function readConan(text: string): ConanKey | null {
  if (!/^[0-9A-Za-z_*][0-9A-Za-z_*.+-]*$/u.test(text)) return null;
  const plus = text.lastIndexOf('+');
  const front = plus === -1 ? text : text.slice(0, plus);
  const dash = front.indexOf('-');
  return {
    items: readItems(dash === -1 ? front : front.slice(0, dash)),
    pre: dash === -1 ? null : readItems(front.slice(dash + 1)),
    build: plus === -1 ? null : readItems(text.slice(plus + 1)),
  };
}

function readItems(text: string): Item[] {
  const items = text.split('.').map((word): Item => {
    let end = 0;
    while (isDigit(word.charCodeAt(end))) end++;
    return { number: end === 0 ? -1 : readInteger(word.slice(0, end)), rest: word.slice(end) };
  });
  while (items.length > 0 && items.at(-1)?.number === 0 && items.at(-1)?.rest === '') items.pop();
  return items;
}

/** Nothing, then numbers with what follows them, then words. */
function compareItem(a: Item, b: Item): number {
  const kind = kindOf(a) - kindOf(b);
  return kind || compareIntegers(a.number, b.number) || compareText(a.rest, b.rest);
}

function kindOf(item: Item): number {
  if (item.number !== -1) return 1;
  return item.rest === '' ? 0 : 2;
}

function compareItems(a: readonly Item[], b: readonly Item[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const one = a[i];
    const other = b[i];
    if (one === undefined || other === undefined) break;
    const order = compareItem(one, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function comparePre(a: ConanKey['pre'], b: ConanKey['pre']): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return compareItems(a, b);
}

function compareBuild(a: ConanKey['build'], b: ConanKey['build']): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareItems(a, b);
}

/** `||` for or, white space for and; what follows a comma are options, which do not change the bounds. */
function readRange(text: string, scheme: Scheme): Range {
  const [expression = '', ...options] = text.split(',');
  if (options.some((option) => !option.includes('include_prerelease'))) {
    throw unreadableRange(scheme.name, text, 'no option but include_prerelease after a comma');
  }
  return union(
    scheme,
    expression.split('||').map((alternative) => {
      const parts = splitComparisons(alternative, '<>=^~');
      return allOf(scheme, parts.length === 0 ? ['*'] : parts, (part) => readPart(part, scheme));
    }),
  );
}

function readPart(part: string, scheme: Scheme): Range {
  if (part === '*' || part === '*-') return rangeOf('>=', scheme.parse('0.0.0'));
  const { spelling, operand } = splitComparison(part, ['>=', '<=', '>', '<', '=', '^', '~']);
  // A dash at the end asks for pre-releases too; the bound itself is the same.
  const plain = operand.endsWith('-') ? operand.slice(0, -1) : operand;
  if (plain === '') throw unreadableRange(scheme.name, part, 'a comparison with a version');
  const version = scheme.parse(plain);
  if (spelling === '~' || spelling === '^') {
    const words = plain.split(/[-+]/u, 1)[0]?.split('.') ?? [];
    const index = spelling === '~' ? Math.min(1, words.length - 1) : firstNotZero(words);
    return halfOpen(version, scheme.parse(upperBound(words, index, part, scheme)));
  }
  return rangeOf((spelling === '' ? '=' : spelling) as Comparator, version);
}

function firstNotZero(words: readonly string[]): number {
  const index = words.findIndex((word) => !/^0+$/u.test(word));
  return index === -1 ? words.length - 1 : index;
}

/** The next value of one part, with the dash that puts the bound before its pre-releases. */
function upperBound(words: readonly string[], index: number, part: string, scheme: Scheme): string {
  const word = words[index] ?? '';
  if (!/^\d+$/u.test(word)) throw unreadableRange(scheme.name, part, 'a number where the range ends');
  return `${[...words.slice(0, index), BigInt(word) + 1n].join('.')}-`;
}
