import { allOf, PLAIN_COMPARATORS, readComparison, splitComparisons } from '../comparators.ts';
import type { Integer } from '../integer.ts';
import { fullRange, halfOpen, type Range } from '../range.ts';
import { defineScheme, type Scheme, unreadableRange } from '../version.ts';
import {
  compareIdentifiers,
  compareSemver,
  readIdentifiers,
  readSemver,
  type SemverKey,
} from './semver-key.ts';

interface PubKey {
  semver: SemverKey;
  build: readonly (Integer | string)[] | null;
}

/**
 * Dart's pub (https://dart.dev/tools/pub/versioning, package pub_semver): semantic versions whose build metadata
 * counts: 1.0.0 is older than 1.0.0+1.
 */
export const pub = defineScheme<PubKey>({
  name: 'pub',
  purlTypes: ['pub'],
  osvEcosystems: ['Pub'],
  expected: 'MAJOR.MINOR.PATCH with an optional pre-release and build',
  read(text) {
    const semver = readSemver(text, 0, { leadingZeros: true });
    if (semver === null) return null;
    return { semver, build: semver.build === null ? null : readIdentifiers(semver.build, true) };
  },
  compare: (a, b) => compareSemver(a.semver, b.semver) || compareBuild(a.build, b.build),
  nativeRange: readConstraint,
});

function compareBuild(a: PubKey['build'], b: PubKey['build']): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compareIdentifiers(a, b);
}

function readConstraint(text: string, scheme: Scheme): Range {
  const trimmed = text.trim();
  if (trimmed === 'any') return fullRange(scheme);
  const parts = splitComparisons(trimmed, '<>=^');
  if (parts.length === 0)
    throw unreadableRange(scheme.name, text, 'a constraint such as ^1.2.3 or >=1.0.0 <2.0.0');
  return allOf(scheme, parts, (part) =>
    part.startsWith('^') ? caret(part, scheme) : readComparison(scheme, part, PLAIN_COMPARATORS),
  );
}

/** `^1.2.3` up to 2.0.0, `^0.1.2` up to 0.2.0, without the pre-releases of the bound. */
function caret(part: string, scheme: Scheme): Range {
  const low = scheme.parse(part.slice(1));
  const { semver } = low.key as PubKey;
  const next = semver.major === 0 ? `0.${BigInt(semver.minor) + 1n}.0` : `${BigInt(semver.major) + 1n}.0.0`;
  return halfOpen(low, scheme.parse(`${next}-0`));
}
