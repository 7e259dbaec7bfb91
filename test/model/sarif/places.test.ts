import { describe, expect, it } from 'vitest';
import { at, log, read } from './samples.ts';

const root = '/home/runner/work/app';
const bases = (uri: string, more: object = {}) => ({ originalUriBaseIds: { '%SRCROOT%': { uri }, ...more } });
const src = { uriBaseId: '%SRCROOT%' };

describe('places', () => {
  it.each<[string, object, object, string | undefined]>([
    ['relative', at('src/a.ts'), {}, 'src/a.ts'],
    ['with dots', at('./src/../lib/a.ts'), {}, 'lib/a.ts'],
    ['double slashes', at('src//a.ts'), {}, 'src/a.ts'],
    ['encoded', at('my%20dir/%C3%A9%23.ts'), {}, 'my dir/é#.ts'],
    ['badly encoded', at('100%.ts'), {}, '100%.ts'],
    ['backslashes', at('src\\win\\a.cs'), {}, 'src/win/a.cs'],
    ['outside', at('../../etc/passwd'), {}, undefined],
    ['outside, encoded', at('%2e%2e/etc/passwd'), {}, undefined],
    ['absolute inside', at('/home/runner/work/app/src/a.ts'), {}, 'src/a.ts'],
    ['absolute outside', at('/etc/passwd'), {}, undefined],
    ['a folder with the same beginning', at('/home/runner/work/app2/a.ts'), {}, undefined],
    ['the root itself', at('/home/runner/work/app/'), {}, undefined],
    ['file URI', at('file:///home/runner/work/app/src/a.ts'), {}, 'src/a.ts'],
    ['file URI that climbs', at('file:///home/runner/work/app/../x'), {}, undefined],
    ['file URI of localhost', at('file://localhost/home/runner/work/app/a'), {}, 'a'],
    ['file URI of another host', at('file://server/home/runner/work/app/a'), {}, undefined],
    ['another scheme', at('https://x.test/a'), {}, undefined],
    ['a purl', at('pkg:npm/a@1'), {}, undefined],
    ['an encoded colon is a name', at('pkg%3Aa'), {}, 'pkg:a'],
    ['nul', at('a%00b'), {}, undefined],
    ['nothing', at(''), {}, undefined],
    ['base without an entry', at('a.ts', undefined, src), {}, 'a.ts'],
    ['base at the root', at('a.ts', undefined, src), bases(`file://${root}/`), 'a.ts'],
    ['base below the root', at('a.ts', undefined, src), bases(`file://${root}/sub/`), 'sub/a.ts'],
    ['base above the root', at('app/a.ts', undefined, src), bases('file:///home/runner/work/'), 'a.ts'],
    ['base above, outside', at('other/a.ts', undefined, src), bases('file:///home/runner/work/'), undefined],
    ['base of another machine', at('a.ts', undefined, src), bases('file:///github/workspace/'), 'a.ts'],
    ['base that is everything (trivy)', at('a.ts', undefined, src), bases('file:///'), 'a.ts'],
    [
      'climbing out of a foreign base',
      at('../a.ts', undefined, src),
      bases('file:///github/workspace/'),
      undefined,
    ],
    [
      'chained bases',
      at('a.ts', undefined, { uriBaseId: 'SUB' }),
      bases('file:///x/', { SUB: { uri: 'sub', uriBaseId: '%SRCROOT%' } }),
      'sub/a.ts',
    ],
    [
      'bases in a circle',
      at('a.ts', undefined, { uriBaseId: 'A' }),
      { originalUriBaseIds: { A: { uri: 'x/', uriBaseId: 'A' } } },
      undefined,
    ],
    ['base named __proto__', at('a.ts', undefined, { uriBaseId: '__proto__' }), {}, 'a.ts'],
    [
      'by index',
      { physicalLocation: { artifactLocation: { index: 1 } } },
      { artifacts: [{}, { location: { uri: 'b.ts' } }] },
      'b.ts',
    ],
    [
      'by index outside',
      { physicalLocation: { artifactLocation: { index: 9 } } },
      { artifacts: [] },
      undefined,
    ],
    ['logical only', { logicalLocations: [{ name: 'x' }] }, {}, undefined],
  ])('%s', (_, location, run, path) => {
    const report = read(log([{ ruleId: 'a', message: { text: 'm' }, locations: [location] }], run), { root });
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]?.places.map((place) => place.path)).toEqual(path === undefined ? [] : [path]);
  });

  it('reads Windows paths', () => {
    const value = log([
      { ruleId: 'a', message: { text: 'm' }, locations: [at('file:///c%3A/Repo/src/a.cs')] },
    ]);
    expect(read(value, { root: 'C:\\repo' }).findings[0]?.places).toEqual([{ path: 'src/a.cs' }]);
  });

  it('takes numbers that are none for no statement', () => {
    const region = { startLine: 0, startColumn: -1, endLine: 1.5, endColumn: 'x' };
    expect(
      read(log([{ ruleId: 'a', message: { text: 'm' }, locations: [at('a', region)] }])).findings[0]?.places,
    ).toEqual([{ path: 'a' }]);
  });

  it('turns columns of code points into UTF-16 units', () => {
    const region = { startLine: 1, startColumn: 3, endColumn: 4 };
    const value = log([{ ruleId: 'a', message: { text: 'm' }, locations: [at('a', region)] }], {
      columnKind: 'unicodeCodePoints',
    });
    const report = read(value, { lineAt: () => '😀😀x' });
    expect(report.findings[0]?.places).toEqual([{ path: 'a', line: 1, column: 5, endColumn: 6 }]);
  });
});
