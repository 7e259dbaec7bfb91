import type { Repository } from '../../../platform/open-tree.ts';
import type { EngineInput } from '../../engine.ts';
import type { Look } from '../look.ts';
import type { SecretsOptions } from '../options.ts';
import type { ObjectBatch } from '../threads/batch.ts';
import { type History, type HistoryRange, isShallow, listHistory, listStaged } from './history.ts';

/** Objects that a thread reads through one process of Git: its start should not count, and all threads have some. */
const OBJECTS_A_BATCH = 4000;
const LEAST_A_BATCH = 400;

/**
 * Looks at what the history added: messages of commits and tags, contents of files, notes. Null where there is no
 * history or it is not wanted; else how many commits it has.
 */
export async function lookAtHistory(
  look: Look,
  repository: Repository | null,
  input: EngineInput<SecretsOptions>,
): Promise<number | null> {
  const { history } = input.options;
  if (history === 'off' || repository === null) return null;
  const { git } = repository;
  const [head, isPartial] = await Promise.all([
    input.tree.ref.commit ?? git.commit('HEAD'),
    history === 'auto' ? isShallow(git) : false,
  ]);
  if (head === null) return 0;
  if (isPartial) {
    look.skip(
      '.git',
      'the clone is shallow: its history was not looked at (fetch-depth: 0 fetches it)',
      false,
    );
    return null;
  }
  const listed = await listHistory(git, rangeOf(input, head), async (known) => {
    await lookAtMessages(look, repository, known);
  });
  await lookAtBlobs(look, repository, listed, input);
  return listed.commits.length;
}

function rangeOf({ options, tree }: EngineInput<SecretsOptions>, head: string): HistoryRange {
  if (options.history === 'range') return { kind: 'range', base: options.base ?? null, head };
  // Of a commit that was named, its own history; of the working tree, all that the clone holds.
  return tree.ref.commit === undefined ? { kind: 'all' } : { kind: 'range', base: null, head };
}

async function lookAtBlobs(
  look: Look,
  { git, prefix }: Repository,
  { blobs, commits }: History,
  { excluded }: EngineInput<SecretsOptions>,
): Promise<void> {
  const order = new Map(commits.map((commit, index) => [commit, index]));
  const wanted = blobs
    .filter(({ path }) => path.startsWith(prefix) && !excluded(path.slice(prefix.length)))
    .map(({ id, path, commit }) => ({ id, path: namedPath(path, prefix), commit }));
  for (const items of byFile(wanted)) {
    const batch: ObjectBatch = { kind: 'versions', items, cwd: git.cwd, tools: git.tools };
    await look.submit(batch, (index) => {
      const { path = '', commit = '' } = items[index] ?? {};
      return { from: 'history', path, commit, order: order.get(commit) ?? 0 };
    });
  }
}

/** Parts of about the same size; the versions of a file stay together, since each is held against those before it. */
function* byFile<T extends { path: string }>(items: readonly T[]): Generator<T[]> {
  const size = Math.max(LEAST_A_BATCH, Math.min(OBJECTS_A_BATCH, Math.ceil(items.length / 16)));
  let from = 0;
  for (let to = 1; to <= items.length; to++) {
    if (to < items.length && (to - from < size || items[to]?.path === items[to - 1]?.path)) continue;
    yield items.slice(from, to);
    from = to;
  }
}

/** Notes are files named by the object that they are about. */
const NOTE = /^(?:[0-9a-f]{2}\/){0,4}[0-9a-f]{32,64}$/u;

function namedPath(path: string, prefix: string): string {
  return NOTE.test(path) ? `.git/notes/${path.replaceAll('/', '')}` : path.slice(prefix.length);
}

/** Messages of commits and of annotated tags. */
async function lookAtMessages(
  look: Look,
  { git }: Repository,
  { commits, tags }: Pick<History, 'commits' | 'tags'>,
): Promise<void> {
  const all = [
    ...commits.map((id) => ({ id, path: `.git/commits/${id}`, commit: id })),
    ...tags.map(({ id, name }) => ({ id, path: `.git/tags/${name}`, commit: id })),
  ];
  for (let from = 0; from < all.length; from += 2 * OBJECTS_A_BATCH) {
    const items = all.slice(from, from + 2 * OBJECTS_A_BATCH);
    const batch: ObjectBatch = { kind: 'messages', items, cwd: git.cwd, tools: git.tools };
    await look.submit(batch, (index) => {
      const { path = '', commit = '' } = items[index] ?? {};
      return { from: 'history', path, commit, order: Math.min(from + index, commits.length) };
    });
  }
}

/** What the next commit would add. */
export async function lookAtStaged(
  look: Look,
  { git, prefix }: Repository,
  input: EngineInput<SecretsOptions>,
): Promise<void> {
  const staged = (await listStaged(git, input.options.index)).filter(({ path }) => path.startsWith(prefix));
  const items = staged
    .filter(({ path }) => !input.excluded(path.slice(prefix.length)))
    .map(({ id, path }) => ({ id, path: path.slice(prefix.length), commit: '' }));
  // What the policy leaves out was met all the same: a commit of nothing else is looked at.
  for (let left = staged.length; left > 0; left--) look.countFile();
  for (let from = 0; from < items.length; from += OBJECTS_A_BATCH) {
    const part = items.slice(from, from + OBJECTS_A_BATCH);
    const batch: ObjectBatch = { kind: 'files', items: part, cwd: git.cwd, tools: git.tools };
    await look.submit(batch, (index) => ({ from: 'staged', path: part[index]?.path ?? '' }));
  }
}
