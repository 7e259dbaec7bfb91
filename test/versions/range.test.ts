import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Comparator,
  contains,
  emptyRange,
  fullRange,
  intersect,
  invert,
  isEmpty,
  isFull,
  type Range,
  rangeOf,
  union,
} from '../../src/versions/range.ts';
import { schemeNamed, schemes } from '../../src/versions/registry.ts';
import { formatVers, parseVers, rangeOfVers, versOfRange } from '../../src/versions/vers.ts';
import type { Scheme } from '../../src/versions/version.ts';
import { versionsOf } from './arbitraries.ts';

const comparators: Comparator[] = ['=', '!=', '<', '<=', '>', '>='];

function holds(comparator: Comparator, order: number): boolean {
  return {
    '=': order === 0,
    '!=': order !== 0,
    '<': order < 0,
    '<=': order <= 0,
    '>': order > 0,
    '>=': order >= 0,
  }[comparator];
}

/** Ranges of every shape: comparisons, joined and inverted. */
function rangesOf(scheme: Scheme): fc.Arbitrary<Range> {
  const simple = fc
    .tuple(fc.constantFrom(...comparators), versionsOf(scheme))
    .map(([one, version]) => rangeOf(one, version));
  const { tree } = fc.letrec<{ tree: Range; simple: Range }>((tie) => ({
    simple,
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      tie('simple'),
      fc.array(tie('tree'), { maxLength: 3 }).map((parts) => union(scheme, parts)),
      fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => intersect(a, b)),
      tie('tree').map(invert),
    ),
  }));
  return tree;
}

// Arch's releases are compared only where both have one, so sets of them have no algebra.
const ordered = schemes.filter(({ name }) => name !== 'alpm');

describe.each(ordered.map((scheme) => [scheme.name, scheme] as const))('ranges of %s', (_, scheme) => {
  const version = versionsOf(scheme);
  const range = rangesOf(scheme);

  test('agree with the order', () => {
    fc.assert(
      fc.property(fc.constantFrom(...comparators), version, version, (comparator, a, b) => {
        expect(contains(rangeOf(comparator, a), b)).toBe(holds(comparator, scheme.compare(b, a)));
      }),
    );
  });

  test('are joined, met and inverted as sets are', () => {
    fc.assert(
      fc.property(range, range, version, (a, b, one) => {
        const inA = contains(a, one);
        const inB = contains(b, one);
        expect(contains(union(scheme, [a, b]), one)).toBe(inA || inB);
        expect(contains(intersect(a, b), one)).toBe(inA && inB);
        expect(contains(invert(a), one)).toBe(!inA);
      }),
      { numRuns: 60 },
    );
  });

  test('are written as a canonical vers that means the same', () => {
    fc.assert(
      fc.property(range, fc.array(version, { minLength: 1, maxLength: 5 }), (a, versions) => {
        const text = formatVers(versOfRange(a));
        const again = rangeOfVers(parseVers(text));
        for (const one of versions)
          expect(isEmpty(again) ? false : contains(again, one)).toBe(contains(a, one));
        expect(formatVers(versOfRange(again))).toBe(text);
      }),
      { numRuns: 60 },
    );
  });
});

test('all and nothing', () => {
  const scheme = schemeNamed('npm');
  expect(isFull(invert(emptyRange(scheme)))).toBe(true);
  expect(isEmpty(invert(fullRange(scheme)))).toBe(true);
  expect(
    isFull(union(scheme, [rangeOf('<', scheme.parse('1.0.0')), rangeOf('>=', scheme.parse('1.0.0'))])),
  ).toBe(true);
  expect(isEmpty(intersect(rangeOf('<', scheme.parse('1.0.0')), rangeOf('>=', scheme.parse('1.0.0'))))).toBe(
    true,
  );
});

test('ranges of different schemes are not combined', () => {
  expect(() => intersect(fullRange(schemeNamed('npm')), fullRange(schemeNamed('cargo')))).toThrow(
    /different schemes/u,
  );
});

test('a range of very many parts is refused', () => {
  const scheme = schemeNamed('intdot');
  const parts = Array.from({ length: 4097 }, (_, i) => rangeOf('=', scheme.parse(`1.${i}`)));
  expect(() => union(scheme, parts)).toThrow(/4097 parts/u);
});
