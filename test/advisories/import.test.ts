import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AdvisoryDatabase } from '../../src/advisories/database.ts';
import { importAdvisories } from '../../src/advisories/import.ts';
import { SallyportError } from '../../src/model/error.ts';
import { affected, record, zip } from './make.ts';

let folder: string;
let index: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'advisories-'));
  index = join(folder, 'index');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function put(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function withDatabase<T>(use: (database: AdvisoryDatabase) => T | Promise<T>): Promise<T> {
  const database = new AdvisoryDatabase(index);
  try {
    return await use(database);
  } finally {
    database.close();
  }
}

const idsOf = (ecosystem: string, name: string) =>
  withDatabase((database) => database.find({ ecosystem, name })?.map(({ id }) => id) ?? null);

const json = (...args: Parameters<typeof record>) => JSON.stringify(record(...args));

test('a folder, an archive and a file of lines give the same', async () => {
  const records = ['A-1', 'A-2', 'A-3'].map((id) => json(id));
  const tree = join(folder, 'tree');
  await mkdir(join(tree, 'deep'), { recursive: true });
  await Promise.all(
    records.map((text, i) => writeFile(join(tree, i === 0 ? 'deep' : '.', `${i}.json`), text)),
  );
  await writeFile(join(tree, 'README.md'), 'no record');
  await symlink('/etc/hostname', join(tree, 'link.json'));
  const sources = [
    tree,
    await put('all.zip', zip(records.map((content, i) => ({ name: `x/${i}.json`, content })))),
    await put('all.ndjson', `${records.join('\r\n')}\n\n`),
  ];
  const digests: string[] = [];
  for (const source of sources) {
    expect(await importAdvisories([source], index)).toEqual({
      records: 3,
      unpackaged: 0,
      ecosystems: ['PyPI'],
    });
    expect(await idsOf('PyPI', 'Demo')).toEqual(['A-1', 'A-2', 'A-3']);
    digests.push(await withDatabase((database) => database.info('PyPI')?.sources[0]?.sha256 ?? ''));
  }
  expect(new Set(digests).size).toBe(1);
});

test('info tells counts, the newest change and a digest', async () => {
  const source = await put(
    'all.ndjson',
    [
      json('A-1', { modified: '2024-06-01T00:00:00Z' }),
      json('A-2', {
        modified: '2024-06-01T00:00:00.5Z',
        affected: [
          affected('PyPI', 'other', { introduced: '0' }),
          affected('npm', 'other', { introduced: '0' }),
        ],
      }),
      json('A-3', { withdrawn: '2024-01-01T00:00:00Z' }),
    ].join('\n'),
  );
  await importAdvisories([source], index);
  const { ecosystems, digest } = await withDatabase((database) => database.all());
  expect(ecosystems).toMatchObject([
    {
      ecosystem: 'PyPI',
      advisories: 2,
      packages: 2,
      withdrawn: 1,
      newest: '2024-06-01T00:00:00.5Z',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/u),
    },
    { ecosystem: 'npm', advisories: 1, packages: 1, withdrawn: 0 },
  ]);
  expect(digest).toMatch(/^[0-9a-f]{64}$/u);
  expect(await idsOf('PyPI', 'demo')).toEqual(['A-1']);
  expect(await idsOf('RubyGems', 'demo')).toBeNull();
});

test('a record that names no package is counted, not passed over in silence', async () => {
  const ranges = [{ type: 'GIT', repo: 'https://github.com/o/a', events: [{ introduced: '0' }] }];
  const lines = [json('A-1'), json('A-2', { affected: [{ ranges }] })];
  const source = await put('all.ndjson', lines.join('\n'));
  expect(await importAdvisories([source], index)).toEqual({
    records: 2,
    unpackaged: 1,
    ecosystems: ['PyPI'],
  });
});

test('the same records give the same bytes', async () => {
  const one = await put('1.ndjson', `${json('A-1')}\n${json('A-2')}`);
  const bytes = () => readFile(join(index, 'PyPI.advisories'));
  await importAdvisories([one], index);
  const first = await bytes();
  await put('1.ndjson', `${json('A-2')}\n${json('A-1')}`);
  await importAdvisories([one], index);
  expect((await bytes()).equals(first)).toBe(true);
});

