import { createHash } from 'node:crypto';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { changedCheckout } from '../../src/gate/checkout.ts';
import { subjectOf } from '../../src/gate/subject.ts';
import { readVexFiles } from '../../src/gate/vex.ts';
import type { Context } from '../../src/platform/context.ts';
import type { Git } from '../../src/platform/git.ts';
import type { Repository } from '../../src/platform/open-tree.ts';
import { openWorktree } from '../../src/platform/worktree.ts';
import { merged } from '../policy/support.ts';
import { temporaryFolder, testContext } from './support.ts';

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

describe('what a decision is about', () => {
  const [COMMIT, TREE] = ['c'.repeat(40), 'd'.repeat(64)];
  const of = async (
    root: string,
    repository: Repository | null,
    env: Context['env'] = {},
    unwatched = false,
  ) => {
    const tree = await openWorktree(root, null);
    return await subjectOf({ ...tree, unwatched }, repository, env);
  };
  const fake = (head: string | null, changed = false, asked: unknown[] = []): Repository => {
    const git = {
      isChanged: async (ignoring: string) => {
        asked.push(ignoring);
        return changed;
      },
      maybe: async (args: string[]) => {
        asked.push(args.join(' '));
        return head;
      },
    };
    return { git: git as unknown as Git, prefix: 'svc/' };
  };

  it('is the commit and the tree of the folder, where nothing is changed', async () => {
    const root = temporaryFolder();
    const asked: string[] = [];
    const head = `${COMMIT}\n${TREE}`;
    expect((await of(root, fake(head, false, asked))).digest).toEqual({ gitCommit: COMMIT, gitTree: TREE });
    expect(asked).toEqual(['svc/.sallyport', 'rev-parse HEAD^{commit} HEAD:svc']);
    for (const other of [
      fake(head, true),
      fake(null),
      fake(COMMIT),
      fake(`\n${TREE}`),
      fake(`${COMMIT}\nHEAD:svc`),
    ])
      expect(Object.keys((await of(root, other)).digest)).toEqual(['dirHash']);
    // Of a file that git was told not to look at nobody knows whether it changed.
    expect(Object.keys((await of(root, fake(head), {}, true)).digest)).toEqual(['dirHash']);
  });

  it('is called as the runner says, else by its folder', async () => {
    const root = join(temporaryFolder(), 'payments');
    mkdirSync(root);
    const name = async (env: Context['env']) => (await of(root, null, env)).name;
    expect(await name({})).toBe('payments');
    expect(await name({ GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/x' })).toBe('acme/x');
    expect(await name({ GITHUB_ACTIONS: 'true' })).toBe('payments');
    expect(await name({ GITHUB_REPOSITORY: 'acme/x' })).toBe('payments');
  });

  it('is by its content the h1 hash of its files, in order, whatever their size', async () => {
    const root = temporaryFolder();
    const big = Buffer.alloc(2 * 1024 * 1024 + 7, 'x');
    writeFileSync(join(root, 'a.txt'), 'a\n');
    writeFileSync(join(root, 'big.bin'), big);
    writeFileSync(join(root, 'empty'), '');
    const lines = [`${sha256('a\n')}  a.txt\n`, `${sha256(big)}  big.bin\n`, `${sha256('')}  empty\n`].join(
      '',
    );
    const hash = `h1:${createHash('sha256').update(lines).digest('base64')}`;
    expect((await of(root, null)).digest).toEqual({ dirHash: hash });
    symlinkSync('/nowhere', join(root, 'link'));
    const reason = (await openWorktree(root, null)).entries.find(({ path }) => path === 'link')?.reason ?? '';
    const withLink = createHash('sha256')
      .update(`${lines}${sha256(reason)}  link\n`)
      .digest('base64');
    expect((await of(root, null)).digest).toEqual({ dirHash: `h1:${withLink}` });
    // What is gone by the time that it is read takes part by why it could not be.
    const tree = await openWorktree(root, null);
    const gone = { ...tree, entries: [{ path: 'gone', kind: 'file' as const, bytes: 1 }] };
    const alone = createHash('sha256')
      .update(`${sha256('ENOENT')}  gone\n`)
      .digest('base64');
    expect((await subjectOf(gone, null, {})).digest).toEqual({ dirHash: `h1:${alone}` });
  });
});

describe('VEX documents of a repository', () => {
  const document = (vulnerability: string) =>
    JSON.stringify({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      author: 'a',
      statements: [{ vulnerability, products: [{ '@id': 'pkg:npm/a@1' }], status: 'fixed' }],
    });
  const read = async (paths: string[], files: Record<string, string>) => {
    const root = temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
    const policy = merged(`version: 1\nvex: ${JSON.stringify(paths)}\n`);
    return (await readVexFiles(policy, { root }, testContext())).map((one) => [one.vulnerability, one.path]);
  };

  it('are those that the policy names, each path with at least one', async () => {
    const files = { 'a.json': document('CVE-1'), 'b.json': document('CVE-2'), 'c.txt': 'x' };
    expect(await read(['*.json'], files)).toEqual([
      ['CVE-1', 'a.json'],
      ['CVE-2', 'b.json'],
    ]);
    expect(await read(['b.json'], files)).toEqual([['CVE-2', 'b.json']]);
    expect(await read([], files)).toEqual([]);
    await expect(read(['b.json', 'none.json'], files)).rejects.toMatchObject({
      code: 'SP-VEX',
      problem: { found: 'none.json', place: { path: 'layer-0.yml' } },
    });
    await expect(read(['*.txt'], files)).rejects.toThrow();
  });

  it('are a thousand at most', async () => {
    const many = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.json`, document(`CVE-${i}`)]));
    expect(await read(['*.json'], many(1000))).toHaveLength(1000);
    await expect(read(['*.json'], many(1001))).rejects.toMatchObject({ code: 'SP-VEX' });
    await expect(read(['?.json', '*.json'], many(995))).rejects.toMatchObject({ code: 'SP-VEX' });
  });
});

describe('a checkout', () => {
  const pointer = (content: string) =>
    `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256(content)}\nsize ${Buffer.byteLength(content)}\n`;
  const blobOf = (text: string, format: 'sha1' | 'sha256') =>
    createHash(format)
      .update(`blob ${Buffer.byteLength(text)}\0${text}`)
      .digest('hex');
  const problems = async (changed: { path: string; blob: string | null }[], commit: string | null = 'c') => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'a.bin'), 'content\n');
    const git = { commit: async () => commit, changed: async () => changed } as unknown as Git;
    return await changedCheckout(root, { git, prefix: '' });
  };

  it('may hold what git-lfs put in the place of its pointer', async () => {
    for (const format of ['sha1', 'sha256'] as const) {
      expect(await problems([{ path: 'a.bin', blob: blobOf(pointer('content\n'), format) }])).toEqual([]);
      expect(await problems([{ path: 'a.bin', blob: blobOf(pointer('other\n'), format) }])).toHaveLength(1);
    }
    expect(await problems([{ path: 'gone.bin', blob: blobOf(pointer('content\n'), 'sha1') }])).toHaveLength(
      1,
    );
    expect(await problems([{ path: 'a.bin', blob: null }])).toHaveLength(1);
  });

  it('is told by five of its changed files, and how many more', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => ({ path: `${i}`, blob: null }));
    expect(await problems(many(5))).toMatchObject([
      { code: 'SP-CHECKOUT-CHANGED', place: { path: '0' }, found: 'changed or deleted: 0, 1, 2, 3, 4' },
    ]);
    expect((await problems(many(7)))[0]?.found).toMatch(/: 0, 1, 2, 3, 4 and 2 more$/u);
    expect(await problems([])).toEqual([]);
    expect(await problems(many(1), null)).toEqual([]);
    expect(await changedCheckout('/', null)).toEqual([]);
  });
});
