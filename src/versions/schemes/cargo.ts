import { allOf, PLAIN_COMPARATORS, splitComparison } from '../comparators.ts';
import { type Integer, readInteger } from '../integer.ts';
import { fullRange, halfOpen, type Range, rangeOf } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';
import { compareSemver, readSemver } from './semver-key.ts';

/**
 * Cargo (https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html): semantic versions by precedence,
 * without regard to build metadata; a requirement without an operator is a caret requirement.
 */
export const cargo = defineScheme({
  name: 'cargo',
  purlTypes: ['cargo'],
  osvEcosystems: ['crates.io'],
  expected: 'MAJOR.MINOR.PATCH with an optional pre-release and build',
  read: (text) => readSemver(text),
  compare: compareSemver,
  nativeRange: (text, scheme) => {
    if (text.trim() === '')
      throw unreadableRange(scheme.name, text, 'a requirement such as 1.2 or >=1.2, <1.5');
    return allOf(scheme, text.split(','), (part) => readPart(part, scheme));
  },
});

const OPERAND =
  /^(\d{1,20}|[*xX])(?:\.(\d{1,20}|[*xX]))?(?:\.(\d{1,20}|[*xX]))?(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/u;

function readPart(part: string, scheme: Scheme): Range {
  const { spelling, operand } = splitComparison(part, ['^', '~', ...PLAIN_COMPARATORS.map(([one]) => one)]);
  const match = OPERAND.exec(operand);
  if (match === null) throw unreadableRange(scheme.name, part, 'a version, possibly shortened or with *');
  const words = match.slice(1, 4).filter((word) => word !== undefined);
  const star = words.findIndex((word) => /^[*xX]$/u.test(word));
  const numbers = (star === -1 ? words : words.slice(0, star)).map(readInteger);
  if (star !== -1 && words.slice(star).some((word) => /\d/u.test(word))) {
    throw unreadableRange(scheme.name, part, 'nothing but * after *');
  }
  const pre = match[4] ?? '';
  const low = scheme.parse(`${numbers[0] ?? 0}.${numbers[1] ?? 0}.${numbers[2] ?? 0}${pre}`);
  if (numbers.length === 0) {
    if (spelling === '' || spelling === '=') return fullRange(scheme);
    throw unreadableRange(scheme.name, part, '* without an operator');
  }
  const below = (index: number) => scheme.parse(`${next(numbers, index)}-0`);
  switch (spelling) {
    case '~':
      return halfOpen(low, below(Math.min(1, numbers.length - 1)));
    case '>=':
      return rangeOf('>=', low);
    case '<':
      return rangeOf('<', low);
    case '>':
      return numbers.length === 3
        ? rangeOf('>', low)
        : rangeOf('>=', scheme.parse(next(numbers, numbers.length - 1)));
    case '<=':
      return numbers.length === 3 ? rangeOf('<=', low) : rangeOf('<', below(numbers.length - 1));
    case '=':
      return numbers.length === 3 ? rangeOf('=', low) : halfOpen(low, below(numbers.length - 1));
    case '':
    case '^':
      return halfOpen(low, below(star === -1 ? caretIndex(numbers) : numbers.length - 1));
    default:
      throw unreadableRange(scheme.name, part, 'one of ^ ~ = > >= < <= or none');
  }
}

/** Which number a caret requirement lets grow no further: the first that is not zero, else the last one given. */
function caretIndex(numbers: readonly Integer[]): number {
  const first = numbers.findIndex((number) => number !== 0);
  return first === -1 ? numbers.length - 1 : first;
}

function next(numbers: readonly Integer[], index: number): string {
  return [0, 1, 2]
    .map((i) => (i < index ? (numbers[i] ?? 0) : i === index ? BigInt(numbers[i] ?? 0) + 1n : 0))
    .join('.');
}
