import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../scan/secrets/examples/random.ts';
import { fill } from '../scan/secrets/examples/template.ts';
import { git, project, run, temporaryFolder, write } from './support.ts';

const random = new Random(78);
const secret = () => `T=${fill('npm_<crc62:30>', random)}\n`;
const entry = join(project, 'bin', 'sallyport.cjs');

function repository(): string {
  const root = temporaryFolder();
  git(root, 'init', '--quiet', '--initial-branch=main');
  write(root, { 'a.env': 'a\n', 'b.env': 'b\n' });
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message', 'base');
  return root;
}

/** A commit as a user makes it: hooks count. */
function commit(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', 'commit', '-qm', 'x', ...args],
    { cwd, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: temporaryFolder() } },
  );
  return { status, said: stdout + stderr };
}

/** Without npm’s variables, by which the command would take the checkout for where it was typed. */
const init = (cwd: string) =>
  run(process.execPath, [entry, 'init', '--hook'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: temporaryFolder() },
  });

describe('the pre-commit hook', () => {
  it('looks at the index that the commit is made from', () => {
    const root = repository();
    expect(init(root).code).toBe(0);
    write(root, { 'a.env': secret(), 'b.env': 'harmless\n' });
    expect(commit(root, '--allow-empty').status).toBe(0);
    expect(commit(root, 'b.env').status).toBe(0);
    expect(commit(root, 'a.env').status).not.toBe(0);
    expect(commit(root, '--all').status).not.toBe(0);
    git(root, 'checkout', '-q', 'a.env');
    git(root, 'rm', '-q', 'b.env');
    expect(commit(root).status).toBe(0);
  });

  it('works in a worktree and in a folder of the repository', () => {
    const root = repository();
    const tree = join(temporaryFolder(), 'tree');
    git(root, 'worktree', 'add', '-q', tree);
    expect(init(tree).code).toBe(0);
    expect(existsSync(join(root, '.git/hooks/pre-commit'))).toBe(true);
    write(tree, { 'k.env': secret() });
    git(tree, 'add', 'k.env');
    expect(commit(tree)).toMatchObject({ status: 1, said: expect.stringContaining('k.env') });

    const service = repository();
    write(service, { 'service/a b.txt': 'a\n' });
    expect(init(join(service, 'service')).code).toBe(0);
    write(service, { 'elsewhere.env': secret() });
    git(service, 'add', 'elsewhere.env');
    expect(commit(service).status).toBe(0);
    write(service, { 'service/k.env': secret() });
    git(service, 'add', 'service/k.env');
    expect(commit(service).status).not.toBe(0);
  });

  it('in the repository’s own folder of hooks names no file of this machine', () => {
    const root = repository();
    git(root, 'config', 'core.hooksPath', '.githooks');
    expect(init(root).code).toBe(0);
    expect(readFileSync(join(root, '.githooks/pre-commit'), 'utf8')).not.toContain(process.execPath);
    write(root, { 'k.env': secret(), '.gitignore': 'node_modules\n' });
    git(root, 'add', '--all');
    expect(commit(root)).toMatchObject({ status: 1, said: expect.stringContaining('not installed') });
    const bin = join(root, 'node_modules/.bin/sallyport');
    mkdirSync(dirname(bin), { recursive: true });
    writeFileSync(bin, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`);
    chmodSync(bin, 0o755);
    expect(commit(root)).toMatchObject({ status: 1, said: expect.stringContaining('k.env') });
  });
});
