import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import { contains } from '../../src/versions/range.ts';
import { formatVers, normaliseVers, parseVers, rangeOfVers, simplifyVers } from '../../src/versions/vers.ts';

test('a vers is read into its parts and written back', () => {
  const text = 'vers:gem/>=2.2.0|!=2.2.1|<2.3.0';
  expect(parseVers(text)).toEqual({
    type: 'gem',
    constraints: [
      { comparator: '>=', version: '2.2.0' },
      { comparator: '!=', version: '2.2.1' },
      { comparator: '<', version: '2.3.0' },
    ],
  });
  expect(formatVers(parseVers(text))).toBe(text);
});

test.each([
  ['vers:npm/>=1.0.0| <2.0.0', 'no white space'],
  ['vers:npm/|>=1.0.0', 'no pipe before'],
  ['vers:npm/>=1.0.0|', 'no pipe after'],
  ['vers:npm/>=1.0.0||<2.0.0', 'one pipe between'],
  ['vers:npm/', 'at least one constraint'],
  ['vers:npm', 'vers:TYPE/CONSTRAINTS'],
  ['VERS:npm/1.0.0', 'lower case'],
  ['vers:NPM/1.0.0', 'lower case'],
  ['pkg:npm/x', 'vers:TYPE/CONSTRAINTS'],
  ['vers:npm/*|1.0.0', '* alone'],
  ['vers:npm/>=', 'a version in every constraint'],
  ['vers:npm/>=2.0.0|<1.0.0', 'sorted by version'],
  ['vers:npm/>=1.0.0|<1.0.0', 'in one constraint only'],
  ['vers:pypi/>=1.0|<1.0.0', 'in one constraint only'],
  ['vers:npm/>=1.0.0|>=2.0.0', '< and > in turn'],
  ['vers:npm/<1.0.0|<=2.0.0', '< and > in turn'],
  ['vers:npm/>=1.0.0|2.0.0|<3.0.0', '=, > or >= after ='],
  ['vers:npm/1.0.0|!=2.0.0|<3.0.0', '=, > or >= after ='],
  ['vers:npm/1.0%2G0', 'valid percent-encoding'],
  ['vers:deb/1%3A2', 'the version written as "1:2"'],
  ['vers:generic/1%7c2', 'the version written as "1%7C2"'],
  ['vers:all/1.0', 'vers:all/* and no other'],
  ['vers:datetime/2024-01-01t00:00:00z', 'capital letters'],
  [`vers:npm/${'1.0.0|'.repeat(11_000)}2.0.0`, 'at most 65536 characters'],
])('%s is refused', (text, expected) => {
  expect(() => parseVers(text)).toThrow(
    expect.objectContaining({
      problem: expect.objectContaining({
        code: 'SP-VERS-INVALID',
        expected: expect.stringContaining(expected),
      }),
    }),
  );
});

test('a type that is not known and a version that is none are their own errors', () => {
  expect(() => parseVers('vers:tomee/1.0|2.0')).toThrow(
    expect.objectContaining({ code: 'SP-VERSION-SCHEME' }),
  );
  expect(() => parseVers('vers:npm/1.0|2.0')).toThrow(
    expect.objectContaining({ code: 'SP-VERSION-UNREADABLE' }),
  );
  expect(() => rangeOfVers(parseVers('vers:npm/1.0'))).toThrow(
    expect.objectContaining({ code: 'SP-VERSION-UNREADABLE' }),
  );
});

test.each([
  ['vers:npm/ >=1.0.0 | <2.0.0', 'vers:npm/>=1.0.0|<2.0.0'],
  ['vers:pypi/2.0|1.0|1.0.0', 'vers:pypi/1.0|2.0'],
  ['vers:deb/>=1%3A2', 'vers:deb/>=1:2'],
  ['vers:npm/<2.0.0|>=1.0.0', 'vers:npm/>=1.0.0|<2.0.0'],
])('%s is put right', (text, expected) => {
  expect(formatVers(normaliseVers(text))).toBe(expected);
});

test.each(['vers:npm/>1.0.0|<1.0.0', 'vers:npm/>1.0.0|>2.0.0', 'vers:npm/||', 'vers:npm/%FF'])(
  '%s cannot be put right',
  (text) => {
    expect(() => normaliseVers(text)).toThrow(expect.objectContaining({ code: 'SP-VERS-INVALID' }));
  },
);

