import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGlob, nameGlob, pathGlob } from '../../src/model/glob.ts';

describe('a path pattern', () => {
  it.each([
    ['Dockerfile', 'Dockerfile', true],
    ['Dockerfile', 'svc/Dockerfile', false],
    ['*', 'Dockerfile', true],
    ['*', 'svc/Dockerfile', false],
    ['*/Dockerfile', 'svc/Dockerfile', true],
    ['**', '.a/b', true],
    ['**/Dockerfile', 'Dockerfile', true],
    ['**/Dockerfile', 'a/b/Dockerfile', true],
    ['a/**', 'a/b/c', true],
    ['a/**', 'a', false],
    ['a/**/c', 'a/c', true],
    ['a/**/c', 'a/b/b/c', true],
    ['a/**/c', 'a/b/d', false],
    ['*/**', 'a', false],
    ['a**c', 'abc', true],
    ['a**c', 'ab/c', false],
    ['?.js', 'a.js', true],
    ['?.js', '/.js', false],
    ['*.{js,ts}', 'a.ts', true],
    ['*.{js,ts}', 'a.css', false],
    ['{a,b/{c,d}}/*', 'b/d/x', true],
    ['{a}', '{a}', true],
    ['a,b', 'a,b', true],
    ['{a,b', '{a,b', true],
    ['[id]/page.tsx', '[id]/page.tsx', true],
    ['[id]/page.tsx', 'i/page.tsx', false],
    ['!a', 'b', false],
    ['+(a)', 'aa', false],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['.*', 'ab', false],
  ])('%s of %s: %s', (pattern, path, expected) => {
    expect(pathGlob(pattern)(path)).toBe(expected);
  });

  it.each(['+(+(+(a|a)|a))b', '**/*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*ab', `${'**/a*/'.repeat(60)}b`])(
    'answers in time: %s',
    (pattern) => {
      const started = performance.now();
      expect(pathGlob(pattern)(`${'a'.repeat(255)}/`.repeat(16))).toBe(false);
      expect(performance.now() - started).toBeLessThan(500);
    },
  );

  it('is refused where its braces multiply', () => {
    expect(isGlob('{a,b}'.repeat(8))).toBe(true);
    expect(isGlob('{a,b}'.repeat(9))).toBe(false);
  });

  it('without signs of its own matches itself and nothing else', () => {
    const path = fc.stringMatching(/^[a-c.[\]!+(){},/-]{1,12}$/u).filter((text) => !/\{.*,.*\}/u.test(text));
    fc.assert(
      fc.property(path, path, (a, b) => {
        expect(pathGlob(a)(b)).toBe(a === b);
      }),
    );
  });
});

describe('a name pattern', () => {
  it.each([
    ['DL*', 'DL3007', true],
    ['zizmor/*', 'zizmor/a/b', true],
    ['*', 'a/b', true],
    ['DL300?', 'DL3007', true],
    ['DL300?', 'DL30077', false],
    ['{a,b}', 'b', true],
  ])('%s of %s: %s', (pattern, name, expected) => {
    expect(nameGlob(pattern)(name)).toBe(expected);
  });
});
