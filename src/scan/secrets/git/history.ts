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

/** What of the history is looked at: all that any reference reaches, or what `head` has and `base` has not. */
export type HistoryRange = { kind: 'all' } | { kind: 'range'; base: string | null; head: string };

/** Throws SP-SECRETS-SHALLOW where the repository does not have the history that is asked for. */
export async function listHistory(git: Git, range: HistoryRange): Promise<History> {
  const revisions =
    range.kind === 'all' ? ['--all'] : [range.head, ...(range.base === null ? [] : [`^${range.base}`])];
  if (range.kind === 'range' && range.base !== null && (await git.commit(range.base)) === null)
    throw missingBase(range.base);
  if ((range.kind === 'all' || range.base === null) && (await isShallow(git))) throw shallow();
  const listed = (await git.output(['rev-list', '--topo-order', '--reverse', ...revisions, '--'])).toString(
    'latin1',
  );
  const commits = listed.split('\n').filter((line) => line !== '');
  const differences = await git.output(
    ['diff-tree', '--stdin', '-r', '--root', '-c', '--raw', '-z', '--no-renames', '--no-abbrev'],
    { input: listed },
  );
  const order = new Map(commits.map((commit, index) => [commit, index]));
  const blobs = [...addedBlobs(differences)];
  blobs.sort((a, b) => ascending(a.path, b.path) || (order.get(a.commit) ?? 0) - (order.get(b.commit) ?? 0));
  return { blobs, commits, tags: range.kind === 'all' ? await annotatedTags(git) : [] };
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
    const record = output.toString('latin1', at, end);
    at = end + 1;
    if (!record.startsWith(':')) {
      commit = record;
      continue;
    }
    const pathEnd = output.indexOf(0, at);
    if (pathEnd === -1) return;
    const parents = /^:+/u.exec(record)?.[0].length ?? 1;
    const fields = record.slice(parents).split(' ');
    const mode = fields[parents] ?? '';
    const id = fields[2 * parents + 1] ?? '';
    // Files and links; what a link points to is text, too. Submodules are commits of another repository.
    if ((mode.startsWith('100') || mode === '120000') && !seen.has(id)) {
      seen.add(id);
      yield { id, path: output.toString('utf8', at, pathEnd), commit };
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
