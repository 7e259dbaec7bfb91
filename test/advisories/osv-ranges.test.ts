import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OsvEvent, OsvRange } from '../../src/advisories/osv.ts';
import { evaluate } from '../../src/advisories/osv-ranges.ts';
import { contains, intersect, type Range, rangeOf, union } from '../../src/versions/range.ts';
import { schemeNamed } from '../../src/versions/registry.ts';

const npm = schemeNamed('npm');

function range(...events: OsvEvent[]): OsvRange {
  return { type: 'SEMVER', events };
}

const state = (ranges: OsvRange[], version: string, versions: string[] = [], scheme = npm) =>
  evaluate({ ranges, versions }, scheme, version).state;

describe.each<[string, OsvRange[], string[], string[]]>([
  [
    'from the beginning',
    [range({ introduced: '0' }, { fixed: '1.2.0' })],
    ['0.0.0-0', '1.1.9', '1.2.0-rc.1'],
    ['1.2.0', '2.0.0'],
  ],
  [
    'from a version',
    [range({ introduced: '1.0.0' }, { fixed: '1.2.0' })],
    ['1.0.0', '1.1.0'],
    ['0.9.0', '1.0.0-rc.1', '1.2.0'],
  ],
  ['without an end', [range({ introduced: '1.0.0' })], ['1.0.0', '99.0.0'], ['0.9.9']],
  [
    'up to and with the last',
    [range({ introduced: '0' }, { last_affected: '1.2.0' })],
    ['1.2.0'],
    ['1.2.1-0', '1.2.1'],
  ],
  [
    'in turn, in any order of the events',
    [range({ fixed: '3.1.0' }, { introduced: '1.0.0' }, { introduced: '3.0.0' }, { fixed: '2.0.0' })],
    ['1.0.0', '1.9.9', '3.0.0', '3.0.9'],
    ['0.9.9', '2.0.0', '2.9.9', '3.1.0'],
  ],
  [
    'in any of the ranges',
    [range({ introduced: '1.0.0' }, { fixed: '1.1.0' }), range({ introduced: '2.0.0' })],
    ['1.0.5', '2.0.0'],
    ['1.5.0'],
  ],
  ['below a limit', [range({ introduced: '1.0.0' }, { limit: '1.5.0' })], ['1.4.9'], ['1.5.0', '2.0.0']],
  [
    'below any of the limits',
    [range({ introduced: '0' }, { limit: '1.0.0' }, { limit: '2.0.0' })],
    ['1.5.0'],
    ['2.0.0'],
  ],
  ['with no limit', [range({ introduced: '0' }, { limit: '*' })], ['9.0.0'], []],
  [
    'an empty range between others',
    [
      range(
        { introduced: '0.1.0' },
        { fixed: '0.2.0' },
        { introduced: '1.0.0' },
        { fixed: '1.0.0' },
        { introduced: '2.0.0' },
      ),
    ],
    ['0.1.0', '2.0.0'],
    ['0.2.0', '1.0.0', '1.5.0'],
  ],
  [
    'fixed and brought back at one version',
    [range({ introduced: '0' }, { fixed: '1.0.0' }, { introduced: '1.0.0' })],
    ['1.0.0'],
    [],
  ],
])('%s', (_, ranges, affected, unaffected) => {
  test('is affected where it says so', () => {
    expect(affected.filter((version) => state(ranges, version) !== 'affected')).toEqual([]);
    expect(unaffected.filter((version) => state(ranges, version) !== 'unaffected')).toEqual([]);
  });
});

test('listed versions are affected, as they are written or as the order sees them', () => {
  expect(state([], '1.0.0', ['1.0.0'])).toBe('affected');
  expect(state([], 'v1.0.0', ['1.0.0'])).toBe('affected');
  expect(state([], '1.0.1', ['1.0.0'])).toBe('unaffected');
  expect(state([], 'main', ['main'])).toBe('affected');
  expect(state([range({ introduced: '2.0.0' })], '1.0.0', ['1.0.0'])).toBe('affected');
  const pypi = schemeNamed('pypi');
  expect(state([], '1.0.0', ['1.0', 'garbage'], pypi)).toBe('affected');
});

test('what cannot be told is unknown, with the reason', () => {
  expect(evaluate({ ranges: [range({ introduced: '0' })], versions: [] }, npm, 'main')).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('main'),
  });
  expect(state([range({ introduced: 'x' })], '1.0.0')).toBe('unknown');
  expect(state([range({ introduced: 'x' }), range({ introduced: '0' })], '1.0.0')).toBe('affected');
  expect(state([{ type: 'GIT', events: [{ introduced: '0' }] }], '1.0.0')).toBe('unknown');
  expect(state([{ type: 'GIT', events: [{ introduced: '0' }] }], '1.0.0', ['2.0.0'])).toBe('unaffected');
  expect(evaluate({ ranges: [range({ introduced: '0' })], versions: [] }, undefined, '1.0.0')).toMatchObject({
    state: 'unknown',
  });
});

test('the fixes after the version are told, nearest first', () => {
  const ranges = [
    range({ introduced: '1.0.0' }, { fixed: '1.5.0' }),
    range({ introduced: '2.0.0' }, { fixed: '2.1.0' }),
  ];
  expect(evaluate({ ranges, versions: [] }, npm, '1.2.0')).toEqual({
    state: 'affected',
    fixed: ['1.5.0'],
    lastAffected: [],
  });
  expect(evaluate({ ranges, versions: ['1.7.0'] }, npm, 'v1.7.0')).toMatchObject({ fixed: ['2.1.0'] });
});

test('introduced and fixed in turn mean the same as a range', () => {
  const number = fc.integer({ min: 0, max: 30 });
  fc.assert(
    fc.property(
      fc.uniqueArray(number, { minLength: 1, maxLength: 8 }),
      fc.boolean(),
      number,
      fc.integer(),
      (numbers, last, asked, seed) => {
        const sorted = numbers.toSorted((a, b) => a - b).map((n) => npm.parse(`${n}.0.0`));
        const events: OsvEvent[] = [];
        const parts: Range[] = [];
        sorted.forEach((version, i) => {
          const end = sorted[i + 1];
          if (i % 2 === 1) return;
          events.push({ introduced: version.text });
          const from = rangeOf('>=', version);
          if (end === undefined) parts.push(from);
          else {
            events.push(last ? { last_affected: end.text } : { fixed: end.text });
            parts.push(intersect(from, rangeOf(last ? '<=' : '<', end)));
          }
        });
        // The order in which they are written means nothing.
        const shuffled = events.toSorted(
          (a, b) =>
            ((JSON.stringify(a).length * 31 + seed) % 7) - ((JSON.stringify(b).length * 31 + seed) % 7),
        );
        const version = npm.parse(`${asked}.0.0`);
        expect(state([range(...shuffled)], version.text)).toBe(
          contains(union(npm, parts), version) ? 'affected' : 'unaffected',
        );
      },
    ),
  );
});
