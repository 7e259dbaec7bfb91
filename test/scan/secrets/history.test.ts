import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { SallyportError } from '../../../src/model/error.ts';
import { openTree } from '../../../src/platform/open-tree.ts';
import { runProcess } from '../../../src/platform/process.ts';
import { secrets } from '../../../src/scan/secrets/engine.ts';
import { BatchParser } from '../../../src/scan/secrets/git/blobs.ts';
import { FileVersions } from '../../../src/scan/secrets/git/changed.ts';
import { Random } from './examples/random.ts';
import { fill } from './examples/template.ts';

const tools = { PATH: process.env.PATH ?? '', HOME: '/' };
const random = new Random(9);
const token = () => fill('glpat-<base64url:20>', random);
const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

function repository() {
  const root = mkdtempSync(join(tmpdir(), 'secrets-'));
  roots.push(root);
  const git = (...args: string[]) =>
    execFileSync(
      'git',
      ['-c', 'user.name=a', '-c', 'user.email=a@corp.dev', '-c', 'commit.gpgsign=false', ...args],
      { cwd: root, encoding: 'utf8' },
    ).trim();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const commit = (message: string) => {
    git('add', '-A');
    git('commit', '-q', '--allow-empty', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  git('init', '-q', '-b', 'main');
  return { root, git, write, commit };
}

async function look(root: string, options: Record<string, unknown> = {}, at?: string, withTools = true) {
  const tree = await openTree({ root, commit: at }, runProcess, tools);
  try {
    return await secrets.run({
      tree,
      options: await secrets.parseOptions(options),
      excluded: (path) => path.startsWith('left-out/'),
      tools: withTools ? tools : undefined,
    });
  } finally {
    await tree.close();
  }
}

describe('the history', () => {
  it('tells of a key that the tree no longer shows where it came in, and that it must be revoked', async () => {
    const { root, write, commit } = repository();
    write('README.md', 'hello\n');
    commit('first');
    const secret = token();
    write('deploy/run.sh', `#!/bin/sh\nexport T=${secret}\n`);
    const added = commit('add');
    write('deploy/run.sh', '#!/bin/sh\n');
    commit('remove');
    const { hits, looked, problems } = await look(root);
    expect(problems).toEqual([]);
    expect(looked.commits).toBe(3);
    expect(hits).toHaveLength(1);
    expect(hits[0]).toMatchObject({
      rule: 'gitlab-personal-token',
      places: [{ path: 'deploy/run.sh', line: 2 }],
    });
    expect(hits[0]?.tags).toEqual(expect.arrayContaining(['history-only', `commit:${added}`]));
    expect(hits[0]?.message).toContain(`first in commit ${added.slice(0, 12)} (deploy/run.sh:2)`);
    expect(hits[0]?.message).toContain('no longer in the tree');
    expect(hits[0]?.help).toContain('Revoke it first: https://');
  });

  it('joins all places of one secret, the tree first', async () => {
    const { root, write, commit } = repository();
    const secret = token();
    write('z.env', `T=${secret}\n`);
    commit('one');
    write('a.env', `# note\nT=${secret}\n`);
    write('b.env', `T=${secret}\n`);
    commit('two');
    const { hits } = await look(root);
    expect(hits).toHaveLength(1);
    expect(hits[0]?.places.map(({ path, line }) => `${path}:${line}`)).toEqual([
      'a.env:2',
      'b.env:1',
      'z.env:1',
    ]);
    expect(hits[0]?.tags).toContain('in-tree');
    expect(hits[0]?.message).toContain('(z.env:1)');
  });

  it('reads messages of commits and tags, and notes', async () => {
    const { root, git, write, commit } = repository();
    write('a', 'a\n');
    const [inMessage, inTag, inNote] = [token(), token(), token()];
    const id = commit(`deploy\n\nwith ${inMessage}`);
    git('tag', '-a', 'v1', '-m', `release ${inTag}`);
    git('notes', 'add', '-m', `seen ${inNote}`);
    const { hits } = await look(root);
    expect(hits.map(({ places }) => places[0]?.path).sort()).toEqual(
      [`.git/commits/${id}`, `.git/notes/${id}`, '.git/tags/v1'].sort(),
    );
  });

  it('finds what only a merge brought in', async () => {
    const { root, git, write, commit } = repository();
    write('a', 'base\n');
    commit('base');
    git('checkout', '-q', '-b', 'side');
    write('a', 'side\n');
    commit('side');
    git('checkout', '-q', 'main');
    write('a', 'main\n');
    commit('main');
    try {
      git('merge', 'side');
    } catch {
      // The conflict is what the merge is for.
    }
    write('a', `T=${token()}\n`);
    const merge = commit('merge');
    write('a', 'clean\n');
    commit('after');
    const { hits } = await look(root);
    expect(hits).toHaveLength(1);
    expect(hits[0]?.tags).toContain(`commit:${merge}`);
  });

  it('of a range takes only what the base does not have', async () => {
    const { root, write, commit } = repository();
    write('old.env', `T=${token()}\n`);
    const base = commit('old');
    write('new.env', `T=${token()}\n`);
    const removed = commit('new');
    write('new.env', '\n');
    write('old.env', '\n');
    commit('clean');
    const { hits, looked } = await look(root, { history: 'range', base });
    expect(looked.commits).toBe(2);
    expect(hits.map(({ places }) => places[0]?.path)).toEqual(['new.env']);
    expect(hits[0]?.tags).toContain(`commit:${removed}`);
  });

  it('of a named commit looks at that commit and what came before', async () => {
    const { root, write, commit } = repository();
    write('a.env', `T=${token()}\n`);
    const first = commit('first');
    write('b.env', `T=${token()}\n`);
    commit('second');
    const { hits } = await look(root, {}, first);
    expect(hits.map(({ places }) => places[0]?.path)).toEqual(['a.env']);
  });

  it('refuses a base that the clone lacks, and names a shallow history as not looked at', async () => {
    const { root, write, commit } = repository();
    write('a', 'a\n');
    commit('one');
    commit('two');
    await expect(look(root, { history: 'range', base: 'f'.repeat(40) })).rejects.toMatchObject({
      problem: { code: 'SP-SECRETS-SHALLOW', next: expect.stringContaining('fetch-depth') },
    });
    const clone = mkdtempSync(join(tmpdir(), 'secrets-'));
    roots.push(clone);
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${root}`, clone]);
    const shallow = await look(clone);
    expect(shallow.looked.commits).toBeNull();
    expect(shallow.looked.skipped).toEqual([
      expect.objectContaining({ path: '.git', reason: expect.stringContaining('shallow') }),
    ]);
    await expect(look(clone, { history: 'all' })).rejects.toBeInstanceOf(SallyportError);
  });

  it('keeps out what the policy leaves out, and reports the folder that it was asked about', async () => {
    const { root, write, commit } = repository();
    write('left-out/a.env', `T=${token()}\n`);
    write('service/a.env', `T=${token()}\n`);
    commit('one');
    const all = await look(root);
    expect(all.hits.map(({ places }) => places[0]?.path)).toEqual(['service/a.env']);
    const folder = await look(join(root, 'service'));
    expect(folder.hits.map(({ places }) => places[0]?.path)).toEqual(['a.env']);
  });

  it('fails on a history that cannot be read', async () => {
    const { root, git, write, commit } = repository();
    write('a', 'some text\n');
    commit('one');
    const blob = git('rev-parse', 'HEAD:a');
    write('a', 'other text\n');
    commit('two');
    rmSync(join(root, '.git/objects', blob.slice(0, 2), blob.slice(2)), { force: true });
    const { looked } = await look(root);
    expect(looked.skipped).toEqual([
      expect.objectContaining({
        path: 'a',
        blocking: true,
        reason: expect.stringContaining('not in this clone'),
      }),
    ]);
  });
});

describe('what is staged', () => {
  it('is looked at alone, as it is staged', async () => {
    const { root, git, write, commit } = repository();
    write('committed.env', `T=${token()}\n`);
    commit('one');
    write('staged.env', `T=${token()}\n`);
    git('add', 'staged.env');
    write('staged.env', 'changed since\n');
    write('unstaged.env', `T=${token()}\n`);
    const { hits, looked } = await look(root, { staged: true });
    expect(hits.map(({ places }) => places[0]?.path)).toEqual(['staged.env']);
    expect(looked.files).toBe(1);
  });

  it('works before the first commit', async () => {
    const { root, git, write } = repository();
    write('a.env', `T=${token()}\n`);
    git('add', '-A');
    expect((await look(root, { staged: true })).hits).toHaveLength(1);
  });
});

describe('versions of a file', () => {
  it('never leave out a new line', () => {
    const line = fc.constantFrom('a', 'bb', 'ccc', 'dddd', '', 'x'.repeat(40), 'NEW1', 'NEW2', 'NEW3');
    fc.assert(
      fc.property(fc.array(fc.array(line, { maxLength: 12 }), { minLength: 1, maxLength: 5 }), (versions) => {
        const file = new FileVersions();
        const seen = new Set<string>();
        for (const lines of versions) {
          const text = lines.join('\n');
          const parts = file.add(Buffer.from(text)).map(({ from, to, firstLine }) => {
            expect(firstLine).toBe(text.slice(0, from).split('\n').length);
            return text.slice(from, to);
          });
          const shown = new Set(parts.flatMap((part) => part.split('\n')));
          for (const one of lines) {
            if (!seen.has(one) && one !== '') expect(shown).toContain(one);
            seen.add(one);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('take only what is near a change in a long file', () => {
    const file = new FileVersions();
    const lines = Array.from({ length: 5000 }, (_, index) => `line number ${index}`);
    file.add(Buffer.from(lines.join('\n')));
    lines[1000] = 'changed here';
    lines[4000] = 'and here';
    const parts = file.add(Buffer.from(lines.join('\n')));
    expect(parts).toHaveLength(2);
    expect(parts.every(({ from, to }) => to - from < 5000)).toBe(true);
  });

  it('are the same from what Git writes, however it comes and whatever is left out', () => {
    const line = fc.constantFrom('a', 'bb', 'password = 1', 'x'.repeat(60), 'y'.repeat(200), '');
    const version = fc.record({ lines: fc.array(line, { maxLength: 30 }), left: fc.boolean() });
    const cut = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(fc.array(version, { minLength: 1, maxLength: 8 }), cut, (versions, size) => {
        const contents = versions.map(({ lines }) => Buffer.from(lines.join('\n')));
        const ids = contents.map((_, index) => index.toString(16).padStart(40, '0'));
        const output = Buffer.concat(
          contents.flatMap((content, index) => [
            Buffer.from(`${ids[index]} blob ${content.length}\n`),
            content,
            Buffer.from('\n'),
          ]),
        );
        const [file, plain] = [new FileVersions(), new FileVersions()];
        let taken = 0;
        const parser = new BatchParser(ids, 1 << 20, (index, object) => {
          taken++;
          expect(object).toEqual(contents[index]);
          if (versions[index]?.left === true) {
            file.leaveOut();
            plain.leaveOut();
          } else expect(file.add(object as Buffer)).toEqual(plain.add(contents[index] as Buffer));
        });
        for (let at = 0; at < output.length; at += size)
          parser.push(Buffer.from(output.subarray(at, at + size)));
        expect(taken).toBe(ids.length);
        expect(parser.done).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('that are missing or too large are told, and an answer to another question is refused', () => {
    const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];
    const told: unknown[] = [];
    const parser = new BatchParser(ids, 3, (_, object) => told.push(object));
    parser.push(Buffer.from(`${ids[0]} missing\n${ids[1]} blob 4\n12`));
    parser.push(Buffer.from('34\n'));
    expect(told).toEqual(['missing', 'too-large']);
    expect(() => parser.push(Buffer.from(`${ids[0]} blob 1\nx\n`))).toThrow(/cannot read the object/u);
    expect(() => parser.push(Buffer.alloc(5000, 0x61))).toThrow(/cannot read the object/u);
  });
});
