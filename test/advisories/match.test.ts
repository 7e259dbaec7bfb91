import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AdvisoryDatabase } from '../../src/advisories/database.ts';
import { importAdvisories } from '../../src/advisories/import.ts';
import type { Entry } from '../../src/advisories/index-format.ts';
import { matchAll, matchEntries, type Question } from '../../src/advisories/match.ts';
import type { OsvEvent } from '../../src/advisories/osv.ts';
import { normalName, packageNameOf } from '../../src/advisories/package-key.ts';
import { parsePurl } from '../../src/versions/purl.ts';
import { affected, record } from './make.ts';

function entry(id: string, events: OsvEvent[], more: Partial<Entry> = {}): Entry {
  return {
    id,
    modified: '2024-01-01T00:00:00Z',
    aliases: [],
    upstream: [],
    summary: `About ${id}`,
    rating: null,
    severity: [],
    ecosystem: 'npm',
    ranges: [{ type: 'SEMVER', events }],
    versions: [],
    ...more,
  };
}

function ask(version: string | undefined): Question {
  return { package: { ecosystem: 'npm', name: 'demo' }, version };
}

const all: OsvEvent[] = [{ introduced: '0' }];

test('records of one vulnerability are one match, also by way of a third', () => {
  const entries = [
    entry('PYSEC-1', [{ introduced: '0' }, { fixed: '1.5.0' }], { aliases: ['CVE-1'] }),
    entry('GHSA-1', [{ introduced: '0' }, { fixed: '1.6.0' }], { aliases: ['OTHER-1'] }),
    entry('OTHER-1', all, {
      aliases: ['CVE-1'],
      ranges: [{ type: 'SEMVER', events: [{ introduced: '9.0.0' }] }],
    }),
    entry('GHSA-2', all),
  ];
  expect(matchEntries(entries, ask('1.0.0'))).toMatchObject([
    { id: 'GHSA-1', aliases: ['CVE-1', 'OTHER-1', 'PYSEC-1'], state: 'affected', fixed: '1.6.0' },
    { id: 'GHSA-2', aliases: [], state: 'affected', fixed: null },
  ]);
});

test('malicious packages come first', () => {
  expect(
    matchEntries([entry('GHSA-1', all), entry('MAL-1', all), entry('CVE-1', all)], ask('1.0.0')).map(
      ({ id }) => id,
    ),
  ).toEqual(['MAL-1', 'CVE-1', 'GHSA-1']);
});

test('one that cannot tell is not outvoted by those that say no', () => {
  const entries = [
    entry('GHSA-1', [{ introduced: '5.0.0' }], { aliases: ['CVE-1'] }),
    entry('OTHER-1', [{ introduced: 'garbage' }], { aliases: ['CVE-1'] }),
  ];
  expect(matchEntries(entries, ask('1.0.0'))).toMatchObject([
    { id: 'OTHER-1', state: 'unknown', reason: expect.stringContaining('garbage') },
  ]);
  expect(matchEntries(entries, ask('6.0.0'))).toMatchObject([{ id: 'GHSA-1', state: 'affected' }]);
});

test('a version that is missing or unreadable is unknown for every advisory', () => {
  for (const version of [undefined, 'main']) {
    expect(
      matchEntries([entry('GHSA-1', all), entry('GHSA-2', [{ introduced: '5.0.0' }])], ask(version)),
    ).toMatchObject([
      { id: 'GHSA-1', state: 'unknown' },
      { id: 'GHSA-2', state: 'unknown' },
    ]);
  }
});

test('severities of all records are kept once', () => {
  const cvss = { type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' };
  const entries = [
    entry('GHSA-1', all, { aliases: ['CVE-1'], severity: [cvss], rating: 'CRITICAL' }),
    entry('CVE-1', all, { severity: [cvss] }),
  ];
  expect(matchEntries(entries, ask('1.0.0'))).toMatchObject([
    { id: 'CVE-1', severity: [cvss], rating: 'CRITICAL' },
  ]);
});

test.each([
  ['pkg:npm/%40angular/core@1', { ecosystem: 'npm', name: '@angular/core' }],
  [
    'pkg:maven/org.apache.logging.log4j/log4j-core@2',
    { ecosystem: 'Maven', name: 'org.apache.logging.log4j:log4j-core' },
  ],
  ['pkg:golang/github.com/gorilla/mux@v1', { ecosystem: 'Go', name: 'github.com/gorilla/mux' }],
  ['pkg:golang/stdlib@1.21.0', { ecosystem: 'Go', name: 'stdlib' }],
  ['pkg:pypi/django@1', { ecosystem: 'PyPI', name: 'django' }],
  ['pkg:githubactions/actions/checkout@v4', { ecosystem: 'GitHub Actions', name: 'actions/checkout' }],
  ['pkg:deb/debian/curl@1', { ecosystem: 'Debian', name: 'curl' }],
  ['pkg:rpm/rocky-linux/curl@1', { ecosystem: 'Rocky Linux', name: 'curl' }],
  ['pkg:deb/mint/curl@1', undefined],
  ['pkg:docker/alpine@3', undefined],
])('%s is filed in OSV', (text, expected) => {
  expect(packageNameOf(parsePurl(text))).toEqual(expected);
});

test('names are compared as their registry does', () => {
  expect(normalName({ ecosystem: 'PyPI', name: 'Zope.Interface_X--y' })).toBe('zope-interface-x-y');
  expect(normalName({ ecosystem: 'NuGet', name: 'Newtonsoft.Json' })).toBe('newtonsoft.json');
  expect(normalName({ ecosystem: 'Go', name: 'github.com/Azure/x' })).toBe('github.com/Azure/x');
});

test('packages are answered in the order asked, and those of no known ecosystem are not clean', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'match-'));
  const database = new AdvisoryDatabase(join(folder, 'index'));
  try {
    const source = join(folder, 'all.ndjson');
    const lines = ['a', 'b', 'c'].map((name) =>
      JSON.stringify(
        record(`A-${name}`, { affected: [affected('PyPI', name, { introduced: '0' }, { fixed: '2.0' })] }),
      ),
    );
    await writeFile(source, lines.join('\n'));
    await importAdvisories([source], join(folder, 'index'));
    const asked = ['c', 'a', 'x', 'b', 'a'].map((name, i) => ({
      package: { ecosystem: 'PyPI', name },
      version: i === 4 ? '2.0' : '1.0',
    }));
    const outcomes = matchAll(database, [
      ...asked,
      { package: { ecosystem: 'npm', name: 'a' }, version: '1.0.0' },
    ]);
    expect(outcomes.map(({ known, matches }) => [known, matches.map(({ id }) => id).join()])).toEqual([
      [true, 'A-c'],
      [true, 'A-a'],
      [true, ''],
      [true, 'A-b'],
      [true, ''],
      [false, ''],
    ]);
  } finally {
    database.close();
    await rm(folder, { recursive: true, force: true });
  }
});
