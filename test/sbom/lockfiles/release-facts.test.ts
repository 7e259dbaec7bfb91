import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCycloneDx } from '../../../src/model/cyclonedx/read.ts';
import { writeCycloneDx } from '../../../src/model/cyclonedx/write.ts';
import { buildsFromSource, pseudoVersionTime, timeOf } from '../../../src/sbom/lockfiles/release-facts.ts';
import { filesIn, lockedIn, lockedOf } from '../trees.ts';

async function factsOf(files: Record<string, string | Uint8Array>): Promise<Record<string, unknown[]>> {
  const { bom } = await lockedOf(files);
  const again = readCycloneDx(
    Buffer.from([...writeCycloneDx(bom, { timestamp: '2026-01-01T00:00:00Z' })].join('')),
    {
      path: 'bom.json',
    },
  );
  return Object.fromEntries(
    again.components.map(({ name, installScripts, deprecated, released }) => [
      name,
      [installScripts, deprecated, released],
    ]),
  );
}

describe('what a lockfile says of a release', () => {
  it('uv: the newest file’s time, and whether it has to be built', async () => {
    const facts = await factsOf(filesIn('python/uv'));
    expect(facts.attrs).toEqual([false, undefined, '2023-04-16T10:48:18.214Z']);
    const file = (name: string, time: string) =>
      `{ url = "https://files.example/${name}", hash = "sha256:${'a'.repeat(64)}", upload-time = "${time}" }`;
    const lock = `version = 1\n[[package]]\nname = "old"\nversion = "1"\nsource = { registry = "https://pypi.org/simple" }\nsdist = ${file('old-1.tar.gz', '2020-01-01T00:00:00Z')}\n`;
    expect(await factsOf({ 'uv.lock': lock })).toMatchObject({
      old: [true, undefined, '2020-01-01T00:00:00.000Z'],
    });
    const added = `${lock}wheels = [${file('old-1-cp313-cp313-linux_x86_64.whl', '2026-11-20T00:00:00Z')}]\n`;
    expect(await factsOf({ 'uv.lock': added })).toMatchObject({
      old: [undefined, undefined, '2026-11-20T00:00:00.000Z'],
    });
  });

  it('pnpm: builds, deprecation, times', async () => {
    const old = (await lockedIn('npm/pnpm8')).bom.components.filter((one) => one.installScripts === true);
    expect(old).toHaveLength(1);
    const lock = `lockfileVersion: '9.0'
time:
  a@1.0.0: '2026-11-20T10:00:00.000Z'
packages:
  a@1.0.0:
    resolution: {integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==}
    deprecated: use b
  b@1.0.0:
    resolution: {integrity: sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==}
`;
    expect(await factsOf({ 'pnpm-lock.yaml': lock })).toMatchObject({
      a: [undefined, true, '2026-11-20T10:00:00.000Z'],
      b: [undefined, false, undefined],
    });
  });

  it('Composer: plug-ins, what is abandoned, times', async () => {
    const entry = (name: string, more: object) => ({
      name,
      version: '1.0.0',
      dist: { reference: 'x' },
      ...more,
    });
    const packages = [
      entry('a/plugin', { type: 'composer-plugin', time: '2026-11-01T12:00:00+02:00' }),
      entry('b/gone', { type: 'library', abandoned: 'c/next' }),
      entry('c/left', { abandoned: true }),
      entry('d/kept', { abandoned: false, time: 'yesterday' }),
    ];
    expect(await factsOf({ 'composer.lock': JSON.stringify({ packages }) })).toMatchObject({
      plugin: [true, false, '2026-11-01T10:00:00.000Z'],
      gone: [false, true, undefined],
      left: [false, true, undefined],
      kept: [false, false, undefined],
    });
  });

  it('Go: the commit of a pseudo-version', () => {
    expect(pseudoVersionTime('v0.0.0-20210921155107-089bfa567519')).toBe('2021-09-21T15:51:07.000Z');
    expect(pseudoVersionTime('v1.2.4-0.20191109021931-daa7c04131f5+incompatible')).toBe(
      '2019-11-09T02:19:31.000Z',
    );
    expect(pseudoVersionTime('v1.2.3')).toBeUndefined();
    expect(pseudoVersionTime('v0.0.0-20219921155107-089bfa567519')).toBeUndefined();
  });

  it('Poetry and PDM: a package without a wheel builds itself', async () => {
    const files = (names: string[]) =>
      names.map((file) => `{ file = "${file}", hash = "sha256:${'a'.repeat(64)}" }`).join(', ');
    const lock = (names: string[]) =>
      `[[package]]\nname = "p"\nversion = "1"\nfiles = [${files(names)}]\n[metadata]\nlock-version = "2.0"\n`;
    for (const path of ['poetry.lock', 'pdm.lock']) {
      expect(await factsOf({ [path]: lock(['p-1.tar.gz']) })).toMatchObject({
        p: [true, undefined, undefined],
      });
      expect(await factsOf({ [path]: lock(['p-1.tar.gz', 'p-1-py3-none-any.whl']) })).toMatchObject({
        p: [false, undefined, undefined],
      });
    }
  });

  it('of two lockfiles that have it the one to be more careful about counts', async () => {
    const lock = (more: object) =>
      JSON.stringify({ packages: [{ name: 'a/b', version: '1.0.0', dist: { reference: 'x' }, ...more }] });
    const facts = await factsOf({
      'x/composer.lock': lock({ time: '2020-01-01T00:00:00Z' }),
      'y/composer.lock': lock({ time: '2026-01-01T00:00:00Z', abandoned: true }),
      'z/composer.lock': lock({ time: '2021-01-01T00:00:00Z' }),
    });
    expect(facts.b).toEqual([false, true, '2026-01-01T00:00:00.000Z']);
  });

  it('takes nothing for a time or a file that is none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const time = timeOf(text);
        if (time !== undefined) expect(new Date(time).toISOString()).toBe(time);
        expect(buildsFromSource([{ file: text }, {}])).toBeUndefined();
      }),
    );
    expect(timeOf('2026-02-31T25:00:00Z')).toBeUndefined();
    expect(buildsFromSource([])).toBeUndefined();
  });
});
