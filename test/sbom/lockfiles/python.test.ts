import { describe, expect, it } from 'vitest';
import { Reverse } from '../../../src/sbom/paths.ts';
import { lockedIn, lockedOf, summary } from '../trees.ts';

const hashes = `    --hash=sha256:${'a'.repeat(64)}`;

describe('lockfiles of Python', () => {
  it('uv.lock: workspace, extra, group', async () => {
    const tree = await lockedIn('python/uv');
    const found = summary(tree);
    expect(tree.problems).toEqual([]);
    expect(found).toContain('pkg:pypi/shop-lib@0.2.0#lib runtime true');
    expect(found).toContain('pkg:pypi/attrs@23.1.0 runtime true');
    expect(found).toContain('pkg:pypi/pyyaml@6.0.1 optional true');
    expect(found.some((one) => /^pkg:pypi\/pytest@7\.4\.3 development true$/u.test(one))).toBe(true);
    expect(tree.bom.components.find((one) => one.name === 'click')?.hashes.length).toBeGreaterThan(1);
    const pysocks = tree.bom.components.find((one) => one.name === 'pysocks');
    expect(new Reverse(tree.bom).shortest(pysocks?.ref ?? '')?.[1]).toBe('pkg:pypi/requests@2.31.0');
  });

  it('poetry.lock: groups, extras', async () => {
    const tree = await lockedIn('python/poetry');
    const found = summary(tree);
    expect(tree.problems).toEqual([]);
    expect(found).toContain('pkg:pypi/requests@2.31.0 runtime true');
    expect(found).toContain('pkg:pypi/pyyaml@6.0.1 optional true');
    expect(found).toContain('pkg:pypi/pytest@7.4.3 development true');
    expect(found.some((one) => one.startsWith('pkg:pypi/urllib3@') && one.endsWith('runtime false'))).toBe(
      true,
    );
  });

  it('Pipfile.lock: sections, and what the Pipfile names', async () => {
    const found = summary(await lockedIn('python/pipenv'));
    expect(found).toContain('pkg:pypi/click@8.1.7 runtime true');
    expect(found).toContain('pkg:pypi/pytest@7.4.3 development true');
    expect(found.filter((one) => one.endsWith('runtime false')).length).toBeGreaterThan(3);
  });

  it('requirements.txt of uv pip compile: the graph from its comments', async () => {
    const tree = await lockedIn('python/requirements');
    expect(tree.findings).toEqual([]);
    const found = summary(tree);
    expect(found).toContain('pkg:pypi/requests@2.31.0 runtime true');
    const idna = tree.bom.components.find((one) => one.name === 'idna');
    expect(idna?.direct).toBe(false);
    expect(new Reverse(tree.bom).shortest(idna?.ref ?? '')?.slice(1)).toEqual([
      'pkg:pypi/requests@2.31.0',
      idna?.ref,
    ]);
  });

  it('requirements.txt: includes, constraints, continued lines, addresses, what is not pinned', async () => {
    const tree = await lockedOf({
      'requirements.txt': `-r base.txt\n-c constraints.txt\nflask==2.0.0 \\\n${hashes}\nrich>=10 ; python_version > "3"\nhttps://example.com/x/thing-1.0-py3-none-any.whl\n`,
      'base.txt': 'attrs\n# a comment\nsix==1.16.0 # why\n',
      'constraints.txt': 'attrs==23.1.0\n',
    });
    const found = summary(tree);
    expect(found).toContain('pkg:pypi/attrs@23.1.0 runtime true');
    expect(found).toContain('pkg:pypi/six@1.16.0 runtime true');
    expect(found).toContain('pkg:pypi/rich runtime true');
    expect(found).toContain('pkg:pypi/thing runtime true');
    expect(
      tree.findings.map(
        (one) => `${one.rule} ${one.place.path}:${one.place.line ?? ''} ${one.component ?? ''}`,
      ),
    ).toEqual([
      'lock-entry-unresolved requirements.txt:5 pkg:pypi/rich',
      'lock-entry-without-integrity requirements.txt:5 pkg:pypi/rich',
      'lockfile-without-integrity base.txt:1 ',
      'lock-entry-foreign-host requirements.txt:6 pkg:pypi/thing',
    ]);
  });

  it('requirements.txt: no digest at all is one finding, and one that is left out is its own', async () => {
    const digest = `--hash=sha256:${'a'.repeat(64)}`;
    const found = async (text: string) =>
      (await lockedOf({ 'requirements.txt': text })).findings.map(
        ({ rule, message, place, context, component }) => [rule, message, place.line, component ?? context],
      );
    expect(await found('a==1\nb==2\nc==3\n')).toEqual([
      [
        'lockfile-without-integrity',
        'none of its 3 entries has a digest, from pkg:pypi/a@1 on',
        1,
        'no entry has a digest',
      ],
    ]);
    expect(await found(`a==1\nb==2 ${digest}\nc==3\n`)).toEqual(
      ['pkg:pypi/a@1', 'pkg:pypi/c@3'].map((ref, at) => [
        'lock-entry-without-integrity',
        `${ref} is locked without a digest`,
        at * 2 + 1,
        ref,
      ]),
    );
    expect(await found(`a==1 ${digest}\nb==2 ${digest}\n`)).toEqual([]);
  });

  it('requirements.txt: an include that leads outside is a problem, a circle ends', async () => {
    const tree = await lockedOf({
      'requirements.txt': '-r ../../etc/passwd\n-r requirements.txt\n-r a.txt\n',
      'a.txt': '-r requirements.txt\nsix==1.16.0\n',
    });
    expect(tree.problems).toHaveLength(1);
    expect(summary(tree)).toContain('pkg:pypi/six@1.16.0 runtime true');
  });

  it('pdm.lock: extras stand twice and are one component', async () => {
    const file = (hash: string) => `files = [{file = "x.whl", hash = "sha256:${hash.repeat(64)}"}]`;
    const tree = await lockedOf({
      'pyproject.toml':
        '[project]\nname = "shop"\nversion = "1"\ndependencies = ["requests[socks]==2.31.0"]\n',
      'pdm.lock': `[metadata]\nlock_version = "4.5.0"\n\n[[package]]\nname = "pysocks"\nversion = "1.7.1"\n${file('a')}\n\n[[package]]\nname = "requests"\nversion = "2.31.0"\ndependencies = []\n${file('b')}\n\n[[package]]\nname = "requests"\nversion = "2.31.0"\nextras = ["socks"]\ndependencies = ["PySocks!=1.5.7,>=1.5.6", "requests==2.31.0"]\n${file('b')}\n`,
    });
    expect(summary(tree)).toEqual([
      'pkg:pypi/pysocks@1.7.1 runtime false',
      'pkg:pypi/requests@2.31.0 runtime true',
      'pkg:pypi/shop@1 runtime false',
    ]);
    expect(tree.findings).toEqual([]);
  });
});
