import type { Repository } from '../../../platform/open-tree.ts';
import type { EngineInput } from '../../engine.ts';
import type { Origin } from '../collect.ts';
import { contentKind } from '../inspect/kind.ts';
import type { Look } from '../look.ts';
import type { SecretsOptions } from '../options.ts';
import { readObjects } from './blobs.ts';
import { FileVersions } from './changed.ts';
import {
  type History,
  type HistoryBlob,
  type HistoryRange,
  isShallow,
  listHistory,
  listStaged,
} from './history.ts';

/** Contents over this are named, not read. */
const MAX_BLOB = 128 * 1024 * 1024;
/** Versions of larger files are not kept for comparison. */
const MAX_COMPARED = 16 * 1024 * 1024;

/** What of the history is to be looked at; null where there is none or it is not wanted. */
export async function planHistory(
  look: Look,
  repository: Repository | null,
  input: EngineInput<SecretsOptions>,
): Promise<History | null> {
  const { history } = input.options;
  if (history === 'off' || repository === null) return null;
  const { git } = repository;
  const head = input.tree.ref.commit ?? (await git.commit('HEAD'));
  if (head === null) return { blobs: [], commits: [], tags: [] };
  if (history === 'auto' && (await isShallow(git))) {
    look.skip(
      '.git',
      'the clone is shallow: its history was not looked at (fetch-depth: 0 fetches it)',
      false,
    );
    return null;
  }
  return await listHistory(git, rangeOf(input, head));
}

/** Looks at what the history added: contents of files, messages of commits and tags, notes. */
export async function lookAtHistory(
  look: Look,
  repository: Repository,
  history: History,
  input: EngineInput<SecretsOptions>,
): Promise<void> {
  const { prefix } = repository;
  const blobs = history.blobs.filter(
    ({ path }) => path.startsWith(prefix) && !input.excluded(path.slice(prefix.length)),
  );
  await lookAtBlobs(look, repository, blobs, history.commits, input);
  await lookAtMessages(look, repository, history, input);
}

function rangeOf({ options, tree }: EngineInput<SecretsOptions>, head: string): HistoryRange {
  if (options.history === 'range') return { kind: 'range', base: options.base ?? null, head };
  // Of a commit that was named, its own history; of the working tree, all that the clone holds.
  return tree.ref.commit === undefined ? { kind: 'all' } : { kind: 'range', base: null, head };
}

async function lookAtBlobs(
  look: Look,
  { git, prefix }: Repository,
  blobs: readonly HistoryBlob[],
  commits: readonly string[],
  { tools }: EngineInput<SecretsOptions>,
): Promise<void> {
  if (tools === undefined) return;
  const order = new Map(commits.map((commit, index) => [commit, index]));
  let versions = new FileVersions();
  let versionsOf = '';
  let index = 0;
  for await (const object of readObjects(
    git.cwd,
    tools,
    blobs.map(({ id }) => id),
    MAX_BLOB,
  )) {
    const blob = blobs[index++] as HistoryBlob;
    const path = namedPath(blob.path, prefix);
    const origin: Origin = { from: 'history', path, commit: blob.commit, order: order.get(blob.commit) ?? 0 };
    if (typeof object === 'string') {
      look.skip(
        path,
        `${object === 'missing' ? 'not in this clone' : 'too large to be read'} (commit ${blob.commit.slice(0, 12)})`,
        true,
      );
      continue;
    }
    const { bytes } = object;
    if (contentKind(bytes) !== 'text' || bytes.length > MAX_COMPARED) {
      await look.add(origin, bytes);
      continue;
    }
    if (versionsOf !== blob.path) versions = new FileVersions();
    versionsOf = blob.path;
    for (const { from, to, firstLine } of versions.add(bytes))
      await look.add(origin, bytes.subarray(from, to), firstLine);
  }
}

/** Notes are files named by the object that they are about. */
const NOTE = /^(?:[0-9a-f]{2}\/){0,4}[0-9a-f]{32,64}$/u;

function namedPath(path: string, prefix: string): string {
  return NOTE.test(path) ? `.git/notes/${path.replaceAll('/', '')}` : path.slice(prefix.length);
}

/** Messages of commits and of annotated tags: what follows the first empty line of the object. */
async function lookAtMessages(
  look: Look,
  { git }: Repository,
  { commits, tags }: History,
  { tools }: EngineInput<SecretsOptions>,
): Promise<void> {
  if (tools === undefined) return;
  const ids = [...commits, ...tags.map(({ id }) => id)];
  let index = 0;
  for await (const object of readObjects(git.cwd, tools, ids, MAX_BLOB)) {
    const id = ids[index] as string;
    const tag = tags[index - commits.length];
    const path = tag === undefined ? `.git/commits/${id}` : `.git/tags/${tag.name}`;
    const origin: Origin = { from: 'history', path, commit: id, order: Math.min(index, commits.length) };
    index++;
    if (typeof object === 'string') {
      look.skip(path, object === 'missing' ? 'not in this clone' : 'too large to be read', true);
      continue;
    }
    const start = object.bytes.indexOf('\n\n');
    if (start !== -1) await look.add(origin, object.bytes.subarray(start + 2));
  }
}

/** What the next commit would add. */
export async function lookAtStaged(
  look: Look,
  { git, prefix }: Repository,
  input: EngineInput<SecretsOptions>,
): Promise<void> {
  if (input.tools === undefined) return;
  const staged = (await listStaged(git, input.options.index)).filter(({ path }) => path.startsWith(prefix));
  const blobs = staged.filter(({ path }) => !input.excluded(path.slice(prefix.length)));
  // What the policy leaves out was met all the same: a commit of nothing else is looked at.
  for (let left = staged.length - blobs.length; left > 0; left--) look.countFile();
  let index = 0;
  for await (const object of readObjects(
    git.cwd,
    input.tools,
    blobs.map(({ id }) => id),
    MAX_BLOB,
  )) {
    const blob = blobs[index++] as HistoryBlob;
    const path = blob.path.slice(prefix.length);
    look.countFile();
    if (typeof object === 'string')
      look.skip(path, object === 'missing' ? 'not in this clone' : 'too large to be read', true);
    else await look.add({ from: 'staged', path }, object.bytes);
  }
}
