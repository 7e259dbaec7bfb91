import { type Comparator, fullRange, intersect, type Range, rangeOf } from './range.ts';
import { quote, type Scheme, unreadableRange } from './version.ts';

/** What an ecosystem writes for a comparison, with the vers comparator for it. Longer spellings first. */
export type Spellings = readonly (readonly [string, Comparator])[];

export const PLAIN_COMPARATORS: Spellings = [
  ['>=', '>='],
  ['<=', '<='],
  ['!=', '!='],
  ['==', '='],
  ['>', '>'],
  ['<', '<'],
  ['=', '='],
];

export interface Comparison {
  /** As it is spelled; empty where there is none. */
  spelling: string;
  operand: string;
}

/** Splits `>= 1.0` into what compares and what is compared with. White space around both is dropped. */
export function splitComparison(text: string, spellings: readonly string[]): Comparison {
  const trimmed = text.trim();
  const spelling = spellings.find((one) => trimmed.startsWith(one)) ?? '';
  return { spelling, operand: trimmed.slice(spelling.length).trim() };
}

/** Reads one comparison with the given spellings; without one the version alone is meant. */
export function readComparison(scheme: Scheme, text: string, spellings: Spellings): Range {
  const { spelling, operand } = splitComparison(
    text,
    spellings.map(([one]) => one),
  );
  const comparator = spellings.find(([one]) => one === spelling)?.[1] ?? '=';
  if (operand === '') throw unreadableRange(scheme.name, text, 'a comparison with a version');
  return rangeOf(comparator, scheme.parse(operand));
}

/**
 * Splits at white space, but keeps a comparison together with the version after it, so that `>= 1.0 < 2` is
 * two parts. `comparing` are the characters that a comparison is spelled with.
 */
export function splitComparisons(text: string, comparing: string): string[] {
  const parts: string[] = [];
  let open = false;
  for (const word of text.split(/\s+/u)) {
    if (word === '') continue;
    const last = parts.length - 1;
    if (open) parts[last] = `${parts[last]}${word}`;
    else parts.push(word);
    open = [...word].every((character) => comparing.includes(character));
  }
  return parts;
}

/** All of the parts must hold. */
export function allOf(scheme: Scheme, parts: readonly string[], read: (part: string) => Range): Range {
  return parts.reduce((range, part) => intersect(range, read(part)), fullRange(scheme));
}

/**
 * The notation of schemes that have comparisons and nothing else: `>= 1.0, < 2.0`, all of which must hold,
 * and `*` for every version.
 */
export function readPlainRange(
  text: string,
  scheme: Scheme,
  spellings: Spellings = PLAIN_COMPARATORS,
): Range {
  if (text.trim() === '*') return fullRange(scheme);
  const parts = text.split(',');
  if (parts.some((part) => part.trim() === '')) {
    throw unreadableRange(scheme.name, text, `comparisons with a comma between them, not ${quote(text)}`);
  }
  return allOf(scheme, parts, (part) => readComparison(scheme, part, spellings));
}
