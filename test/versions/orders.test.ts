import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemeNamed, schemeOfEcosystem, schemeOfPurlType, schemes } from '../../src/versions/registry.ts';
import { versionsOf } from './arbitraries.ts';
import { generators } from './generate.ts';

describe.each(schemes.map((scheme) => [scheme.name, scheme] as const))('the order of %s', (_, scheme) => {
  const version = versionsOf(scheme);

  test('is total and antisymmetric', () => {
    fc.assert(
      fc.property(version, version, (a, b) => {
        // 0 - x, since -0 and 0 are told apart.
        expect(scheme.compare(a, b)).toBe(0 - scheme.compare(b, a));
        expect(scheme.compare(a, scheme.parse(a.text))).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('is transitive', () => {
    fc.assert(
      fc.property(fc.array(version, { minLength: 3, maxLength: 12 }), (versions) => {
        const sorted = versions.toSorted(scheme.compare);
        sorted.forEach((a, i) => {
          for (const b of sorted.slice(i)) expect(scheme.compare(a, b)).toBeLessThanOrEqual(0);
          // What is equal stands alike to everything else.
          const before = sorted[i - 1];
          if (before === undefined || scheme.compare(before, a) !== 0) return;
          for (const b of sorted) expect(scheme.compare(before, b)).toBe(scheme.compare(a, b));
        });
      }),
      { numRuns: 200 },
    );
  });
});

/** Each from old to new; versions in one group are equal. */
const ascending: Record<string, string[][]> = {
  alpm: [['1.0a'], ['1.0alpha'], ['1.0b'], ['1.0rc'], ['1.0', '1.0-1'], ['1.0.a'], ['1.0.1'], ['1:0.1']],
  apk: [
    ['1.0_alpha1'],
    ['1.0_beta'],
    ['1.0_pre2'],
    ['1.0_rc1'],
    ['1.0'],
    ['1.0-r1'],
    ['1.0-r10'],
    ['1.0_git20240101'],
    ['1.0_p1'],
    ['1.0a'],
    ['1.01'],
    ['1.1'],
    ['1.10'],
  ],
  cargo: [
    ['1.0.0-alpha'],
    ['1.0.0-alpha.1'],
    ['1.0.0-alpha.beta'],
    ['1.0.0', '1.0.0+a'],
    ['18446744073709551614.0.0'],
    ['18446744073709551615.0.0'],
  ],
  composer: [
    ['1.0.0-dev'],
    ['1.0-alpha1', 'v1.0.0.0-a1'],
    ['1.0.0-beta2'],
    ['1.0.0-RC1'],
    ['1.0', '1.0.0-stable'],
    ['1.0.0-p1', '1.0.0-patch1'],
    ['1.0.1'],
    ['1.x-dev'],
    ['2.0-dev'],
    ['20240131'],
  ],
  conan: [['1.0.0-'], ['1.0-alpha1'], ['1', '1.0.0'], ['1.1'], ['1.1a'], ['1.2'], ['1.20'], ['cci.20200203']],
  cran: [['1.0'], ['1.0-4', '1.0.4'], ['1.0-10'], ['1.1']],
  datetime: [
    ['2024-01-01T00:00:00+02:00'],
    ['2024-01-01T00:00:00Z', '2023-12-31T19:00:00.000-05:00'],
    ['2024-01-01T00:00:00.5Z'],
  ],
  deb: [
    ['1.0~~'],
    ['1.0~rc1'],
    ['1.0', '0:1.0-0', '1.0-0'],
    ['1.0-1'],
    ['1.0-1+b1'],
    ['1.0a'],
    ['1.0+dfsg'],
    ['1.0.1'],
    ['1.10'],
    ['1:0.1'],
  ],
  gem: [['1.0.a'], ['1.0.0.rc1', '1.rc1'], ['1.0', '1', '1.0.0'], ['1.0.1.pre'], ['1.0.1'], ['1.10']],
  generic: [['1.0alpha1'], ['1.0', '1'], ['1.0patch1'], ['1.0.1'], ['1.0a'], ['1.1']],
  gentoo: [
    ['1.0_alpha'],
    ['1.0_rc1'],
    ['1.0', '1.0-r0'],
    ['1.0-r1'],
    ['1.0_p'],
    ['1.0b'],
    ['1.0.0'],
    ['1.01'],
    ['1.1'],
    ['1.10'],
  ],
  golang: [
    ['v1.0.0-rc.1'],
    ['v1.0.0', 'v1', '1.0.0', 'go1.0'],
    ['v1.0.1-0.20191109021931-daa7c04131f5'],
    ['v1.0.1+incompatible', 'v1.0.1'],
    ['go1.21rc2', '1.21.0-rc.2'],
    ['go1.21', '1.21.0'],
  ],
  hackage: [['0.5'], ['0.5.0'], ['0.5.0.2'], ['0.10']],
  hex: [['1.0.0-rc.9'], ['1.0.0-rc.10'], ['1.0.0', '1.0.0+b']],
  intdot: [['1.2'], ['1.2.0', '01.2.0rc'], ['1.10']],
  lexicographic: [['A'], ['a'], ['aa'], ['e\u0301'], ['é'], ['\uffee'], ['\u{1f600}']],
  maven: [
    ['1-alpha'],
    ['1-a1', '1-alpha-1', '1.0alpha1'],
    ['1-beta-1'],
    ['1-m2', '1-milestone-2'],
    ['1-rc1', '1-CR1'],
    ['1-SNAPSHOT'],
    ['1', '1.0.0', '1-ga', '1.Final', '1.0.RELEASE'],
    ['1-sp1'],
    ['1-jre'],
    ['1-1'],
    ['1.0.1'],
    ['1.10'],
  ],
  nginx: [['0.8.39'], ['1.4', '1.4.0'], ['1.4.1']],
  npm: [
    ['1.0.0-beta.9'],
    ['1.0.0-beta.10'],
    ['1.0.0', 'v1.0.0', '=1.0.0+x'],
    ['1.0.1'],
    ['9007199254740992.0.0'],
    ['9007199254740993.0.0'],
  ],
  nuget: [
    ['1.0-BETA', '1.0.0-beta'],
    ['1.0.0-beta2'],
    ['1.0', '1.0.0.0', '1.0.00+x'],
    ['1.0.0.1-a'],
    ['1.0.0.1'],
  ],
  openssl: [
    ['1.0.2-beta1'],
    ['1.0.2'],
    ['1.0.2a'],
    ['1.0.2z'],
    ['1.0.2za'],
    ['1.1.1'],
    ['3.0.0-alpha1'],
    ['3.0.0'],
  ],
  pub: [['1.0.0-dev'], ['1.0.0'], ['1.0.0+1'], ['1.0.0+2'], ['1.0.0+10'], ['1.0.1']],
  pypi: [
    ['1.0.dev1'],
    ['1.0a1.dev1'],
    ['1.0a1', '1.0-ALPHA.1'],
    ['1.0b2'],
    ['1.0rc1', '1.0c1', '1.0-pre1'],
    ['1.0', 'v1.0.0', '0!1'],
    ['1.0+abc'],
    ['1.0+abc.1'],
    ['1.0+1'],
    ['1.0.post1.dev2'],
    ['1.0.post1', '1.0-1', '1.0rev1'],
    ['1.1'],
    ['1!0.1'],
  ],
  rpm: [
    ['1.0~rc1-1'],
    ['1.0'],
    ['1.0-1'],
    ['1.0-1.el9', '1.0-1..el9'],
    ['1.0-10'],
    ['1.0^git1-1'],
    ['1.0a-1'],
    ['1.0.1-1', '1.0_01-1'],
    ['1:0.1-1'],
  ],
  semver: [['1.0.0-alpha'], ['1.0.0', 'v1.0.0'], ['2.0.0']],
};

describe.each(Object.entries(ascending))('%s', (name, groups) => {
  const scheme = schemeNamed(name);
  const flat = groups.flatMap((group, rank) => group.map((text) => ({ rank, version: scheme.parse(text) })));
  test.each(flat)('$version.text has its place', ({ rank, version }) => {
    for (const other of flat) {
      expect(`${other.version.text} ${scheme.compare(version, other.version)}`).toBe(
        `${other.version.text} ${Math.sign(rank - other.rank)}`,
      );
    }
  });
});

test('every scheme has its table and its generator', () => {
  expect(Object.keys(ascending).sort()).toEqual(schemes.map(({ name }) => name).sort());
  expect(Object.keys(generators).sort()).toEqual(schemes.map(({ name }) => name).sort());
});

test('versions of different schemes have no order', () => {
  const npm = schemeNamed('npm');
  expect(() => npm.compare(npm.parse('1.0.0'), schemeNamed('cargo').parse('1.0.0'))).toThrow(
    /different schemes/u,
  );
});

test('schemes are found by purl type and by OSV ecosystem', () => {
  expect(schemeOfPurlType('deb')?.name).toBe('deb');
  expect(schemeOfPurlType('docker')).toBeUndefined();
  expect(schemeOfEcosystem('Debian:12')?.name).toBe('deb');
  expect(schemeOfEcosystem('Rocky Linux:9')?.name).toBe('rpm');
  expect(schemeOfEcosystem('Packagist:https://packages.drupal.org/8')?.name).toBe('composer');
  expect(schemeOfEcosystem('OSS-Fuzz')).toBeUndefined();
  expect(() => schemeNamed('constructor')).toThrow(/unknown version scheme/u);
  const types = schemes.flatMap((scheme) => scheme.purlTypes);
  const ecosystems = schemes.flatMap((scheme) => scheme.osvEcosystems);
  expect(new Set(types).size).toBe(types.length);
  expect(new Set(ecosystems).size).toBe(ecosystems.length);
});
