import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Subject } from '../model/subject.ts';
import type { Context } from '../platform/context.ts';
import type { Repository } from '../platform/open-tree.ts';
import type { SourceTree, TreeEntry } from '../platform/tree.ts';
import { RUNS_FOLDER } from '../platform/worktree.ts';

/**
 * What a decision about a folder speaks of: the commit and tree where the working tree is exactly that, else a digest
 * of the files as they lie there (in-toto `dirHash`: Go's `h1:`, golang.org/x/mod/sumdb/dirhash).
 */
export async function subjectOf(
  tree: SourceTree,
  repository: Repository | null,
  env: Context['env'],
): Promise<Subject> {
  const name =
    env.GITHUB_ACTIONS === 'true' && env.GITHUB_REPOSITORY !== undefined
      ? env.GITHUB_REPOSITORY
      : basename(resolve(tree.ref.root));
  if (repository !== null) {
    const commit = await repository.git.commit('HEAD');
    if (commit !== null && !(await repository.git.isChanged(RUNS_FOLDER))) {
      const folder = repository.prefix.replace(/\/$/u, '');
      const gitTree = await repository.git.text(['rev-parse', '--verify', `HEAD:${folder}`]);
      return { name, digest: { gitCommit: commit, gitTree } };
    }
  }
  return { name, digest: { dirHash: await dirHash(tree) } };
}

/** sha256 over `SHA256  PATH\n` of every file in order; what cannot be read takes part by its reason. */
async function dirHash(tree: SourceTree): Promise<string> {
  const all = createHash('sha256');
  for (const entry of tree.entries) {
    all.update(`${await digestOf(tree.ref.root, entry)}  ${entry.path}\n`);
  }
  return `h1:${all.digest('base64')}`;
}

/** In pieces: a working tree may hold files that do not fit into memory. */
async function digestOf(root: string, entry: TreeEntry): Promise<string> {
  const hash = createHash('sha256');
  if (entry.kind !== 'file') return hash.update(entry.reason ?? entry.kind).digest('hex');
  try {
    for await (const chunk of createReadStream(join(root, entry.path))) hash.update(chunk as Buffer);
  } catch (cause) {
    hash.update((cause as NodeJS.ErrnoException).code ?? 'unreadable');
  }
  return hash.digest('hex');
}
