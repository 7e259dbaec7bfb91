import { randomBytes } from 'node:crypto';
import { workerData } from 'node:worker_threads';
import { problemOf, SallyportError } from '../../model/error.ts';
import { networkHttp } from '../../platform/http.ts';
import { findRepository, type Repository } from '../../platform/open-tree.ts';
import { runProcess } from '../../platform/process.ts';
import type { EmbeddedEngine, EngineInput, EngineOutput } from '../engine.ts';
import { lookAtHistory, lookAtStaged } from './git/look.ts';
import { IGNORE_FILES, type IgnoreEntry, parseIgnoreFile } from './ignore-file.ts';
import { Look } from './look.ts';
import { parseSecretsOptions, type SecretsOptions, secretsDirections, secretsOptionsFor } from './options.ts';
import { loadRules } from './rules/extend.ts';
import { ownPack, reportRules } from './rules/pack.ts';
import type { RuleSet } from './rules/rule.ts';
import { type Ask, verifyAll } from './verify/verify.ts';

/** Files over this are named, not read. */
export const MAX_FILE = 128 * 1024 * 1024;
const MAX_RULE_FILE = 4_000_000;
const MAX_IGNORE_FILE = 4_000_000;

/** Looks for credentials in the working tree, in what is staged, and in the history. */
export const secrets: EmbeddedEngine<SecretsOptions> = {
  name: 'sallyport-secrets',
  stage: 'secrets',
  summary: 'API keys, tokens, passwords and private keys, in the tree and in its history',
  rules: reportRules(ownPack()),
  // A secret can stand in a file of any kind.
  wants: () => true,
  directions: secretsDirections,
  parseOptions: parseSecretsOptions,
  optionsFor: secretsOptionsFor,
  run: async (input) => await lookForSecrets(input, networkHttp.request),
};

/** `ask`: how vendors are asked, where that is wanted. */
export async function lookForSecrets(input: EngineInput<SecretsOptions>, ask: Ask): Promise<EngineOutput> {
  const { tree, options } = input;
  // Git answers while the threads start.
  const asking =
    input.tools === undefined
      ? Promise.resolve(null)
      : findRepository(tree.ref.root, runProcess, input.tools);
  asking.catch(() => undefined);
  const custom = options.rules === undefined ? null : await customRules(input, options.rules, await asking);
  const rules = (custom ?? ownPack()).rules;
  const look = new Look(rules, custom, threadEntry(), randomBytes(32), options.verify);
  try {
    look.expect(options.staged ? 1 : tree.entries.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0));
    const repository = await asking;
    let commits: number | null = null;
    if (options.staged) await lookAtStaged(look, need(repository), input);
    else {
      // Git lists the history while the threads look at the tree.
      const [history] = await Promise.all([lookAtHistory(look, repository, input), lookAtTree(look, input)]);
      commits = history;
    }
    await look.finish();
    const { collector } = look;
    if (options.verify) collector.verified(await verifyAll(collector.credentials, ask, () => new Date()));
    return {
      hits: look.collector.hits(await ignoreEntries(input)),
      looked: look.looked(commits),
      problems: look.problems,
    };
  } finally {
    await look.close();
  }
}

async function lookAtTree(look: Look, { tree, excluded }: EngineInput<SecretsOptions>): Promise<void> {
  for (const entry of tree.entries) {
    if (excluded(entry.path)) continue;
    if (entry.kind === 'submodule') {
      look.skip(entry.path, 'submodule', false);
      continue;
    }
    look.countFile();
    if (entry.kind === 'unreachable') {
      look.skip(entry.path, entry.reason ?? 'cannot be reached', false);
      continue;
    }
    const bytes = await tree.read(entry.path, MAX_FILE).catch((thrown: unknown) => {
      const problem = problemOf(thrown);
      if (problem.code === 'SP-FILE-TOO-LARGE') look.skip(entry.path, `larger than ${MAX_FILE} bytes`, true);
      else look.problems.push({ ...problem, place: problem.place ?? { path: entry.path } });
      return null;
    });
    if (bytes !== null) await look.addFile(entry.path, bytes);
  }
}

async function customRules(
  input: EngineInput<SecretsOptions>,
  path: string,
  repository: Repository | null,
): Promise<RuleSet> {
  const { rulesAt } = input.options;
  const read = async (file: string): Promise<string> => {
    if (rulesAt === undefined) return (await input.tree.read(file, MAX_RULE_FILE)).toString('utf8');
    const { git, prefix } = need(repository);
    return (await git.output(['cat-file', 'blob', `${rulesAt}:${prefix}${file}`])).toString('utf8');
  };
  return await loadRules(await read(path), path, { read, defaults: ownPack() });
}

function need(repository: Repository | null): Repository {
  if (repository !== null) return repository;
  throw new SallyportError({
    code: 'SP-GIT',
    message: 'this needs a Git repository',
    next: 'run it inside the repository',
  });
}

async function ignoreEntries({ tree }: EngineInput<SecretsOptions>): Promise<IgnoreEntry[]> {
  const out: IgnoreEntry[] = [];
  for (const file of IGNORE_FILES) {
    if (!tree.entries.some(({ path, kind }) => path === file && kind === 'file')) continue;
    out.push(...parseIgnoreFile((await tree.read(file, MAX_IGNORE_FILE)).toString('utf8'), file));
  }
  return out;
}

/** The program's entry where this runs in one of its threads; in the sources the thread's own file. */
function threadEntry(): string | URL {
  const inProgram = (workerData as { sallyport?: string } | null)?.sallyport === 'scan';
  const entry = process.argv[1];
  return inProgram && entry !== undefined ? entry : new URL('./threads/thread.ts', import.meta.url);
}
