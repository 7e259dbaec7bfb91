import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { invoke } from '../../src/commands/invoke.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { Random } from '../scan/secrets/examples/random.ts';
import { fill } from '../scan/secrets/examples/template.ts';
import { TestRepository, temporaryFolder, testContext } from './support.ts';

const random = new Random(77);
const secret = () => `T=${fill('npm_<crc62:30>', random)}\n`;

/** Git as a user calls it: hooks count. */
function git(cwd: string, args: string[], env: Record<string, string> = {}) {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', '-c', 'commit.gpgsign=false'];
  const { status, stdout, stderr } = spawnSync('git', [...identity, ...args], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: temporaryFolder(), ...env },
  });
  return { status, said: stdout + stderr };
}

async function init(cwd: string, raw: Record<string, unknown> = { hook: true }) {
  const context = testContext({ cwd });
  const { exit } = await invoke(await loadCommand('init'), raw, context);
  return { exit, printed: context.printed.join(''), said: context.said.join('\n') };
}

async function hooked(root: string): Promise<void> {
  expect(await init(root)).toMatchObject({ exit: 0 });
  git(root, ['add', '--all']);
  expect(git(root, ['commit', '-qm', 'set up'])).toMatchObject({ status: 0 });
}

describe('init --hook', () => {
  it('stops a real commit that brings a secret, and only that', async () => {
    const repository = new TestRepository({ 'a.txt': 'a\n', 'gone.txt': 'x\n' });
    const { root } = repository;
    await hooked(root);
    expect(statSync(join(root, '.git/hooks/pre-commit')).mode & 0o111).toBe(0o111);

    const text = secret();
    repository.write({ 'key.env': text });
    git(root, ['add', 'key.env']);
    // Taken out of the working tree again: what is staged is what counts.
    repository.write({ 'key.env': 'clean\n' });
    const stopped = git(root, ['commit', '-qm', 'a key']);
    expect(stopped.status).not.toBe(0);
    expect(stopped.said).toContain('key.env');
    expect(stopped.said).not.toContain(text.trim().slice(8));

    git(root, ['add', 'key.env']);
    git(root, ['rm', '-q', 'gone.txt']);
    expect(git(root, ['commit', '-qm', 'repaired'])).toMatchObject({ status: 0 });
  }, 120_000);

  it('never touches a hook that is there', async () => {
    const { root } = new TestRepository({ 'a.txt': 'a\n' });
    const file = join(root, '.git/hooks/pre-commit');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\nexit 0\n');
    const refused = await init(root);
    expect(refused.exit).toBe(2);
    expect(refused.said).toContain('SP-HOOK-EXISTS');
    expect(refused.said).toContain('sallyport scan secrets --staged');
    expect(readFileSync(file, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
    expect(existsSync(join(root, '.sallyport.yml'))).toBe(false);
    writeFileSync(file, '#!/bin/sh\nsallyport scan secrets --staged --quiet || exit\n');
    expect((await init(root)).printed).toContain(`left as it is: ${file}`);
  });

  it('refuses a folder of hooks that all repositories share, and a folder without Git', async () => {
    const { root } = new TestRepository({ 'a.txt': 'a\n' });
    const home = temporaryFolder();
    writeFileSync(join(home, '.gitconfig'), '[core]\n\thooksPath = ~/hooks\n');
    const context = testContext({ cwd: root, env: { PATH: process.env.PATH, HOME: home } });
    expect((await invoke(await loadCommand('init'), { hook: true }, context)).exit).toBe(2);
    expect(context.said.join('')).toContain('SP-HOOK-SHARED');
    expect((await init(temporaryFolder())).said).toContain('SP-GIT');
  });
});

describe('scan --staged', () => {
  it('is for secrets, without a base, in a repository', async () => {
    const { root } = new TestRepository({ 'a.txt': 'a\n' });
    const scan = async (cwd: string, raw: Record<string, unknown>) => {
      const context = testContext({ cwd });
      const { exit } = await invoke(await loadCommand('scan'), { staged: true, ...raw }, context);
      return `${exit} ${context.said.join('')}`;
    };
    expect(await scan(root, { stage: 'configuration' })).toMatch(/^2 SP-USAGE/u);
    expect(await scan(root, { stage: 'secrets', base: 'main' })).toMatch(/^2 SP-USAGE/u);
    expect(await scan(temporaryFolder(), { stage: 'secrets' })).toMatch(/^2 SP-GIT/u);
    expect(await scan(root, { stage: 'secrets' })).toMatch(/^0 nothing is staged/u);
  });

  it('takes a commit of nothing but what the policy leaves out', async () => {
    const repository = new TestRepository({
      '.sallyport.yml':
        'version: 1\nstages: { secrets: { exclude: ["made-up/**"] } }\ngates: { pull-request: { stages: { secrets: always } } }\n',
    });
    repository.write({ 'made-up/a.env': secret() });
    repository.git('add', '--all');
    const context = testContext({ cwd: repository.root });
    const result = await invoke(await loadCommand('scan'), { stage: 'secrets', staged: true }, context);
    expect(result.exit).toBe(0);
  });
});
