import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import { formatPurl, packageOfPurl, parseLenientPurl, parsePurl } from '../../src/versions/purl.ts';
import { purlTypes } from '../../src/versions/purl-types.ts';

test.each([
  ['pkg:npm/%40angular/core@12.3.1', { type: 'npm', namespace: '@angular', name: 'core', version: '12.3.1' }],
  ['pkg:npm/@angular/core@12.3.1', { type: 'npm', namespace: '@angular', name: 'core', version: '12.3.1' }],
  ['pkg:npm/@angular/core', { type: 'npm', namespace: '@angular', name: 'core' }],
  ['pkg:PyPI/Django_package@1.11', { type: 'pypi', name: 'django-package', version: '1.11' }],
  [
    'pkg://maven/org.apache.logging.log4j/log4j-core@2.17.1?type=jar',
    {
      type: 'maven',
      namespace: 'org.apache.logging.log4j',
      name: 'log4j-core',
      version: '2.17.1',
      qualifiers: { type: 'jar' },
    },
  ],
  [
    'pkg:golang/github.com/Foo/bar@v1.2.3#sub/dir',
    { type: 'golang', namespace: 'github.com/Foo', name: 'bar', version: 'v1.2.3', subpath: 'sub/dir' },
  ],
  [
    'pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64',
    {
      type: 'deb',
      namespace: 'debian',
      name: 'attr',
      version: '1:2.4.47-2+b1',
      qualifiers: { arch: 'amd64' },
    },
  ],
  [
    'pkg:generic/a%20b@1%2F2?x=a%26b',
    { type: 'generic', name: 'a b', version: '1/2', qualifiers: { x: 'a&b' } },
  ],
  ['pkg:generic/x?a=&b=1#./a/../b//', { type: 'generic', name: 'x', qualifiers: { b: '1' }, subpath: 'a/b' }],
  [
    'pkg:githubactions/actions/checkout@v4',
    { type: 'githubactions', namespace: 'actions', name: 'checkout', version: 'v4' },
  ],
  ['pkg:brew/node@20@20.10.0', { type: 'brew', name: 'node@20', version: '20.10.0' }],
])('%s is read', (text, parts) => {
  expect(parsePurl(text)).toEqual(parts);
});

test.each([
  ['', 'pkg:'],
  ['npm/foo', 'pkg:'],
  ['pkg%3Anpm/foo', 'pkg:'],
  ['pkg:npm', 'a type and a name'],
  ['pkg:npm/', 'a name'],
  ['pkg:n&pm/foo', 'a type of letters'],
  ['pkg:maven/log4j-core@1.0', 'a namespace, which the type maven requires'],
  ['pkg:cargo/ns/rand', 'no namespace'],
  ['pkg:npm/foo/@1.0', 'a name after the last /'],
  ['pkg:npm/foo@1/2/3', 'written as %2F'],
  ['pkg:npm/a%2Fb/c', 'no encoded / inside a segment'],
  ['pkg:npm/foo?Arch=x', 'a qualifier key'],
  ['pkg:npm/foo?__proto__=x', 'a qualifier key'],
  ['pkg:npm/foo?a=1&a=2', 'each qualifier key once'],
  ['pkg:npm/foo?a', 'KEY=VALUE'],
  ['pkg:npm/%ff', 'valid percent-encoding'],
  ['pkg:npm/foo@%', 'valid percent-encoding'],
  ['pkg:julia/Dates', 'the qualifier uuid'],
  ['pkg:cpan/URI::PackageURL', 'a name that the type cpan permits'],
  ['pkg:chrome-extension/dlpngalgnefjeiefhmpklpfiohadpglk@1.2-beta', 'a version that the type'],
  [`pkg:npm/${'a'.repeat(9000)}`, 'at most 8192'],
])('%s is refused', (text, expected) => {
  expect(() => parsePurl(text)).toThrow(
    expect.objectContaining({
      problem: expect.objectContaining({
        code: 'SP-PURL-INVALID',
        expected: expect.stringContaining(expected),
      }),
    }),
  );
});

test('what others write is put right where the meaning is clear', () => {
  expect(formatPurl(parseLenientPurl('pkg:Rpm/fedora/curl@7.50.3?Arch=i386'))).toBe(
    'pkg:rpm/fedora/curl@7.50.3?arch=i386',
  );
  expect(formatPurl(parseLenientPurl('pkg:npm/foo/@1.0'))).toBe('pkg:npm/foo@1.0');
});

test('the package is the purl without what names one release', () => {
  expect(packageOfPurl(parsePurl('pkg:npm/%40a/b@1.0?arch=x#y'))).toBe('pkg:npm/%40a/b');
  expect(packageOfPurl(parsePurl('pkg:julia/Dates@1?uuid=ade2ca70'))).toBe('pkg:julia/Dates?uuid=ade2ca70');
});

test('everything but letters, digits, -._~ and colons is encoded', () => {
  expect(formatPurl({ type: 'generic', name: "a!'()*b~c:d", version: 'é+1' })).toBe(
    'pkg:generic/a%21%27%28%29%2Ab~c:d@%C3%A9%2B1',
  );
  expect(() => formatPurl({ type: 'generic', name: '\ud800' })).toThrow(/not a package URL/u);
});

test('what is written is read again as it was', () => {
  const segment = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((one) => !/^\.{0,2}$|\//u.test(one) && one.isWellFormed());
  const parts = fc.record({
    type: fc.constantFrom(...purlTypes.keys()),
    namespace: fc.option(
      fc.array(segment, { minLength: 1, maxLength: 3 }).map((list) => list.join('/')),
      { nil: undefined },
    ),
    name: segment,
    version: fc.option(fc.string({ minLength: 1, unit: 'grapheme' }), { nil: undefined }),
    qualifiers: fc.option(
      fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9._-]{0,6}$/u), segment, { noNullPrototype: true }),
      { nil: undefined },
    ),
    subpath: fc.option(
      fc.array(segment, { minLength: 1, maxLength: 3 }).map((list) => list.join('/')),
      { nil: undefined },
    ),
  });
  let written = 0;
  fc.assert(
    fc.property(parts, (purl) => {
      let text: string;
      try {
        text = formatPurl(purl);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SallyportError);
        return;
      }
      written++;
      expect(formatPurl(parsePurl(text))).toBe(text);
      expect(/^[!-~]+$/u.test(text)).toBe(true);
    }),
    { numRuns: 1000 },
  );
  expect(written).toBeGreaterThan(200);
});

test('nothing but our own error is thrown, and quickly', () => {
  const piece = fc.constantFrom(
    'pkg:',
    'npm',
    'maven',
    '/',
    '//',
    '@',
    '?',
    '#',
    '&',
    '=',
    '%2F',
    '%',
    'a',
    '.',
    '..',
    '\u0000',
    '🙂',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((parts) => `pkg:${parts.join('')}`),
  );
  const attempt = (one: string) => {
    for (const read of [parsePurl, parseLenientPurl]) {
      try {
        const purl = read(one);
        expect(formatPurl(parsePurl(formatPurl(purl)))).toBe(formatPurl(purl));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(SallyportError);
      }
    }
  };
  fc.assert(fc.property(text, attempt), { numRuns: 2000 });
  const started = performance.now();
  for (const part of ['/', '@', '?', '#', '&', 'a=1&', '%41', 'a/', '::', '.']) {
    for (const length of [8000, 100_000]) attempt(`pkg:generic/${part.repeat(length / part.length)}x`);
  }
  expect(performance.now() - started).toBeLessThan(1500);
});
