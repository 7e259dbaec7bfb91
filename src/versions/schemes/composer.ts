import { allOf, type Spellings, splitComparison } from '../comparators.ts';
import { type Integer, readInteger } from '../integer.ts';
import { fullRange, halfOpen, intersect, type Range, rangeOf, union } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';
import { compareComposer, readComposer } from './composer-key.ts';

/**
 * Composer (https://getcomposer.org/doc/articles/versions.md): one to four numbers or a date, a stability with a
 * number, ordered as PHP's version_compare does after normalising. A branch (`dev-main`) is no version.
 */
export const composer = defineScheme({
  name: 'composer',
  purlTypes: ['composer'],
  osvEcosystems: ['Packagist', 'Drupal'],
  expected: 'one to four numbers, or a date, with an optional stability such as -beta2 or -dev',
  read: readComposer,
  compare: compareComposer,
  nativeRange: readConstraint,
});

const COMPARISONS: Spellings = [
  ['<>', '!='],
  ['!=', '!='],
  ['>=', '>='],
  ['<=', '<='],
  ['==', '='],
  ['>', '>'],
  ['<', '<'],
  ['=', '='],
];

/** `||` or `|` for or; a comma or white space for and. */
function readConstraint(text: string, scheme: Scheme): Range {
  return union(
    scheme,
    text.split(/\|\|?/u).map((alternative) => {
      const hyphen = /^\s*(\S+) +- +(\S+)\s*$/u.exec(alternative);
      if (hyphen !== null) return hyphenRange(hyphen[1] ?? '', hyphen[2] ?? '', scheme);
      const parts = alternative
        .replace(/([<>=!^~]) +/gu, '$1')
        .split(/[\s,]+/u)
        .filter((part) => part !== '');
      if (parts.length === 0)
        throw unreadableRange(scheme.name, text, 'a constraint such as ^1.2 or >=1.0 <2.0');
      return allOf(scheme, parts, (part) => readPart(part, scheme));
    }),
  );
}

function readPart(raw: string, scheme: Scheme): Range {
  const part = raw.replace(/@(?:stable|rc|beta|alpha|dev)$/iu, '');
  if (part === '' || /^[xX*](?:\.[xX*])*$/u.test(part)) return fullRange(scheme);
  if (part.startsWith('~>')) throw unreadableRange(scheme.name, raw, '~ for a tilde constraint');
  if (part.startsWith('~')) return tilde(part.slice(1), scheme);
  if (part.startsWith('^')) return caret(part.slice(1), scheme);
  const wildcard = /^v?(\d+(?:\.\d+){0,2})(?:\.[xX*])+$/u.exec(part);
  if (wildcard !== null) {
    const numbers = (wildcard[1] ?? '').split('.').map(readInteger);
    return halfOpen(development(numbers, scheme), development(grown(numbers, numbers.length - 1), scheme));
  }
  const { spelling, operand } = splitComparison(
    part,
    COMPARISONS.map(([one]) => one),
  );
  const comparator = COMPARISONS.find(([one]) => one === spelling)?.[1] ?? '=';
  // Composer lets a bound without a stability begin with its development release.
  const bound = comparator === '<' || comparator === '>=' ? fromDevelopment(operand) : operand;
  return rangeOf(comparator, scheme.parse(bound));
}

/** `1.2 - 2.0` reaches up to the end of 2.0, `1.2 - 2.0.0` up to that very version. */
function hyphenRange(from: string, to: string, scheme: Scheme): Range {
  const low = rangeOf('>=', scheme.parse(fromDevelopment(from)));
  const numbers = leadingNumbers(to, scheme);
  const whole = numbers.length >= 3 || !isPlain(to);
  const high = whole
    ? rangeOf('<=', scheme.parse(to))
    : rangeOf('<', development(grown(numbers, numbers.length - 1), scheme));
  return intersect(low, high);
}

/** `~1.2` up to 2.0, `~1.2.3` up to 1.3. */
function tilde(operand: string, scheme: Scheme): Range {
  const numbers = leadingNumbers(operand, scheme);
  const high = development(grown(numbers, Math.max(0, numbers.length - 2)), scheme);
  return halfOpen(scheme.parse(fromDevelopment(operand)), high);
}

/** Up to the next change of the first number that is not zero. */
function caret(operand: string, scheme: Scheme): Range {
  const numbers = leadingNumbers(operand, scheme).slice(0, 3);
  const first = numbers.findIndex((number) => number !== 0);
  const high = development(grown(numbers, first === -1 ? numbers.length - 1 : first), scheme);
  return halfOpen(scheme.parse(fromDevelopment(operand)), high);
}

function isPlain(operand: string): boolean {
  return /^v?\d+(?:\.\d+)*$/u.test(operand);
}

function fromDevelopment(operand: string): string {
  return isPlain(operand) ? `${operand}-dev` : operand;
}

function leadingNumbers(operand: string, scheme: Scheme): Integer[] {
  const match = /^v?(\d+(?:\.\d+){0,3})/u.exec(operand);
  if (match === null) throw unreadableRange(scheme.name, operand, 'a version that begins with a number');
  return (match[1] ?? '').split('.').map(readInteger);
}

function grown(numbers: readonly Integer[], index: number): Integer[] {
  return [...numbers.slice(0, index), BigInt(numbers[index] ?? 0) + 1n];
}

function development(numbers: readonly Integer[], scheme: Scheme) {
  return scheme.parse(`${[0, 1, 2, 3].map((i) => numbers[i] ?? 0).join('.')}-dev`);
}
