import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importAdvisories } from '../../../src/advisories/import.ts';
import { parseEpss, parseKev, signalsFile } from '../../../src/advisories/signals.ts';
import { advisories } from '../../../src/scan/dependencies/advisories.ts';
import { lockfiles } from '../../../src/scan/dependencies/lockfiles.ts';
import type { EngineOutput } from '../../../src/scan/engine.ts';
import { temporaryFolder } from '../../gate/support.ts';
import { treeOf } from '../../sbom/trees.ts';
import { BAD, database, FRESH, GOOD, service } from './support.ts';

const excluded = () => false;

async function lookUp(
  files: Record<string, string>,
  folder: string | undefined,
  options = {},
): Promise<EngineOutput> {
  return await advisories.run({
    tree: treeOf(files),
    options: await advisories.parseOptions(options),
    excluded,
    advisories: folder,
  });
}

async function readLocks(files: Record<string, string>, options = {}): Promise<EngineOutput> {
  return await lockfiles.run({
    tree: treeOf(files),
    options: await lockfiles.parseOptions(options),
    excluded,
  });
}

const rules = ({ hits }: EngineOutput) => hits.map(({ rule }) => rule);
const codes = ({ problems }: EngineOutput) => problems.map(({ code }) => code);

describe('looking components up', () => {
  it('finds one vulnerability under all its names, with the way and the fix', async () => {
    const output = await lookUp(service(BAD), await database());
    expect(output.hits).toEqual([
      expect.objectContaining({
        rule: 'vulnerable-dependency',
        severity: 'critical',
        score: 10,
        message: 'deep 1.0.1: CVE-2026-1001, About deep (shop > lib 1.0.0 > deep 1.0.1)',
        context: 'pkg:npm/deep CVE-2026-1001',
      }),
    ]);
    expect(output.hits[0]?.advisory?.aliases).toEqual(['GHSA-aaaa-bbbb-cccc']);
    expect(output.data?.updated).toBe(FRESH);
    expect(codes(output)).toEqual([]);
  });

  it('names who stands in the way of the fix', async () => {
    const { hits } = await lookUp(service(BAD, '~1.0.0 <1.0.3'), await database());
    expect(hits[0]?.help).toBe(
      'Update lib 1.0.0 to a version that brings deep 1.0.5: lib 1.0.0 asks for ~1.0.0 <1.0.3.',
    );
  });

  it('calls a malicious package critical, whatever its advisory rates', async () => {
    const output = await lookUp(service({ ...GOOD, evil: '1.0.0' }), await database());
    expect(rules(output)).toEqual(['malicious-package']);
    expect(output.hits[0]?.severity).toBe('critical');
  });

  it('reports a version that cannot be read', async () => {
    const output = await lookUp(service({ ...GOOD, deep: 'main' }), await database());
    expect(rules(output)).toEqual(['vulnerability-undecided']);
  });

  it('reports a service of two lockfiles once for each of them', async () => {
    const [one, two] = [service(BAD), service(BAD)];
    const files = {
      ...one,
      ...Object.fromEntries(Object.entries(two).map(([path, text]) => [`b/${path}`, text])),
    };
    const { hits } = await lookUp(files, await database());
    expect(hits.map(({ places }) => places.map(({ path }) => path))).toEqual([
      ['b/package-lock.json'],
      ['package-lock.json'],
    ]);
  });

  it.each([undefined, '/nowhere'])('does not look without a database (%s), and says so', async (folder) => {
    const output = await lookUp(service(BAD), folder);
    expect(output.idle?.code).toBe('SP-ADVISORIES-MISSING');
    expect(output.looked.files).toBe(0);
    await expect(lookUp(service(BAD), folder, { vulnerabilities: 'required' })).rejects.toMatchObject({
      code: 'SP-ADVISORIES-MISSING',
    });
  });

  it('knows nothing of an ecosystem without an index', async () => {
    const output = await lookUp(service(GOOD), await database(['Maven']));
    expect(codes(output)).toEqual(['SP-ADVISORIES-ECOSYSTEM']);
    expect(output.problems[0]?.next).toBe('sallyport advisories update --ecosystem npm');
  });

  it('takes only an accepted index or database', async () => {
    const folder = await database();
    const refused = await lookUp(service(GOOD), folder, { indexDigests: ['0'.repeat(64)] });
    expect(codes(refused)).toEqual(['SP-ADVISORIES-DIGEST']);
    const digest = /sha256:([0-9a-f]{64})/u.exec(refused.data?.source ?? '')?.[1] ?? '';
    expect(codes(await lookUp(service(GOOD), folder, { indexDigests: [digest] }))).toEqual([]);
  });

  it('refuses an index of which a byte has changed', async () => {
    const folder = await database();
    const file = join(folder, 'npm.advisories');
    const bytes = readFileSync(file);
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    await expect(lookUp(service(BAD), folder)).rejects.toMatchObject({ code: 'SP-ADVISORIES-DAMAGED' });
  });

  it('counts an ecosystem in which nothing happens as old as what was imported with it', async () => {
    const folder = temporaryFolder();
    const record = (id: string, ecosystem: string, modified: string) =>
      JSON.stringify({ id, modified, affected: [{ package: { ecosystem, name: 'z' }, versions: ['1'] }] });
    writeFileSync(
      join(folder, 'a.ndjson'),
      [record('A-1', 'npm', '2026-05-01T00:00:00Z'), record('A-2', 'Pub', '2026-05-29T00:00:00Z')].join('\n'),
    );
    await importAdvisories([join(folder, 'a.ndjson')], join(folder, 'index'));
    expect((await lookUp(service(GOOD), join(folder, 'index'))).data?.updated).toBe('2026-05-29T00:00:00Z');
  });

  it('adds what is known of attacks', async () => {
    const folder = await database();
    const epss = parseEpss(
      Buffer.from(
        '#model_version:v2026,score_date:2026-05-30\ncve,epss,percentile\nCVE-2026-1001,0.9,0.99\n',
      ),
      'epss.csv',
    );
    const kev = parseKev(Buffer.from('{"vulnerabilities":[{"cveID":"CVE-2026-1001"}]}'), 'kev.json');
    const { name, content } = signalsFile({ epss, kev });
    writeFileSync(join(folder, name), content);
    expect((await lookUp(service(BAD), folder)).hits[0]?.advisory).toMatchObject({
      epss: 0.9,
      exploited: true,
    });
    writeFileSync(join(folder, name), content.replace('0.9', '0.1'));
    await expect(lookUp(service(BAD), folder)).rejects.toMatchObject({ code: 'SP-ADVISORIES-DAMAGED' });
  });

  it.each([
    ['epss', () => parseEpss(Buffer.from('cve,epss\nCVE-2026-1001,2\n'), 'x')],
    ['epss', () => parseEpss(Buffer.from('a,b\n'), 'x')],
    ['epss', () => parseEpss(Buffer.from([0x1f, 0x8b, 1]), 'x')],
    ['kev', () => parseKev(Buffer.from('{"vulnerabilities":[{"cveID":"x"}]}'), 'x')],
    ['kev', () => parseKev(Buffer.from('{'), 'x')],
  ])('refuses a list of %s that is none', (_name, read) => {
    expect(read).toThrow(expect.objectContaining({ code: 'SP-SIGNALS' }));
  });
});

describe('reading lockfiles', () => {
  it('gives the bill of materials, and looks at a manifest that needs no lockfile', async () => {
    const output = await readLocks(service(GOOD));
    expect(output.bom?.components.map(({ name }) => name).sort()).toEqual(['deep', 'lib', 'shop']);
    expect(rules(output)).toEqual([]);
    expect((await readLocks({ 'package.json': '{"name":"x"}' })).looked.files).toBe(1);
  });

  it('finds a missing lockfile, an entry without a digest, and a host that is not listed', async () => {
    expect(rules(await readLocks({ 'package.json': '{"dependencies":{"a":"1"}}' }))).toEqual([
      'lockfile-missing',
    ]);
    const bare = service(GOOD);
    bare['package-lock.json'] = bare['package-lock.json']?.replace(/"integrity": "[^"]*"/u, '"x": 1') ?? '';
    expect(rules(await readLocks(bare))).toEqual(['lock-entry-without-integrity']);
    const output = await readLocks(service(GOOD), { allowedHosts: ['npm.example.com'] });
    expect(rules(output)).toEqual(['lock-entry-foreign-host', 'lock-entry-foreign-host']);
  });
});