test('of an advisory that two sources have, the newest edition counts, also where it is withdrawn', async () => {
  const old = await put(
    'old.ndjson',
    `${json('A-1')}\n${json('A-2')}\n${json('A-3', { modified: '2025-01-01T00:00:00Z' })}`,
  );
  const fresh = await put(
    'new.ndjson',
    `${json('A-1', { modified: '2024-07-01T00:00:00Z', summary: 'newer' })}\n${json('A-2', { modified: '2024-07-01T00:00:00Z', withdrawn: '2024-07-01T00:00:00Z' })}\n${json('A-3', { summary: 'older' })}`,
  );
  await importAdvisories([old, fresh], index);
  const found = await withDatabase((database) => database.find({ ecosystem: 'PyPI', name: 'demo' }));
  expect(found?.map(({ id, summary }) => [id, summary])).toEqual([
    ['A-1', 'newer'],
    ['A-3', 'About A-3'],
  ]);
});

test('releases of a distribution are kept apart', async () => {
  const source = await put(
    'all.ndjson',
    json('D-1', {
      affected: [
        affected('Debian:12', 'curl', { introduced: '0' }),
        affected('Debian:11', 'curl', { introduced: '1' }),
      ],
    }),
  );
  await importAdvisories([source], index);
  const found = (ecosystem: string) => withDatabase((database) => database.find({ ecosystem, name: 'curl' }));
  expect(await found('Debian:12')).toHaveLength(1);
  expect(await found('Debian')).toHaveLength(2);
  expect(await found('Debian:13')).toEqual([]);
});

test('many packages in many blocks are all found', async () => {
  const lines = Array.from({ length: 3000 }, (_, i) =>
    json(`A-${i}`, { affected: [affected('npm', `p${i}`, { introduced: '0' })], details: 'x'.repeat(200) }),
  );
  await importAdvisories([await put('all.ndjson', lines.join('\n'))], index);
  await withDatabase((database) => {
    for (let i = 0; i < 3000; i++) {
      expect(database.find({ ecosystem: 'npm', name: `p${i}` })?.map(({ id }) => id)).toEqual([`A-${i}`]);
    }
    expect(database.find({ ecosystem: 'npm', name: 'none' })).toEqual([]);
  });
});

/** Sources that must change nothing. */
const hostile: [string, string, string | Buffer, RegExp][] = [
  ['no JSON', 'a.ndjson', `${json('A-1')}\n{"id":`, /a\.ndjson:2/u],
  ['no record', 'a.ndjson', '[]', /a\.ndjson:1/u],
  ['an id with spaces', 'a.ndjson', json('A 1'), /a\.ndjson:1/u],
  ['a time that is none', 'a.ndjson', json('A-1', { modified: 'yesterday' }), /modified/u],
  [
    'an event of two kinds',
    'a.ndjson',
    json('A-1', { affected: [affected('PyPI', 'x', { introduced: '0', fixed: '1' })] }),
    /one of introduced/u,
  ],
  [
    'an unknown range',
    'a.ndjson',
    json('A-1', { affected: [{ package: { ecosystem: 'PyPI', name: 'x' }, ranges: [{ type: 'X' }] }] }),
    /SEMVER/u,
  ],
  [
    'an ecosystem that is a path',
    'a.ndjson',
    json('A-1', { affected: [affected('../../etc/x', 'x', { introduced: '0' })] }),
    /ecosystem/u,
  ],
  ['bytes that are no text', 'a.ndjson', Buffer.from([0x7b, 0xff, 0x7d]), /UTF-8/u],
  ['nothing at all', 'a.ndjson', '', /at least one/u],
  ['a line without end', 'a.ndjson', 'x'.repeat(17 * 1024 * 1024), /lines of at most/u],
  ['a kind of file that is not known', 'a.txt', json('A-1'), /a folder, a \.zip/u],
  ['an archive that is none', 'a.zip', 'PK nothing', /whole zip/u],
  [
    'an archive cut short',
    'a.zip',
    zip([{ name: 'a.json', content: json('A-1') }]).subarray(0, 150),
    /whole zip/u,
  ],
  ['a name that leads out', 'a.zip', zip([{ name: '../a.json', content: json('A-1') }]), /stay inside/u],
  ['an absolute name', 'a.zip', zip([{ name: '/a.json', content: json('A-1') }]), /stay inside/u],
  [
    'a name twice',
    'a.zip',
    zip([
      { name: 'a.json', content: json('A-1') },
      { name: 'a.json', content: json('A-1') },
    ]),
    /each name once/u,
  ],
  ['a bomb', 'a.zip', zip([{ name: 'a.json', content: ' '.repeat(15_000_000) }]), /200 to 1/u],
  [
    'an entry that is too large',
    'a.zip',
    zip([{ name: 'a.json', content: 'x', claim: { size: 2 ** 31 } }]),
    /at most/u,
  ],
  [
    'an entry larger than it says',
    'a.zip',
    zip([{ name: 'a.json', content: json('A-1'), claim: { size: 10 } }]),
    /can be unpacked/u,
  ],
  [
    'a wrong checksum',
    'a.zip',
    zip([{ name: 'a.json', content: json('A-1'), claim: { crc: 1 } }]),
    /can be unpacked/u,
  ],
  [
    'another packing',
    'a.zip',
    zip([{ name: 'a.json', content: json('A-1'), claim: { method: 12 } }]),
    /can be unpacked/u,
  ],
  [
    'an encrypted entry',
    'a.zip',
    zip([{ name: 'a.json', content: json('A-1'), claim: { flags: 1 } }]),
    /not encrypted/u,
  ],
];

