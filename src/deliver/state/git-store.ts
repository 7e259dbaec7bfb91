import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import { toolEnvironment } from '../../platform/process.ts';
import { conflict, MAX_STATE_BYTES, refuseLarge, type StateStore } from './store.ts';

const TIMEOUT = 20_000;
const FILE = 'state.json';
const NONE = '';

/**
 * A Git ref of its own, `refs/sallyport/canary/SERVICE-ENVIRONMENT`: each state is a commit without a parent. Swapped
 * by `git update-ref NEW OLD` in the repository itself, and where a remote is named by a push with a lease on the old
 * value, which the remote checks. Git's own credentials are used for the remote.
 */
export function gitStore(
  plan: { repository: string; remote?: string | undefined },
  key: string,
  context: Context,
): StateStore {
  const ref = `refs/sallyport/canary/${key}`;
  const name = `state in ${ref}`;
  const git = async (args: readonly string[], input?: string) =>
    await context.run({
      file: 'git',
      args: ['-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', ...args],
      cwd: plan.repository,
      env: {
        ...toolEnvironment(context.env),
        LC_ALL: 'C',
        GIT_TERMINAL_PROMPT: '0',
        GIT_AUTHOR_NAME: 'sallyport',
        GIT_AUTHOR_EMAIL: 'canary@sallyport.invalid',
        GIT_COMMITTER_NAME: 'sallyport',
        GIT_COMMITTER_EMAIL: 'canary@sallyport.invalid',
      },
      timeout: TIMEOUT,
      maxOutput: MAX_STATE_BYTES + 4096,
      input,
    });
  const output = async (args: readonly string[], input?: string): Promise<string> => {
    const outcome = await git(args, input);
    if (outcome.code === 0 && outcome.ended === 'exit') return outcome.stdout.toString('utf8');
    throw new SallyportError({
      code: 'SP-STATE-GIT',
      message: `${name}: git ${args[0]} failed`,
      found: outcome.ended === 'exit' ? outcome.stderr.trim().slice(-300) : outcome.ended,
    });
  };
  const { remote } = plan;
  const newest = async (): Promise<string> => {
    if (remote === undefined) {
      const outcome = await git(['rev-parse', '--verify', '--quiet', ref]);
      if (outcome.code === 0) return outcome.stdout.toString('utf8').trim();
      // `--quiet` says 1 where there is no such ref; anything else is a failure and not an empty store.
      if (outcome.code === 1) return NONE;
      return (await output(['rev-parse', '--verify', ref])).trim();
    }
    const listed = (await output(['ls-remote', '--end-of-options', remote, ref])).trim();
    if (listed === '') return NONE;
    await output(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--end-of-options', remote, ref]);
    return listed.split(/\s/u)[0] ?? NONE;
  };
  return {
    name,
    read: async () => {
      const commit = await newest();
      if (commit === NONE) return { version: NONE, text: null };
      return { version: commit, text: await output(['cat-file', 'blob', `${commit}:${FILE}`]) };
    },
    write: async (text, version) => {
      refuseLarge(name, text);
      const blob = (await output(['hash-object', '-w', '--stdin'], text)).trim();
      const tree = (await output(['mktree'], `100644 blob ${blob}\t${FILE}\n`)).trim();
      const commit = (await output(['commit-tree', tree, '-m', `canary ${key}`])).trim();
      // The same text in the same second would be the same commit, and a swap with itself proves nothing.
      if (commit === version) throw conflict(name);
      const zero = '0'.repeat(commit.length);
      const swap =
        remote === undefined
          ? ['update-ref', ref, commit, version === NONE ? zero : version]
          : [
              'push',
              '--quiet',
              `--force-with-lease=${ref}:${version}`,
              '--end-of-options',
              remote,
              `${commit}:${ref}`,
            ];
      const outcome = await git(swap);
      if (outcome.code === 0 && outcome.ended === 'exit') return commit;
      if ((await newest()) !== version) throw conflict(name);
      throw new SallyportError({
        code: 'SP-STATE-GIT',
        message: `${name} cannot be written`,
        found: outcome.stderr.trim().slice(-300),
      });
    },
  };
}
