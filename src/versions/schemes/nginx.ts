import { comparePaddedIntegers, type Integer, readInteger } from '../integer.ts';
import { halfOpen, intersect, type Range, rangeOf, union } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';

/**
 * nginx: numbers with dots, and the ranges of its advisories (https://nginx.org/en/security_advisories.html):
 * `1.5.0+, 1.4.1+`, `0.7.52-0.8.39`. An even second number is a stable branch, so `1.4.1+` ends before 1.5.0.
 */
export const nginx = defineScheme<readonly Integer[]>({
  name: 'nginx',
  purlTypes: ['nginx'],
  expected: 'two to four numbers with dots',
  read: (text) => (/^\d+(?:\.\d+){1,3}$/u.test(text) ? text.split('.').map(readInteger) : null),
  compare: comparePaddedIntegers,
  nativeRange: readAdvisory,
});

function readAdvisory(text: string, scheme: Scheme): Range {
  const parts = text.split(',').map((part) => part.trim());
  return union(
    scheme,
    parts.map((part) => readPart(part, scheme)),
  );
}

function readPart(part: string, scheme: Scheme): Range {
  if (part.endsWith('+')) {
    const low = scheme.parse(part.slice(0, -1));
    const [major = 0, minor = 0] = low.key as readonly Integer[];
    const isStable = BigInt(minor) % 2n === 0n;
    return isStable ? halfOpen(low, scheme.parse(`${major}.${BigInt(minor) + 1n}.0`)) : rangeOf('>=', low);
  }
  const bounds = part.split('-');
  if (bounds.length > 2) throw unreadableRange(scheme.name, part, 'two versions with a dash between them');
  const [low = '', high] = bounds;
  if (high === undefined) return rangeOf('=', scheme.parse(low));
  return intersect(rangeOf('>=', scheme.parse(low)), rangeOf('<=', scheme.parse(high)));
}
