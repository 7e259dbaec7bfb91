import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openWorktree } from '../../src/platform/worktree.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('a file that is not as it was when the tree was walked', () => {
  it.each<[string, string, (file: string) => void]>([
    ['gone', 'SP-FILE-MISSING', (file) => rmSync(file)],
    [
      'now a link that leads outside',
      'SP-FILE-OUTSIDE',
      (file) => {
        rmSync(file);
        symlinkSync('/etc/hostname', file);
      },
    ],
    [
      'now a link in a loop',
      'SP-FILE-UNREADABLE',
      (file) => {
        rmSync(file);
        symlinkSync(file, file);
      },
    ],
  ])('%s: is %s', async (_name, code, change) => {
    const root = mkdtempSync(join(tmpdir(), 'sallyport-test-'));
    folders.push(root);
    writeFileSync(join(root, 'a'), '1');
    const tree = await openWorktree(root, null);
    change(join(root, 'a'));
    await expect(tree.read('a', 10)).rejects.toMatchObject({ problem: { code, place: { path: 'a' } } });
  });
});
