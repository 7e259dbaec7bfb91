import { allOf, PLAIN_COMPARATORS, readComparison, splitComparison } from '../comparators.ts';
import { compareIntegers, compareText, type Integer, readInteger } from '../integer.ts';
import { fullRange, halfOpen, type Range } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';

type Segment = Integer | string;

const PATTERN = /^\s*(\d+(?:\.[0-9a-zA-Z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)\s*$/u;

/**
 * RubyGems (https://docs.ruby-lang.org/en/master/Gem/Version.html): numbers and words in any mix; a word makes a
 * pre-release and is older than any number; zeros at the end of the numbers and of the version mean nothing.
 */
export const gem = defineScheme<readonly Segment[]>({
  name: 'gem',
  purlTypes: ['gem'],
  osvEcosystems: ['RubyGems'],
  expected: 'numbers and words with dots, beginning with a number, as Gem::Version describes',
  read: readGem,
  compare: compareGem,
  nativeRange: readRequirement,
});

function readGem(text: string): readonly Segment[] | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  return canonical(segments(match[1] ?? ''));
}

/** A dash stands for `.pre.`; every run of digits or of letters is a segment. */
function segments(text: string): Segment[] {
  const words = text.replaceAll('-', '.pre.').match(/\d+|[a-zA-Z]+/gu) ?? [];
  return words.map((word) => (/^\d/u.test(word) ? readInteger(word) : word));
}

function canonical(all: readonly Segment[]): Segment[] {
  const word = all.findIndex((segment) => typeof segment === 'string');
  const split = word === -1 ? all.length : word;
  return [...withoutEndingZeros(all.slice(0, split)), ...withoutEndingZeros(all.slice(split))];
}

function withoutEndingZeros(list: readonly Segment[]): readonly Segment[] {
  let end = list.length;
  while (end > 0 && list[end - 1] === 0) end--;
  return list.slice(0, end);
}

function compareGem(a: readonly Segment[], b: readonly Segment[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareSegment(a[i] ?? 0, b[i] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

function compareSegment(a: Segment, b: Segment): number {
  if (typeof a === 'string') return typeof b === 'string' ? compareText(a, b) : -1;
  return typeof b === 'string' ? 1 : compareIntegers(a, b);
}

/** Requirements with commas between them, all of which must hold (Gem::Requirement). */
function readRequirement(text: string, scheme: Scheme): Range {
  if (text.trim() === '*') return fullRange(scheme);
  return allOf(scheme, text.split(','), (part) => {
    const { spelling, operand } = splitComparison(part, ['~>']);
    return spelling === '' ? readComparison(scheme, part, PLAIN_COMPARATORS) : pessimistic(operand, scheme);
  });
}

/** `~> 2.0.8` goes up to 2.1, `~> 2.0` up to 3: the last number is dropped and the one before it grows. */
function pessimistic(operand: string, scheme: Scheme): Range {
  const low = scheme.parse(operand);
  const all = segments(operand);
  const word = all.findIndex((segment) => typeof segment === 'string');
  const numbers = (word === -1 ? all : all.slice(0, word)).map((segment) => BigInt(segment));
  if (numbers.length > 1) numbers.pop();
  const last = numbers.pop();
  if (last === undefined)
    throw unreadableRange(scheme.name, operand, '~> with a version that begins with a number');
  return halfOpen(low, scheme.parse([...numbers, last + 1n].join('.')));
}
