import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import { schemeNamed, schemes } from '../../src/versions/registry.ts';

/** What no scheme may guess at. */
const unreadable: Record<string, string[]> = {
  alpm: ['1.0.', '1:', '-1', '1 0'],
  apk: ['1.0bc', '1.0_foo', '1.0-1', 'a', '1..0', '1.0_alpha_'],
  cargo: ['1', '1.2', 'v1.0.0', '01.0.0', '1.0.0-', '1.0.0-01', '1.0.0+'],
  composer: ['dev-main', 'master', '1.0.0-foo', 'a', '1.0.0.0.0'],
  conan: ['-1', '.1', '1 0', '1/0'],
  cran: ['1.', 'a', '1..0'],
  datetime: ['2024-01-01', '2024-02-30T00:00:00Z', '2024-01-01T24:00:00Z', '2024-01-01T00:00:00'],
  deb: ['1.0-', ':1', 'a:1', '1_0', '1.0 ', '1:0-1:2', '1:'],
  gem: ['a', '1..0', '1.', '1 0', '.1'],
  generic: ['', '-', ' 1', '1 0'],
  gentoo: ['1.', '1.0_foo', '1.0-1', '1.0bb'],
  golang: ['main', 'v1.2-rc.1', 'v01.0.0', 'latest', 'go1', 'go1.21x', 'v'],
  hackage: ['1-0', 'a'],
  hex: ['1.0', 'v1.0.0', '1.0.0-01'],
  intdot: ['a', '.1'],
  lexicographic: ['\ud800'],
  maven: ['1,0', '[1.0]', '1 0', '(1'],
  nginx: ['1', '1.2.3.4.5', '1.2a'],
  npm: ['latest', '1.2', '1.x', '^1.0.0', '1.0.0 ', 'git+https://x', '1.0.0-ä'],
  nuget: ['1.0.0.0.0', 'a', '1.', '1.0-', '1.0-a..b'],
  openssl: ['1.0', '1.0.2-foo', 'a'],
  pub: ['1.0', 'any', '1.0.0-'],
  pypi: ['1.0.x', 'latest', '1.0-foo', '1.0+', '==1.0', '1.0 1'],
  rpm: ['-1', '1 0', '~', '1:'],
  semver: ['v4', '1', 'main', '8f4b7f84864484a7bf31766abe9204da3cbe65b3'],
};

describe.each(Object.entries(unreadable))('%s refuses', (name, texts) => {
  test.each([...texts, '', '1'.repeat(513)])('%j', (text) => {
    expect(() => schemeNamed(name).parse(text)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code: 'SP-VERSION-UNREADABLE' }) }),
    );
  });
});

test('every scheme refuses something', () => {
  expect(Object.keys(unreadable).sort()).toEqual(schemes.map(({ name }) => name).sort());
});

describe.each(schemes.map((scheme) => [scheme.name, scheme] as const))('%s', (_, scheme) => {
  test('throws nothing but its own error', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...'01.-+~^_:!*a|<>=, ') }),
    );
    fc.assert(
      fc.property(text, (one) => {
        for (const parse of [scheme.parse, scheme.parseNativeRange]) {
          try {
            parse?.(one);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(SallyportError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is quick with what is long', () => {
    const started = performance.now();
    for (const piece of [
      '1',
      '.',
      '-',
      'a',
      '1.',
      '1-',
      'a1',
      '1a',
      '~',
      '_p',
      '_p1',
      ' ',
      '>=1 ',
      '||',
      '!=1,',
      '[1,2],',
      '\u{1f600}',
    ]) {
      for (const length of [500, 8000, 100_000]) {
        const text = piece.repeat(length / piece.length);
        for (const one of [text, `1${text}`, `${text}!`]) {
          for (const parse of [scheme.parse, scheme.parseNativeRange]) {
            try {
              parse?.(one);
            } catch (thrown) {
              expect(thrown).toBeInstanceOf(SallyportError);
            }
          }
        }
      }
    }
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
