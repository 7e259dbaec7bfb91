import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SallyportError } from '../../src/model/error.ts';
import type { SourceTree, TreeEntry } from '../../src/platform/tree.ts';

/** A plain folder as a tree, for comparing engines on it: regular files only, links named as unreachable. */
export function folderTree(root: string): SourceTree {
  const entries: TreeEntry[] = [];
  const walk = (folder: string): void => {
    for (const name of readdirSync(join(root, folder))) {
      if (name === '.git') continue;
      const path = folder === '' ? name : `${folder}/${name}`;
      const stat = lstatSync(join(root, path));
      if (stat.isDirectory()) walk(path);
      else if (stat.isFile()) entries.push({ path, bytes: stat.size, kind: 'file' });
      else entries.push({ path, bytes: null, kind: 'unreachable', reason: 'no regular file' });
    }
  };
  walk('');
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    ref: { root },
    entries,
    async read(path, limit) {
      if (statSync(join(root, path)).size > limit)
        throw new SallyportError({
          code: 'SP-FILE-TOO-LARGE',
          message: `${path} is larger than ${limit} bytes`,
        });
      return readFileSync(join(root, path));
    },
    async close() {},
  };
}