describe.each(hostile)('%s', (_, name, content, expected) => {
  test('ends the import, and the old index stays', async () => {
    await importAdvisories([await put('good.ndjson', json('OLD-1'))], index);
    const before = await readdir(index);
    const thrown = await importAdvisories(
      [await put('first.ndjson', json('NEW-1')), await put(name, content)],
      index,
    ).then(
      () => null,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(SallyportError);
    const { problem } = thrown as SallyportError;
    expect(`${problem.message} ${problem.expected} ${problem.place?.path}`).toMatch(expected);
    expect(await readdir(index)).toEqual(before);
    expect(await idsOf('PyPI', 'demo')).toEqual(['OLD-1']);
  });
});

test('a flipped byte anywhere is found, or changes nothing', async () => {
  const lines = Array.from({ length: 40 }, (_, i) =>
    json(`A-${i}`, { affected: [affected('npm', `p${i}`, { introduced: '0' })] }),
  );
  await importAdvisories([await put('all.ndjson', lines.join('\n'))], index);
  const path = join(index, 'npm.advisories');
  const good = await readFile(path);
  const answers = () =>
    withDatabase((database) => {
      const all = [];
      for (let i = 0; i < 40; i++) all.push(database.find({ ecosystem: 'npm', name: `p${i}` }));
      return JSON.stringify(all);
    });
  const expected = await answers();
  let found = 0;
  for (let at = 0; at < good.length; at += 7) {
    const bad = Buffer.from(good);
    bad[at] = (bad[at] ?? 0) ^ 0x20;
    await writeFile(path, bad);
    try {
      expect(await answers()).toBe(expected);
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'SP-ADVISORIES-DAMAGED' });
      found++;
    }
  }
  expect(found).toBeGreaterThan((good.length / 7) * 0.9);
  for (const length of [0, 10, 100, good.length - 1, good.length - 200]) {
    await writeFile(path, good.subarray(0, length));
    await expect(answers()).rejects.toMatchObject({ code: 'SP-ADVISORIES-DAMAGED' });
  }
});

test('an index under the name of another ecosystem is refused', async () => {
  await importAdvisories([await put('all.ndjson', json('A-1'))], index);
  await writeFile(join(index, 'npm.advisories'), await readFile(join(index, 'PyPI.advisories')));
  await expect(idsOf('npm', 'demo')).rejects.toMatchObject({ code: 'SP-ADVISORIES-DAMAGED' });
});
