import { chmod } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { findRepository, type Repository } from '../platform/open-tree.ts';
import { toolEnvironment } from '../platform/process.ts';

const COMMAND = 'scan secrets --staged --quiet';
/** By this line a hook of ours, or one that calls us, is known. */
const CALLS_US = /^[^#\n]*\bscan secrets --staged\b/mu;
const MAX_HOOK = 1024 * 1024;

/**
 * Installs a pre-commit hook that looks at what is staged, where git will look for it: `core.hooksPath` counts, and a
 * worktree shares the hooks of its repository. A hook that is there is never touched: `kept` where it calls us already,
 * else SP-HOOK-EXISTS. Returns the hook's path.
 */
export async function installHook(
  path: string,
  context: Context,
): Promise<{ file: string; state: 'written' | 'kept' }> {
  const root = resolve(context.cwd, path);
  const repository = await findRepository(root, context.run, toolEnvironment(context.env));
  if (repository === null) {
    throw new SallyportError({
      code: 'SP-GIT',
      message: 'there is no Git repository to install a hook in',
      place: { path: root },
      next: 'git init, then again',
    });
  }
  const { folder, top, tracked } = await hooksFolder(repository, root);
  const file = join(folder, 'pre-commit');
  if (await context.files.exists(file)) {
    const there = (await context.files.read(file, MAX_HOOK)).toString('utf8');
    if (CALLS_US.test(there)) return { file, state: 'kept' };
    throw new SallyportError({
      code: 'SP-HOOK-EXISTS',
      message: 'there is a pre-commit hook already, and it is left as it is',
      place: { path: file },
      next: `add this line to it: sallyport ${COMMAND} || exit`,
    });
  }
  await context.files.write(file, [hookText(tracked ? null : context.workerEntry, relative(top, root))]);
  await chmod(file, 0o755);
  return { file, state: 'written' };
}

/**
 * Where git looks for hooks (githooks(5)). Our own calls of git have hooks switched off on their command line, so that
 * setting is left aside here.
 */
async function hooksFolder(
  { git }: Repository,
  root: string,
): Promise<{ folder: string; top: string; tracked: boolean }> {
  const top = resolve(root, await git.text(['rev-parse', '--show-toplevel']));
  const listed =
    (await git.maybe(['config', '--show-scope', '--type=path', '-z', '--get-all', 'core.hooksPath'])) ?? '';
  const fields = listed.split('\0');
  let found: { scope: string; path: string } | null = null;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [scope = '', value = ''] = [fields[at], fields[at + 1]];
    if (scope !== 'command') found = { scope, path: value };
  }
  if (found !== null && (found.scope === 'global' || found.scope === 'system')) {
    throw new SallyportError({
      code: 'SP-HOOK-SHARED',
      message: 'your git has one folder of hooks for all repositories (core.hooksPath)',
      place: { path: found.path },
      expected: 'a folder of hooks of this repository alone',
      next: `git config --local core.hooksPath FOLDER, or add to the shared hook: sallyport ${COMMAND} || exit`,
    });
  }
  if (found !== null) {
    // A relative path counts from where hooks are run: the top of the working tree.
    const folder = resolve(top, found.path);
    return { folder, top, tracked: isInside(top, folder) && !isInside(join(top, '.git'), folder) };
  }
  const common = resolve(root, await git.text(['rev-parse', '--git-common-dir']));
  return { folder: join(common, 'hooks'), top, tracked: false };
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path);
}

/**
 * A hook in the repository's own files is everybody's: it names no file of this machine. Any other first takes the
 * program that installed it.
 */
function hookText(entry: string | null, folder: string): string {
  const scan = folder === '' ? COMMAND : `${COMMAND} ${quoted(folder.split(sep).join('/'))}`;
  const recorded =
    entry === null
      ? ''
      : `node=${quoted(process.execPath)}
program=${quoted(entry)}
if [ -x "$node" ] && [ -f "$program" ]; then
  exec "$node" "$program" ${scan}
fi
`;
  return `#!/bin/sh
# Written by \`sallyport init --hook\`: no commit with a secret in it. Delete this file to be rid of it.
${recorded}for program in sallyport ./node_modules/.bin/sallyport; do
  if command -v "$program" >/dev/null 2>&1; then
    exec "$program" ${scan}
  fi
done
echo "sallyport is not installed: nothing was looked at, so nothing is committed (npm install -g sallyport)" >&2
exit 2
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
