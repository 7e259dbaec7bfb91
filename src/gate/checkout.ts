import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../model/error.ts';
import type { Repository } from '../platform/open-tree.ts';

/** Files that are named; of more it is said how many. */
const NAMED = 5;

/**
 * On a runner the gate judges a commit, so that what it looks at must be that commit: a file that an earlier step
 * deleted or rewrote would not be looked at. What git-lfs put in the place of its pointers is the commit's own.
 */
export async function changedCheckout(root: string, repository: Repository | null): Promise<Problem[]> {
  if (repository === null || (await repository.git.commit('HEAD')) === null) return [];
  const changed: string[] = [];
  for (const { path, blob } of await repository.git.changed()) {
    if (blob === null || !(await isLfsContent(join(root, path), blob))) changed.push(path);
  }
  if (changed.length === 0) return [];
  const more = changed.length > NAMED ? ` and ${changed.length - NAMED} more` : '';
  return [
    {
      code: 'SP-CHECKOUT-CHANGED',
      message: 'tracked files are not as the commit has them: what was looked at is not what will be merged',
      place: { path: changed[0] ?? '' },
      expected: 'the files of the commit that is checked out',
      found: `changed or deleted: ${changed.slice(0, NAMED).join(', ')}${more}`,
      next: 'run the gate right after actions/checkout, before steps that change files, or in a job of its own',
    },
  ];
}

/**
 * Whether the blob is the pointer to this very content
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md).
 */
async function isLfsContent(file: string, blob: string): Promise<boolean> {
  try {
    const { size } = await lstat(file);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${hash.digest('hex')}\nsize ${size}\n`;
    const format = blob.length === 64 ? 'sha256' : 'sha1';
    const id = createHash(format)
      .update(`blob ${Buffer.byteLength(pointer)}\0${pointer}`)
      .digest('hex');
    return id === blob;
  } catch {
    // Gone, or not to be read: then it is changed.
    return false;
  }
}
