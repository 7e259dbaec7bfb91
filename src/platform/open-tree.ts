import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { SallyportError } from '../model/error.ts';
import { openCommitTree } from './commit-tree.ts';
import { Git } from './git.ts';
import type { ProcessRunner, ToolEnvironment } from './process.ts';
import type { SourceTree, TreeEntry, TreeRef } from './tree.ts';
import { openWorktree, worktreeOf } from './worktree.ts';

/** The repository that a folder belongs to. */
export interface Repository {
  git: Git;
  /** The folder's path inside the repository: empty, or with a trailing `/`. */
  prefix: string;
}

/**
 * Null where no folder above holds a `.git`. Where one does, Git must be able to read it: falling back to a plain
 * walk would lose what is tracked and what is ignored. Throws SP-GIT, SP-FOLDER.
 */
export async function findRepository(
  root: string,
  run: ProcessRunner,
  tools: ToolEnvironment,
): Promise<Repository | null> {
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new SallyportError({
      code: 'SP-FOLDER',
      message: 'not a folder',
      place: { path: root },
      expected: 'a folder to look at',
    });
  }
  if (!hasGit(resolve(root))) {
    refuseBare(root);
    return null;
  }
  const git = new Git(root, run, tools);
  return {
    git,
    prefix: (await git.output(['rev-parse', '--show-prefix'])).toString('utf8').replace(/\n$/u, ''),
  };
}

/** A repository without files to look at would end as a folder in which nothing of any kind is (gitrepository-layout(5)). */
function refuseBare(root: string): void {
  if (!['HEAD', 'objects', 'refs'].every((name) => existsSync(join(root, name)))) return;
  throw new SallyportError({
    code: 'SP-FOLDER',
    message: 'a repository without a working tree',
    place: { path: root },
    expected: 'a folder with the files to look at',
    next: 'git clone it, and look at the clone',
  });
}

function hasGit(root: string): boolean {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return true;
    if (folder === dirname(folder)) return false;
  }
}

/** Opens what a `TreeRef` names, the same in the main thread and in a worker; `walked` are its entries, where known. */
export async function openTree(
  ref: TreeRef,
  run: ProcessRunner,
  tools: ToolEnvironment,
  walked?: readonly TreeEntry[],
): Promise<SourceTree> {
  if (ref.commit === undefined && walked !== undefined) return worktreeOf(ref.root, walked);
  const repository = await findRepository(ref.root, run, tools);
  if (ref.commit === undefined) return await openWorktree(ref.root, repository?.git ?? null);
  if (repository === null) {
    throw new SallyportError({
      code: 'SP-GIT',
      message: 'a commit was named, and this is no repository',
      place: { path: ref.root },
    });
  }
  return await openCommitTree(repository.git, ref.commit, repository.prefix);
}
