import { createHash } from 'node:crypto';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Subject } from '../model/subject.ts';
import type { Context } from '../platform/context.ts';
import { isCommitId } from '../platform/git.ts';
import type { Repository } from '../platform/open-tree.ts';
import type { TreeEntry } from '../platform/tree.ts';
import { RUNS_FOLDER, type Worktree } from '../platform/worktree.ts';

const PIECE = 1024 * 1024;

/**
 * What a decision about a folder speaks of: the commit and tree where the working tree is exactly that, else a digest
 * of the files as they lie there (in-toto `dirHash`: Go's `h1:`, golang.org/x/mod/sumdb/dirhash).
 */
export async function subjectOf(
  tree: Worktree,
  repository: Repository | null,
  env: Context['env'],
): Promise<Subject> {
  const name =
    env.GITHUB_ACTIONS === 'true' && env.GITHUB_REPOSITORY !== undefined
      ? env.GITHUB_REPOSITORY
      : basename(resolve(tree.ref.root));
  if (repository !== null) {
    const { git, prefix } = repository;
    const isChanged = git.isChanged(prefix + RUNS_FOLDER);
    // Before the first commit nobody waits for it.
    isChanged.catch(() => undefined);
    const head = await git.maybe(['rev-parse', 'HEAD^{commit}', `HEAD:${prefix.replace(/\/$/u, '')}`]);
    const [gitCommit = '', gitTree = ''] = head?.split('\n') ?? [];
    if (isCommitId(gitCommit) && isCommitId(gitTree) && !tree.unwatched && !(await isChanged))
      return { name, digest: { gitCommit, gitTree } };
  }
  return { name, digest: { dirHash: dirHash(tree) } };
}

/** sha256 over `SHA256  PATH\n` of every file in order; what cannot be read takes part by its reason. */
function dirHash(tree: Worktree): string {
  const all = createHash('sha256');
  const piece = Buffer.allocUnsafeSlow(PIECE);
  for (const entry of tree.entries) all.update(`${digestOf(tree.ref.root, entry, piece)}  ${entry.path}\n`);
  return `h1:${all.digest('base64')}`;
}

/**
 * In pieces: a working tree may hold files that do not fit into memory. In one go: nothing else is to be done
 * meanwhile, and a turn for each of thousands of small files takes longer than reading them.
 */
function digestOf(root: string, entry: TreeEntry, piece: Buffer): string {
  const hash = createHash('sha256');
  if (entry.kind !== 'file') return hash.update(entry.reason ?? entry.kind).digest('hex');
  try {
    // Without O_NONBLOCK, opening what is a FIFO by now would wait for a writer for ever.
    const file = openSync(join(root, entry.path), constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      for (let count = readSync(file, piece); count > 0; count = readSync(file, piece))
        hash.update(piece.subarray(0, count));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    hash.update((cause as NodeJS.ErrnoException).code ?? 'unreadable');
  }
  return hash.digest('hex');
}
