import { compareIntegers, compareText, type Integer, isDigit, readInteger } from '../integer.ts';
import { fullRange, type Range, union } from '../range.ts';
import { defineScheme, type Scheme } from '../version.ts';
import { readInterval, splitIntervals } from './brackets.ts';

/** A number, a word, or what follows a dash or a change between digits and letters. */
type Item = Integer | string | List;

type List = Item[];

/** Known words from old to new; the empty one is the release itself. Other words come after all of them. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['cr', 'rc'],
  ['ga', ''],
  ['final', ''],
  ['release', ''],
]);
/** Short forms, where a digit follows at once. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

const DOT = 46;
const DASH = 45;

/**
 * Maven (https://maven.apache.org/pom.html#version-order-specification, and ComparableVersion of Maven 3, which it
 * describes): dots and dashes separate, so does a change between letters and digits; `1.0` equals `1`, and words are
 * ordered by what they promise. Maven's own order runs in a circle for shapes that are hardly used: a word between
 * dots (`1.sp.1`), after a dot and before a dash (`1.rc-1`), a release word with more after it (`1-ga-x`). Those are
 * answered as Maven answers them, pair by pair.
 */
export const maven = defineScheme<List>({
  name: 'maven',
  purlTypes: ['maven'],
  osvEcosystems: ['Maven'],
  expected: 'a version without white space, brackets and commas',
  read: (text) => (/^[^\s,()[\]]+$/u.test(text) ? readMaven(text.toLowerCase()) : null),
  compare: (a, b) => compareLists(a, b),
  nativeRange: readRange,
});

/** Intervals with commas between them. A version alone is a wish and binds nobody: every version satisfies it. */
function readRange(text: string, scheme: Scheme): Range {
  const trimmed = text.trim();
  if (/^[[(]/u.test(trimmed)) {
    return union(
      scheme,
      splitIntervals(trimmed, scheme).map((part) => readInterval(part, scheme)),
    );
  }
  scheme.parse(trimmed);
  return fullRange(scheme);
}

/** One pass; a nested list for every dash and every change of kind, at most two for each character. */
function readMaven(text: string): List {
  const root: List = [];
  const nested: List[] = [root];
  let list = root;
  let start = 0;
  let digits = false;
  const nest = () => {
    const inner: List = [];
    list.push(inner);
    nested.push(inner);
    list = inner;
  };
  const take = (end: number) => {
    list.push(end === start ? 0 : readItem(text.slice(start, end), digits));
  };
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT || code === DASH) {
      take(i);
      start = i + 1;
      if (code === DASH) nest();
    } else if (isDigit(code)) {
      if (!digits && i > start) {
        if (list.length > 0) nest();
        const word = text.slice(start, i);
        list.push(aliased(SHORT.get(word) ?? word));
        start = i;
        nest();
      }
      digits = true;
    } else {
      if (digits && i > start) {
        take(i);
        start = i;
        nest();
      }
      digits = false;
    }
  }
  if (start < text.length) {
    if (!digits && list.length > 0) nest();
    take(text.length);
  }
  for (let i = nested.length - 1; i >= 0; i--) trim(nested[i] ?? []);
  return root;
}

function readItem(text: string, digits: boolean): Item {
  return digits ? readInteger(text) : aliased(text);
}

function aliased(word: string): string {
  return ALIASES.get(word) ?? word;
}

/** Drops what says nothing (zeros, releases, empty parts) at the end and before nested lists. */
function trim(list: List): void {
  for (let i = list.length - 1; i >= 0; i--) {
    const item = list[i];
    const isNested = Array.isArray(item);
    if (item === 0 || item === '' || (isNested && item.length === 0)) list.splice(i, 1);
    else if (!isNested) return;
  }
}

/** How an item stands to nothing at all: a pre-release word is older than nothing, the rest is newer. */
function compareWithNothing(item: Item): number {
  if (typeof item === 'string') return compareWords(item, '');
  if (!Array.isArray(item)) return item === 0 ? 0 : 1;
  for (const inner of item) {
    const order = compareWithNothing(inner);
    if (order !== 0) return order;
  }
  return 0;
}

/** Of different kinds: words before nested lists before numbers. */
function kindOf(item: Item): number {
  if (typeof item === 'string') return 0;
  return Array.isArray(item) ? 1 : 2;
}

function compareItems(a: Item | undefined, b: Item | undefined): number {
  if (a === undefined) return b === undefined ? 0 : -compareWithNothing(b);
  if (b === undefined) return compareWithNothing(a);
  const kind = kindOf(a) - kindOf(b);
  if (kind !== 0) return kind;
  if (typeof a === 'string') return compareWords(a, b as string);
  return Array.isArray(a) ? compareLists(a, b as List) : compareIntegers(a, b as Integer);
}

function compareLists(a: List, b: List): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareItems(a[i], b[i]);
    if (order !== 0) return order;
  }
  return 0;
}

function compareWords(a: string, b: string): number {
  const one = QUALIFIERS.indexOf(a);
  const other = QUALIFIERS.indexOf(b);
  if (one === -1 && other === -1) return compareText(a, b);
  return (one === -1 ? QUALIFIERS.length : one) - (other === -1 ? QUALIFIERS.length : other);
}
