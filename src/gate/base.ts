import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import type { Git } from '../platform/git.ts';
import type { Repository } from '../platform/open-tree.ts';

/** What the change is held against. */
export interface Base {
  /** The tip that it is to be merged into: policy and everything that suppresses is read here. */
  revision: string;
  /** Where it left: findings that were there already are read here. */
  mergeBase: string;
  /** Files of the merge-base under the names that they have now. */
  renames: Record<string, string>;
}

/** Events without a change to judge: the whole tree is judged by the policy that it holds. */
const WHOLE_TREE = new Set(['push', 'schedule', 'workflow_dispatch', 'repository_dispatch', 'release']);

/**
 * The base: on a runner from the event alone, since a workflow file that the change can edit could set anything else
 * (trust-model rule 2); on a laptop from `--base`. Null where there is none.
 */
export async function resolveBase(
  repository: Repository | null,
  given: string | undefined,
  context: Pick<Context, 'surface' | 'env' | 'files'>,
): Promise<Base | null> {
  // A step is one whatever its environment says, which an earlier step may have written.
  if (context.surface === 'cli' && context.env.GITHUB_ACTIONS !== 'true') {
    if (given === undefined) return null;
    if (repository === null) throw noRepository();
    return await baseAt(repository.git, given, '--base');
  }
  if (given !== undefined) {
    throw new SallyportError({
      code: 'SP-BASE-INPUT',
      message: 'the base is not an input in a workflow: it comes from the event',
      expected: 'a pull_request or merge_group event, and no --base',
      found: given,
    });
  }
  const event = context.env.GITHUB_EVENT_NAME ?? '';
  if (WHOLE_TREE.has(event)) return null;
  if (event !== 'pull_request' && event !== 'merge_group') throw refusedEvent(event);
  if (repository === null) throw noRepository();
  const { readEvent } = await import('./event.ts');
  const { base, heads } = await readEvent(event, context);
  await requireHead(repository.git, [...heads, context.env.GITHUB_SHA ?? '']);
  const revision = (await newerBase(repository.git, base, heads)) ?? base;
  return await baseAt(repository.git, revision, `the ${event} event`);
}

/**
 * An event that is run again names the base as it was then. Where GitHub's own merge of that head is checked out, its
 * first parent is the base as it is now, if it came after the one that the event names.
 */
async function newerBase(git: Git, base: string, heads: readonly string[]): Promise<string | null> {
  const [first, second, third] = ((await git.maybe(['rev-parse', 'HEAD^@'])) ?? '').split('\n');
  if (first === undefined || second === undefined || third !== undefined || !heads.includes(second))
    return null;
  return (await git.maybe(['merge-base', '--is-ancestor', base, first])) === null ? null : first;
}

/** What is checked out must be what the event is about, or the verdict would be about something else. */
async function requireHead(git: Git, accepted: readonly string[]): Promise<void> {
  const head = await git.commit('HEAD');
  if (head !== null && accepted.includes(head)) return;
  throw new SallyportError({
    code: 'SP-EVENT-HEAD',
    message: 'what is checked out is not what the event is about',
    expected: accepted.filter((id) => id !== '').join(' or '),
    found: head ?? 'no commit',
    next: 'use actions/checkout without a ref of your own before the gate',
  });
}

async function baseAt(git: Git, revision: string, from: string): Promise<Base> {
  const commit = await git.commit(revision);
  if (commit === null) throw await missing(git, `${from} names ${revision}, which this clone does not have`);
  const mergeBase = await git.maybe(['merge-base', commit, 'HEAD']);
  if (mergeBase === null) throw await missing(git, `${revision} and HEAD have no commit in common here`);
  return { revision: commit, mergeBase, renames: await git.renames(mergeBase) };
}

async function missing(git: Git, found: string): Promise<SallyportError> {
  const shallow = (await git.maybe(['rev-parse', '--is-shallow-repository'])) === 'true';
  return new SallyportError({
    code: 'SP-BASE-MISSING',
    message: 'the base of the change is not here',
    expected: 'a clone that holds the base and what lies between',
    found: shallow ? `${found}; the clone is shallow` : found,
    next: 'add `fetch-depth: 0` under `with:` of the actions/checkout step, or git fetch --unshallow',
  });
}

function noRepository(): SallyportError {
  return new SallyportError({
    code: 'SP-BASE-MISSING',
    message: 'there is no Git repository here',
    expected: 'a repository that holds the base',
    next: 'check out the repository first',
  });
}

function refusedEvent(event: string): SallyportError {
  const privileged = ['pull_request_target', 'workflow_run', 'issue_comment'].includes(event);
  return new SallyportError({
    code: 'SP-EVENT',
    message: privileged
      ? `the gate does not run on ${event}: its token can write, and the change is not trusted`
      : `the gate does not know the event ${JSON.stringify(event)}`,
    expected: ['pull_request', 'merge_group', ...WHOLE_TREE].join(', '),
    found: event,
  });
}
