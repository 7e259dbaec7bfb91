import { resolve } from 'node:path';
import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { findRepository } from '../platform/open-tree.ts';
import { toolEnvironment } from '../platform/process.ts';
import { listStaged } from '../scan/secrets/git/history.ts';

/**
 * Options with which the secrets engine looks at what is staged below a folder. Null where nothing is: a commit that
 * only takes away, or only says something, has nothing to look at. Throws SP-GIT.
 */
export async function stagedOptions(path: string, context: Context): Promise<Record<string, unknown> | null> {
  const root = resolve(context.cwd, path);
  const repository = await findRepository(root, context.run, toolEnvironment(context.env));
  if (repository === null) {
    throw new SallyportError({
      code: 'SP-GIT',
      message: 'nothing can be staged here: this is no Git repository',
      place: { path: root },
      next: 'run it inside the repository',
    });
  }
  // A hook is told which index the commit is made from: `git commit FILE` and `--all` do not use the usual one.
  const index = context.env.GIT_INDEX_FILE;
  const own = index === undefined || index === '' ? undefined : resolve(context.cwd, index);
  const staged = await listStaged(repository.git, own);
  if (!staged.some((blob) => blob.path.startsWith(repository.prefix))) return null;
  return { staged: true, ...(own === undefined ? {} : { index: own }) };
}
