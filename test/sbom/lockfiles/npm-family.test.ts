import { describe, expect, it } from 'vitest';
import { Reverse } from '../../../src/sbom/paths.ts';
import { filesIn, lockedIn, lockedOf, summary } from '../trees.ts';

/** The same three packages (a workspace of two and its root), locked by every tool and version. */
const SAME = ['npm2', 'npm3', 'shrink', 'yarn1', 'pnpm6', 'pnpm7', 'pnpm8', 'pnpm9', 'bun'];

describe('lockfiles of the npm family', async () => {
  const expected = summary(await lockedIn('npm/npm3'));

  it.each(SAME)('%s: the same components, scopes and directness as every other tool', async (folder) => {
    const tree = await lockedIn(`npm/${folder}`);
    expect(tree.problems).toEqual([]);
    expect(tree.findings).toEqual([]);
    expect(summary(tree)).toEqual(expected);
  });

  it.each(['yarn3', 'yarn4'])(
    '%s: the same, and node-gyp, which Yarn adds for packages that build',
    async (folder) => {
      const tree = await lockedIn(`npm/${folder}`);
      const found = summary(tree);
      expect(expected.filter((one) => !found.includes(one))).toEqual([]);
      const more = tree.bom.components.filter(
        (one) => !expected.some((line) => line.startsWith(`${one.ref} `)),
      );
      expect(more.map((one) => one.scope)).toEqual(more.map(() => 'optional'));
      const reverse = new Reverse(tree.bom);
      expect(more.length).toBeGreaterThan(5);
      for (const one of more)
        expect(reverse.shortest(one.ref)?.join(' ')).toMatch(/fsevents@2\.3\.2 pkg:npm\/node-gyp@/u);
    },
  );

  it('knows what there is: three services, an alias, two versions of one package, scopes', () => {
    expect(expected).toHaveLength(37);
    expect(expected).toContain('pkg:npm/shop@1.0.0 runtime false');
    expect(expected).toContain('pkg:npm/%40shop/lib@2.0.0#packages/lib runtime true');
    expect(expected).toContain('pkg:npm/lodash@4.17.20 runtime true');
    expect(expected).toContain('pkg:npm/ms@2.0.0 runtime true');
    expect(expected).toContain('pkg:npm/ms@2.1.2 development false');
    expect(expected).toContain('pkg:npm/left-pad@1.3.0 development true');
    expect(expected).toContain('pkg:npm/fsevents@2.3.2 optional true');
  });

  it('package-lock 1: the root from package.json, nested entries, an alias', async () => {
    const tree = await lockedIn('npm/npm1');
    const found = summary(tree);
    expect(found).toContain('pkg:npm/lodash@4.17.20 runtime true');
    expect(found).toContain('pkg:npm/semver@7.5.4 development true');
    expect(found).toContain('pkg:npm/chalk@2.4.2 runtime false');
    expect(new Reverse(tree.bom).shortest('pkg:npm/chalk@2.4.2')).toEqual([
      'pkg:npm/shop@1.0.0',
      'pkg:npm/%40babel/code-frame@7.22.5',
      'pkg:npm/%40babel/highlight@7.25.9',
      'pkg:npm/chalk@2.4.2',
    ]);
  });

  it('gives line, licence, digest and source of an entry', async () => {
    const { bom } = await lockedIn('npm/npm3');
    const chalk = bom.components.find((one) => one.ref === 'pkg:npm/chalk@4.1.2');
    const text = filesIn('npm/npm3')['package-lock.json']?.toString('utf8').split('\n') ?? [];
    expect(text[(chalk?.places[0]?.line ?? 0) - 1]).toContain('"node_modules/chalk"');
    expect(chalk?.licenses).toEqual(['MIT']);
    expect(chalk?.hashes).toEqual([
      { algorithm: 'SHA-512', content: expect.stringMatching(/^[0-9a-f]{128}$/u) },
    ]);
    expect(chalk?.rest?.externalReferences).toEqual([
      { type: 'distribution', url: 'https://registry.npmjs.org/chalk/-/chalk-4.1.2.tgz' },
    ]);
  });

  it('finds entries without a digest and from a foreign host', async () => {
    const packages = {
      '': { name: 'a', version: '1.0.0', dependencies: { b: '1', c: '1' } },
      'node_modules/b': { version: '1.0.0', resolved: 'https://registry.npmjs.org/b/-/b-1.0.0.tgz' },
      'node_modules/c': {
        version: '1.0.0',
        resolved: 'https://evil.example/c.tgz',
        integrity: `sha512-${'A'.repeat(86)}==`,
      },
    };
    const { findings } = await lockedOf({
      'package-lock.json': JSON.stringify({ lockfileVersion: 3, packages }, null, 1),
    });
    expect(findings.map((one) => [one.rule, one.component])).toEqual([
      ['lock-entry-without-integrity', 'pkg:npm/b@1.0.0'],
      ['lock-entry-foreign-host', 'pkg:npm/c@1.0.0'],
    ]);
  });
});