const LOG4J = 'vers:maven/>=2.0-beta9|<2.3.1|>=2.4|<2.12.3|>=2.13.0|<2.17.0';

describe.each([
  [
    LOG4J,
    ['2.0-beta9', '2.0', '2.3', '2.11.0', '2.14.1', '2.16.0', '2.17.0-rc1'],
    ['1.2.17', '2.0-alpha1', '2.3.1', '2.12.3', '2.12.4', '2.17.0', '2.17.1'],
  ],
  ['vers:npm/*', ['0.0.0-0', '1.0.0'], []],
  ['vers:none/*', [], ['1.0']],
  ['vers:all/*', ['1.0'], []],
  ['vers:npm/!=1.0.0', ['0.9.0', '1.0.1'], ['1.0.0', 'v1.0.0', '1.0.0+x']],
  ['vers:npm/1.0.0|!=2.0.0', ['1.0.0'], ['2.0.0', '3.0.0']],
  [
    'vers:npm/<1.0.0|1.5.0|>=2.0.0|!=2.1.0',
    ['0.1.0', '1.5.0', '2.0.0', '2.2.0'],
    ['1.0.0', '1.4.9', '1.9.9', '2.1.0'],
  ],
  ['vers:npm/>=1.0.0', ['1.0.0', '99.0.0'], ['1.0.0-rc.1']],
  ['vers:npm/>1.0.0|<=2.0.0|>3.0.0', ['1.0.1', '2.0.0', '3.0.1'], ['1.0.0', '2.0.1', '3.0.0']],
  ['vers:deb/<1:1.0-1', ['99', '1:1.0-1~bpo1'], ['1:1.0-1', '2:0']],
  ['vers:pypi/>=0.0.0|0.0.1|0.0.2', ['0.0.0', '0.0.1', '5'], ['0.0.0rc1']],
  ['vers:generic/<1%7C2', ['1'], ['2']],
])('%s', (text, inside, outside) => {
  const range = rangeOfVers(parseVers(text));
  const outcome = (version: string) => contains(range, range.scheme.parse(version));
  test('holds what is inside', () => {
    expect(inside.filter((version) => !outcome(version))).toEqual([]);
  });
  test('does not hold what is outside', () => {
    expect(outside.filter(outcome)).toEqual([]);
  });
  test('is the same when simplified', () => {
    const simple = rangeOfVers(simplifyVers(parseVers(text)));
    for (const version of [...inside, ...outside]) {
      expect(contains(simple, simple.scheme.parse(version))).toBe(inside.includes(version));
    }
  });
});

test('simplifying drops what says nothing', () => {
  expect(formatVers(simplifyVers(parseVers('vers:pypi/>=0|1|2|3')))).toBe('vers:pypi/>=0');
  expect(formatVers(simplifyVers(parseVers('vers:npm/!=0.5.0|>=1.0.0')))).toBe('vers:npm/>=1.0.0');
  expect(formatVers(simplifyVers(parseVers('vers:npm/1.0.0|>1.0.1')))).toBe('vers:npm/1.0.0|>1.0.1');
});

test('nothing but our own error is thrown', () => {
  const piece = fc.constantFrom(
    'vers:',
    'npm/',
    'pypi/',
    '>=',
    '<',
    '|',
    '1.0',
    '2.0.0',
    '!',
    '*',
    '%2A',
    '%',
    '=',
    ' ',
    'a',
    '\u0000',
    '🙂',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((parts) => `vers:pypi/${parts.join('')}`),
  );
  fc.assert(
    fc.property(text, (one) => {
      for (const read of [parseVers, normaliseVers]) {
        try {
          const vers = read(one);
          expect(formatVers(parseVers(formatVers(vers)))).toBe(formatVers(vers));
          rangeOfVers(vers);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SallyportError);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('what is long is refused or read quickly', () => {
  const started = performance.now();
  const many = Array.from({ length: 2000 }, (_, i) => `!=1.${i}`).join('|');
  for (const rest of [
    '|'.repeat(100_000),
    '%'.repeat(100_000),
    '1|'.repeat(30_000),
    '>'.repeat(60_000),
    many,
  ]) {
    for (const read of [parseVers, normaliseVers]) {
      try {
        rangeOfVers(read(`vers:pypi/${rest}`));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SallyportError);
      }
    }
  }
  expect(performance.now() - started).toBeLessThan(2000);
});
