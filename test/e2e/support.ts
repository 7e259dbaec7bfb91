import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const project = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folders: string[] = [];

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-e2e-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function run(
  file: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string | undefined>; timeout?: number } = {},
): Ran {
  const result = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 256 * 1024 * 1024,
    ...options,
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** What a release holds, copied away from the checkout: nothing of the sources or of node_modules is near. */
export function copyRelease(): string {
  const folder = temporaryFolder();
  for (const part of ['dist', 'actions', 'action-policies', 'bin', 'examples'])
    cpSync(join(project, part), join(folder, part), { recursive: true });
  return folder;
}

export function git(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.invalid', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim();
}

export function write(root: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/** The repaired example as a repository, with the planted problems as a change on top if asked for. */
export function exampleRepository(broken: boolean, more: Record<string, string> = {}): string {
  const root = temporaryFolder();
  git(root, 'init', '--quiet', '--initial-branch=main');
  cpSync(join(project, 'examples', 'payments-service'), root, { recursive: true });
  cpSync(join(project, 'examples', 'payments-service.repair'), root, { recursive: true });
  write(root, more);
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message', 'base');
  git(root, 'switch', '--quiet', '--create', 'change');
  if (broken) cpSync(join(project, 'examples', 'payments-service'), root, { recursive: true });
  else write(root, { 'NOTES.md': 'a change\n' });
  git(root, 'add', '--all');
  git(root, 'commit', '--quiet', '--message', 'change');
  return root;
}

/** The event's payload for the change on top of main. */
export function payload(root: string, event: string): string {
  const file = join(temporaryFolder(), 'event.json');
  const [base, head] = [git(root, 'rev-parse', 'main'), git(root, 'rev-parse', 'HEAD')];
  const payloads: Record<string, unknown> = {
    pull_request: { pull_request: { base: { sha: base, ref: 'main' }, head: { sha: head, ref: 'change' } } },
    merge_group: {
      merge_group: {
        base_sha: base,
        head_sha: head,
        base_ref: 'refs/heads/main',
        head_ref: 'refs/heads/change',
      },
    },
    push: { ref: 'refs/heads/change', before: base, after: head },
  };
  writeFileSync(file, JSON.stringify(payloads[event] ?? {}));
  return file;
}

/** The outputs in a GITHUB_OUTPUT file, in its heredoc form. */
export function readOutputs(file: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [, key, , value] of readFileSync(file, 'utf8').matchAll(
    /^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gmu,
  )) {
    if (key !== undefined) found[key] = value ?? '';
  }
  return found;
}
