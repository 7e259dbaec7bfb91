import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Likeness } from '../../../src/policy/likeness/likeness.ts';
import { likenessFor } from '../../../src/policy/likeness/names.ts';
import { filesIn, lockedOf } from '../../sbom/trees.ts';

const likeness = (await likenessFor({ asksForLikeness: true } as Parameters<
  typeof likenessFor
>[0])) as Likeness;
const like = (purl: string) => likeness.of({ purl });

describe('a name that could be taken for a well-known one', () => {
  it.each([
    // Names under which malicious packages were published, and what they stood in for.
    ['pkg:npm/crossenv@6.1.1', 'cross-env'],
    ['pkg:npm/electorn@10.0.0', 'electron'],
    ['pkg:npm/loadsh@1.0.0', 'lodash'],
    ['pkg:npm/babelcli@1.0.0', 'babel-cli'],
    ['pkg:npm/types-node@1.0.0', '@types/node'],
    ['pkg:pypi/urlib3@1.21.1', 'urllib3'],
    ['pkg:pypi/colourama@0.1.6', 'colorama'],
    ['pkg:pypi/reqeusts@1.0.0', 'requests'],
    ['pkg:pypi/diango@1.0.0', 'django'],
    ['pkg:pypi/jeIlyfish@0.7.1', 'jellyfish'],
    ['pkg:pypi/dateutil-python@1.0.0', 'python-dateutil'],
    ['pkg:golang/github.com/siruspen/logrus@v1.0.0', 'github.com/sirupsen/logrus'],
    ['pkg:golang/github.com/boltdb-go/bolt@v1.3.1', null],
    // One letter by a digit or another script that looks the same.
    ['pkg:npm/l0dash@1.0.0', 'lodash'],
    ['pkg:npm/rеact-dom@1.0.0', 'react-dom'],
    ['pkg:npm/%40bable/core@7.0.0', '@babel/core'],
    ['pkg:npm/comrnander@7.0.0', 'commander'],
  ])('%s', (purl, expected) => {
    expect(like(purl)).toBe(expected);
  });

  it.each([
    'pkg:npm/lodash@4.17.21',
    'pkg:npm/%40types/node@24.0.0',
    // Members of one family, of one owner; other spellings of one name.
    'pkg:npm/lodash4@1.0.0',
    'pkg:npm/%40babel/cores@7.0.0',
    'pkg:pypi/Typing_Extensions@4.0.0',
    'pkg:golang/github.com/sirupsen/logru@v1.0.0',
    // Too short to be told apart, unknown kinds, what is no package.
    'pkg:npm/mss@1.0.0',
    'pkg:maven/org.slf4j/slf4j-ap@1.0.0',
    'no purl',
  ])('is not %s', (purl) => {
    expect(like(purl)).toBeNull();
  });

  it('is none of the well-known names, and none of those that real lockfiles have', async () => {
    for (const folder of ['npm/npm3', 'npm/pnpm9', 'npm/yarn4', 'python/uv', 'python/poetry', 'go']) {
      const { bom } = await lockedOf(filesIn(folder));
      expect(bom.components.filter((one) => likeness.of(one) !== null).map(({ purl }) => purl)).toEqual([]);
    }
  });

  it('is not looked for in a name that no registry takes', () => {
    expect(like(`pkg:npm/${'a'.repeat(5000)}@1`)).toBeNull();
  });

  const names = fc.array(fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/u), { minLength: 1, maxLength: 40 });

  it('is never a well-known name itself, and always one of those that are', () => {
    fc.assert(
      fc.property(names, fc.stringMatching(/^[a-z][a-z0-9._-]{0,20}$/u), (known, other) => {
        const small = new Likeness(new Map([['generic', known]]));
        for (const name of known)
          expect(small.of({ purl: `pkg:generic/${encodeURIComponent(name)}` })).toBeNull();
        const found = small.of({ purl: `pkg:generic/${encodeURIComponent(other)}` });
        if (found !== null) expect(known).toContain(found);
      }),
    );
  });

  it('is any name of six letters or more with two neighbours swapped or a letter doubled', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{6,20}$/u), fc.nat(18), (name, at) => {
        const small = new Likeness(new Map([['generic', [name]]]));
        const [a = '', b = ''] = [name[at % (name.length - 1)], name[(at % (name.length - 1)) + 1]];
        const place = at % (name.length - 1);
        const swapped = name.slice(0, place) + b + a + name.slice(place + 2);
        const doubled = name.slice(0, place) + a + name.slice(place);
        if (swapped !== name) expect(small.of({ purl: `pkg:generic/${swapped}` })).toBe(name);
        expect(small.of({ purl: `pkg:generic/${doubled}` })).toBe(name);
      }),
    );
  });
});
