import semverLibrary from 'semver';
import type { Comparator } from '../range.ts';
import { emptyRange, fullRange, intersect, type Range, rangeOf, union } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';
import { compareSemver, readSemver } from './semver-key.ts';

/**
 * npm (https://github.com/npm/node-semver): semantic versions; a `v` or `=` before one is let pass, as npm does.
 */
export const npm = defineScheme({
  name: 'npm',
  purlTypes: ['npm'],
  osvEcosystems: ['npm'],
  expected: 'MAJOR.MINOR.PATCH with an optional pre-release and build',
  read: (text) => readSemver(text, /^[=v]*/u.exec(text)?.[0].length ?? 0),
  compare: compareSemver,
  nativeRange: readRange,
});

/**
 * Ranges are read by node-semver itself and then taken by the order alone: vers has no rule that leaves
 * pre-releases out, so `~1.6.5` is from 1.6.5 up to 1.7.0, and 1.7.0-rc.1 is inside. That is wider than npm, never
 * narrower.
 */
function readRange(text: string, scheme: Scheme): Range {
  let parsed: semverLibrary.Range;
  try {
    parsed = new semverLibrary.Range(text);
  } catch {
    throw unreadableRange(scheme.name, text, 'a range such as ^1.2.3 or >=1.0.0 <2.0.0 || 3.x');
  }
  return union(
    scheme,
    parsed.set.map((comparators) =>
      comparators.reduce(
        (range, comparator) => intersect(range, readComparator(comparator, scheme)),
        fullRange(scheme),
      ),
    ),
  );
}

function readComparator(comparator: semverLibrary.Comparator, scheme: Scheme): Range {
  // The library's form of "any version" and of "no version".
  if (comparator.value === '') return fullRange(scheme);
  if (comparator.value === '<0.0.0-0') return emptyRange(scheme);
  const text = comparator.semver.version;
  const operator = (comparator.operator === '' ? '=' : comparator.operator) as Comparator;
  const isUpper = operator === '<' && text.endsWith('-0');
  return rangeOf(operator, scheme.parse(isUpper ? text.slice(0, -2) : text));
}
