import { SallyportError } from '../../../model/error.ts';
import { ascending } from '../../../model/order.ts';
import type { Git } from '../../../platform/git.ts';

/** A file's content that a commit added, under the first path and commit that had it. */
export interface HistoryBlob {
  id: string;
  path: string;
  commit: string;
}

export interface History {
  /** Each blob once, by path and then by age, so that versions of a file follow each other. */
  blobs: HistoryBlob[];
  /** Oldest first. */
  commits: string[];
  /** Annotated tags: object id and name. */
  tags: { id: string; name: string }[];
}

const COLON = 0x3a;
const SPACE = 0x20;
/** Six digits and a space. */
const MODE = 7;

/** What of the history is looked at: all that any reference reaches, or what `head` has and `base` has not. */
export type HistoryRange = { kind: 'all' } | { kind: 'range'; base: string | null; head: string };

/**
 * `listed` is told of the commits as soon as they are known, while what they changed is still being listed. Throws
 * SP-SECRETS-SHALLOW where the repository does not have the history that is asked for.
 */
export async function listHistory(
  git: Git,
  range: HistoryRange,
  listed: (history: Pick<History, 'commits' | 'tags'>) => Promise<void> = async () => undefined,
): Promise<History> {
  const revisions =
    range.kind === 'all' ? ['--all'] : [range.head, ...(range.base === null ? [] : [`^${range.base}`])];
  if (range.kind === 'range' && range.base !== null && (await git.commit(range.base)) === null)
    throw missingBase(range.base);
  const whole = range.kind === 'all' || range.base === null;
  const [isPartial, ids, tags] = await Promise.all([
    whole ? isShallow(git) : false,
    git.output(['rev-list', '--topo-order', '--reverse', ...revisions, '--']),
    range.kind === 'all' ? annotatedTags(git) : [],
  ]);
  if (isPartial) throw shallow();
  const text = ids.toString('latin1');
  const commits = text.split('\n').filter((line) => line !== '');
  const differences = git.output(
    ['diff-tree', '--stdin', '-r', '--root', '-c', '--raw', '-z', '--no-renames', '--no-abbrev'],
    { input: text },
  );
  const [output] = await Promise.all([differences, listed({ commits, tags })]);
  return { blobs: byPathAndAge(addedBlobs(output)), commits, tags };
}

/** Listed oldest first, as they stay within a path. A path is kept once: a file can have thousands of versions. */
function byPathAndAge(blobs: Iterable<HistoryBlob>): HistoryBlob[] {
  const groups = new Map<string, HistoryBlob[]>();
  for (const blob of blobs) {
    const group = groups.get(blob.path);
    if (group === undefined) groups.set(blob.path, [blob]);
    else group.push({ ...blob, path: group[0]?.path ?? blob.path });
  }
  return [...groups.keys()].sort(ascending).flatMap((path) => groups.get(path) ?? []);
}

/** Whether older commits are missing from this clone. */
export async function isShallow(git: Git): Promise<boolean> {
  return (await git.text(['rev-parse', '--is-shallow-repository'])) === 'true';
}

/** `git diff-tree --stdin -c --raw -z`: `COMMIT NUL (:MODES IDS STATUS NUL PATH NUL)*`; merges have more colons. */
function* addedBlobs(output: Buffer): Generator<HistoryBlob> {
  const seen = new Set<string>();
  let commit = '';
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at);
    if (end === -1) return;
    let parents = 0;
    while (output[at + parents] === COLON) parents++;
    if (parents === 0) {
      commit = output.toString('latin1', at, end);
      at = end + 1;
      continue;
    }
    const pathEnd = output.indexOf(0, end + 1);
    if (pathEnd === -1) return;
    const mode = output.toString('latin1', at + parents + parents * MODE, at + parents + parents * MODE + 6);
    // Files and links; what a link points to is text, too. Submodules are commits of another repository.
    if (mode.startsWith('100') || mode === '120000') {
      const ids = at + parents + (parents + 1) * MODE;
      const digits = output.indexOf(SPACE, ids) - ids;
      const from = ids + parents * (digits + 1);
      const id = output.toString('latin1', from, from + digits);
      if (!seen.has(id)) {
        seen.add(id);
        yield { id, path: output.toString('utf8', end + 1, pathEnd), commit };
      }
    }
    at = pathEnd + 1;
  }
}

async function annotatedTags(git: Git): Promise<History['tags']> {
  const listed = await git.text([
    'for-each-ref',
    '--format=%(objecttype) %(objectname) %(refname:strip=2)',
    'refs/tags',
  ]);
  return listed.split('\n').flatMap((line) => {
    const [type, id, ...name] = line.split(' ');
    return type === 'tag' && id !== undefined ? [{ id, name: name.join(' ') }] : [];
  });
}

/**
 * What the index holds that HEAD does not: for a pre-commit hook. `index`: the file of another index, such as the one
 * that `git commit FILE` or `git commit --all` makes for itself.
 */
export async function listStaged(git: Git, index?: string): Promise<HistoryBlob[]> {
  const against = (await git.commit('HEAD')) === null ? [await emptyTree(git)] : ['HEAD'];
  const output = await git.output(
    ['diff-index', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', ...against, '--'],
    index === undefined ? {} : { settings: { GIT_INDEX_FILE: index } },
  );
  return [...addedBlobs(output)];
}

async function emptyTree(git: Git): Promise<string> {
  return (await git.output(['hash-object', '-t', 'tree', '--stdin'], { input: '' }))
    .toString('latin1')
    .trim();
}

function missingBase(base: string): SallyportError {
  return new SallyportError({
    code: 'SP-SECRETS-SHALLOW',
    message: 'the commit that the change is compared with is not in this clone',
    found: base,
    next: 'give the checkout step fetch-depth: 0',
  });
}

function shallow(): SallyportError {
  return new SallyportError({
    code: 'SP-SECRETS-SHALLOW',
    message: 'the clone is shallow: its history cannot be looked at',
    expected: 'the whole history',
    next: 'give the checkout step fetch-depth: 0',
  });
}
