import { comparePaddedIntegers, type Integer, readInteger } from '../integer.ts';
import { fullRange, halfOpen, type Range, rangeOf } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';
import { readInterval } from './brackets.ts';
import { compareIdentifiers, readIdentifiers } from './semver-key.ts';

interface NugetKey {
  numbers: readonly Integer[];
  /** In lower case: pre-releases are compared without regard to it. */
  pre: readonly (Integer | string)[] | null;
}

const PATTERN = /^\s*v?(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?\s*$/u;

/**
 * NuGet (https://learn.microsoft.com/nuget/concepts/package-versioning): one to four numbers, a pre-release without
 * regard to case, build metadata that means nothing.
 */
export const nuget = defineScheme<NugetKey>({
  name: 'nuget',
  purlTypes: ['nuget'],
  osvEcosystems: ['NuGet'],
  expected: 'one to four numbers with dots, an optional pre-release and build',
  read(text) {
    const match = PATTERN.exec(text);
    if (match === null) return null;
    const [, numbers, pre] = match;
    const identifiers = pre === undefined ? null : readIdentifiers(pre.toLowerCase(), true);
    if (pre !== undefined && identifiers === null) return null;
    return { numbers: (numbers ?? '').split('.').map(readInteger), pre: identifiers };
  },
  compare(a, b) {
    const order = comparePaddedIntegers(a.numbers, b.numbers);
    if (order !== 0) return order;
    if (a.pre === null || b.pre === null) return a.pre === b.pre ? 0 : a.pre === null ? 1 : -1;
    return compareIdentifiers(a.pre, b.pre);
  },
  nativeRange: readRange,
});

/** An interval; a version alone is the least one; `1.*` is every version that begins so. */
function readRange(text: string, scheme: Scheme): Range {
  const trimmed = text.trim();
  if (trimmed === '*') return fullRange(scheme);
  if (/^[[(]/u.test(trimmed)) return readInterval(trimmed, scheme);
  if (!trimmed.includes('*')) return rangeOf('>=', scheme.parse(trimmed));
  const match = /^(\d+(?:\.\d+){0,2})\.\*$/u.exec(trimmed);
  if (match === null)
    throw unreadableRange(scheme.name, text, 'an interval, a version, or numbers followed by .*');
  const numbers = (match[1] ?? '').split('.').map(readInteger);
  const after = [...numbers.slice(0, -1), BigInt(numbers.at(-1) ?? 0) + 1n];
  return halfOpen(scheme.parse(numbers.join('.')), scheme.parse(after.join('.')));
}
