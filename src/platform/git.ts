import { SallyportError } from '../model/error.ts';
import type { Outcome, ProcessRunner, ToolEnvironment } from './process.ts';

const TIMEOUT = 120_000;
const MAX_OUTPUT = 512 * 1024 * 1024;

/**
 * Settings of the repository that could start a program or reach the network are switched off:
 * a scanned repository's own `.git/config` is untrusted on a laptop too.
 */
export const HARDENING: readonly string[] = [
  ['core.fsmonitor', 'false'],
  ['core.hooksPath', '/dev/null'],
  ['core.quotePath', 'false'],
  ['protocol.allow', 'never'],
  ['diff.external', ''],
  ['core.pager', 'cat'],
].flatMap(([key, value]) => ['-c', `${key}=${value}`]);

/** Only what git needs: nothing of the job's environment reaches it. */
export function gitEnvironment(tools: ToolEnvironment): Record<string, string> {
  return {
    ...tools,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
  };
}

/** What a call needs beside its arguments: settings of git as environment variables, text for its stdin. */
interface GitCall {
  settings?: Record<string, string>;
  input?: string;
}

/** Git as a reader: no write, no network, no prompt. */
export class Git {
  readonly cwd: string;
  readonly #run: ProcessRunner;
  readonly tools: ToolEnvironment;

  constructor(cwd: string, run: ProcessRunner, tools: ToolEnvironment) {
    this.cwd = cwd;
    this.#run = run;
    this.tools = tools;
  }

  async #git(args: readonly string[], { settings, input }: GitCall = {}): Promise<Outcome> {
    return await this.#run({
      file: 'git',
      args: ['--no-optional-locks', '--literal-pathspecs', ...HARDENING, ...args],
      cwd: this.cwd,
      env: { ...gitEnvironment(this.tools), ...settings },
      timeout: TIMEOUT,
      maxOutput: MAX_OUTPUT,
      input,
    });
  }

  /** stdout of a git command that must succeed; otherwise SP-GIT with what git said. */
  async output(args: readonly string[], call?: GitCall): Promise<Buffer> {
    const outcome = await this.#git(args, call);
    if (outcome.code === 0 && outcome.ended === 'exit') return outcome.stdout;
    const said = outcome.ended === 'exit' ? outcome.stderr.trim().slice(-500) : outcome.ended;
    const partial = /promisor remote|lazy fetching disabled/u.test(said);
    throw new SallyportError({
      code: partial ? 'SP-GIT-PARTIAL' : 'SP-GIT',
      message: partial ? 'the clone is partial: it lacks what is to be read' : `git ${args[0]} failed`,
      found: said,
      place: { path: this.cwd },
      ...(partial
        ? { next: 'clone without --filter (no `filter:` under `with:` of the actions/checkout step)' }
        : {}),
    });
  }

  async text(args: readonly string[]): Promise<string> {
    return (await this.output(args)).toString('utf8').trim();
  }

  /** stdout, or null where git says no (exit code other than 0). */
  async maybe(args: readonly string[]): Promise<string | null> {
    const outcome = await this.#git(args);
    if (outcome.ended !== 'exit')
      throw new SallyportError({ code: 'SP-GIT', message: `git ${args[0]}: ${outcome.ended}` });
    return outcome.code === 0 ? outcome.stdout.toString('utf8').trim() : null;
  }

  /**
   * Content filters are programs that the repository's settings name: they are switched off wherever git reads the
   * working tree, which can only make a clean file look changed.
   */
  async #withoutFilters(): Promise<Record<string, string>> {
    const names = await this.maybe([
      'config',
      '-z',
      '--name-only',
      '--get-regexp',
      '^filter\\..*\\.(clean|process|smudge)$',
    ]);
    const settings = (names ?? '')
      .split('\0')
      .filter((name) => name !== '')
      .flatMap((name) => [
        [name, ''],
        [name.replace(/\.[^.]*$/u, '.required'), 'false'],
      ]);
    // Not by -c: in `-c filter.a=b.clean=` the name would end at the first `=`, and the filter `a=b` would run.
    return Object.fromEntries([
      ['GIT_CONFIG_COUNT', String(settings.length)],
      ...settings.flatMap(([key = '', value = ''], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ]);
  }

  /**
   * Whether anything under the folder differs from HEAD, tracked or new, but for `ignoring`, a folder named from the top
   * of the repository. Files that git was told not to look at are not looked at (`Worktree.unwatched`).
   */
  async isChanged(ignoring: string): Promise<boolean> {
    const status = [
      'status',
      '--porcelain',
      '-z',
      '--untracked-files=all',
      '--no-renames',
      // Which commit of it is checked out counts; inside, a filter of its own settings could start a program.
      '--ignore-submodules=dirty',
      '.',
    ];
    const output = await this.output(status, { settings: await this.#withoutFilters() });
    return output
      .toString('utf8')
      .split('\0')
      .map((record) => record.slice(3))
      .some((path) => path !== '' && path !== ignoring && !path.startsWith(`${ignoring}/`));
  }

  /**
   * Tracked files under the folder that are not what HEAD has, each with the id of HEAD's blob (zeros where it has none),
   * paths relative to the folder; those that git was told not to look at (assume-unchanged) come without one.
   */
  async changed(): Promise<{ path: string; blob: string | null }[]> {
    const diff = [
      'diff',
      '--raw',
      '--no-abbrev',
      '--no-ext-diff',
      '--no-textconv',
      '--no-renames',
      '--ignore-submodules=dirty',
      '--relative',
      '-z',
      'HEAD',
      '--',
    ];
    const output = await this.output(diff, { settings: await this.#withoutFilters() });
    const fields = output.toString('utf8').split('\0');
    const found: { path: string; blob: string | null }[] = [];
    for (let i = 0; i + 1 < fields.length; i += 2)
      found.push({ path: fields[i + 1] ?? '', blob: fields[i]?.split(' ')[2] ?? null });
    const tagged = await this.output(['ls-files', '-v', '-z', '--cached']);
    for (const record of tagged.toString('utf8').split('\0'))
      if (/^[a-z] /u.test(record)) found.push({ path: record.slice(2), blob: null });
    return found;
  }

  /** Old path to new path of the files that were renamed between a commit and the working tree, relative to the folder. */
  async renames(from: string): Promise<Record<string, string>> {
    const diff = [
      'diff',
      '--no-ext-diff',
      '--no-textconv',
      '--ignore-submodules=dirty',
      '--find-renames',
      '--diff-filter=R',
      '--name-status',
      '--relative',
      '-z',
      from,
      '--',
    ];
    const output = await this.output(diff, { settings: await this.#withoutFilters() });
    const fields = output.toString('utf8').split('\0');
    const renames: Record<string, string> = Object.create(null) as Record<string, string>;
    for (let i = 0; i + 2 < fields.length; i += 3) {
      const [before, after] = [fields[i + 1], fields[i + 2]];
      if (before !== undefined && after !== undefined) renames[before] = after;
    }
    return renames;
  }

  /** The commit id of a revision, or null. A name that could be taken for an option is never passed as one. */
  async commit(revision: string): Promise<string | null> {
    return await this.maybe(['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
  }
}

/** A full commit id in hex, SHA-1 or SHA-256. */
export function isCommitId(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text);
}
