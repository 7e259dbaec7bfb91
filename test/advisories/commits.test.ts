import { describe, expect, it } from 'vitest';
import { commitOf, judgeCommit } from '../../src/advisories/commits.ts';
import type { Entry } from '../../src/advisories/index-format.ts';
import { matchEntries, type Question } from '../../src/advisories/match.ts';

const [BAD, FIXED, OTHER] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];

describe('the commit that a component is pinned to', () => {
  it.each([
    [`pkg:npm/a@1.0.0?vcs_url=git%2Bhttps://github.com/o/a.git%23${BAD}`, BAD],
    [`pkg:pypi/a@1.0?vcs_url=git%2Bhttps://github.com/o/a%3Frev%3Dmain%23${BAD}`, BAD],
    [`pkg:pypi/a?vcs_url=git%2Bhttps://github.com/o/a%40${BAD}`, BAD],
    [`pkg:githubactions/actions/checkout@${BAD}`, BAD],
    ['pkg:golang/golang.org/x/crypto@v0.0.0-20210921155107-089bfa567519', '089bfa567519'],
    ['pkg:golang/golang.org/x/crypto@v0.1.0', undefined],
    ['pkg:npm/a@1.0.0?vcs_url=git%2Bhttps://github.com/o/a.git%23main', undefined],
    ['pkg:npm/a@1.0.0', undefined],
    ['no purl', undefined],
    [undefined, undefined],
  ])('of %s', (purl, expected) => {
    expect(commitOf(purl)).toBe(expected);
  });
});

const git: Entry['ranges'] = [{ type: 'GIT', events: [{ introduced: BAD }, { fixed: FIXED }] }];
const entry = (over: Partial<Entry> = {}): Entry => ({
  id: 'GO-1',
  modified: '2026-01-01T00:00:00Z',
  aliases: [],
  upstream: [],
  summary: '',
  rating: null,
  severity: [],
  ecosystem: 'Go',
  ranges: git,
  versions: [],
  ...over,
});
const ask = (question: Partial<Question>, one = entry()) =>
  matchEntries([one], { package: { ecosystem: 'Go', name: 'a' }, version: undefined, ...question }).map(
    ({ state, reason }) => [state, reason],
  );

describe('an advisory that names commits', () => {
  it('decides the commits that it names, and says of others that it does not', () => {
    expect(judgeCommit(git, BAD.slice(0, 12))).toBe('affected');
    expect(ask({ commit: BAD })).toEqual([['affected', undefined]]);
    expect(ask({ commit: FIXED })).toEqual([]);
    expect(ask({ version: 'v1.0.0', commit: BAD })).toEqual([['affected', undefined]]);
    expect(ask({ commit: OTHER })).toEqual([
      ['unknown', expect.stringContaining('pinned to commit cccccccccccc')],
    ]);
    expect(ask({ version: 'v1.0.0' })).toEqual([['unknown', 'the advisory names commits only, no versions']]);
    expect(ask({})).toEqual([['unknown', 'the component has no version']]);
  });

  it('is judged by versions where it names those too', () => {
    const both = entry({
      ranges: [...git, { type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.1.0' }] }],
    });
    expect(ask({ version: 'v1.0.0', commit: FIXED }, both)).toEqual([['affected', undefined]]);
    expect(ask({ version: 'v1.2.0', commit: OTHER }, both)).toEqual([]);
    const listed = entry({ versions: ['v1.0.0'] });
    expect(ask({ version: 'v1.0.0', commit: OTHER }, listed)).toEqual([['affected', undefined]]);
    expect(ask({ version: 'v1.0.1', commit: OTHER }, listed)).toEqual([]);
  });

  it('decides an action that has its commit for a version', () => {
    const ecosystem = 'GitHub Actions';
    const action = (version: string) =>
      matchEntries([entry({ ecosystem })], {
        package: { ecosystem, name: 'o/a' },
        version,
        commit: version,
      }).map(({ state }) => state);
    expect([BAD, FIXED, OTHER].map(action)).toEqual([['affected'], [], ['unknown']]);
  });

  it('takes the first commit of all for none', () => {
    expect(judgeCommit([{ type: 'GIT', events: [{ introduced: '0' }] }], BAD)).toBe('unknown');
  });
});
