import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { SallyportError } from '../model/error.ts';
import { grouped } from '../model/grouped.ts';
import { readBounded, unreadable } from './files.ts';
import type { Git } from './git.ts';
import { byPath, refusePointer, type SourceTree, type TreeEntry } from './tree.ts';

/** More entries than this are not a service's repository but a mistake or an attack. */
const MAX_ENTRIES = 1_000_000;
/** Where runs are kept. Never an input: what lies there is reported, not read (trust-model rule 2). */
export const RUNS_FOLDER = '.sallyport';

/** A working tree with what Git says of it beyond its entries. */
export interface Worktree extends SourceTree {
  /** Tracked paths where runs are kept, which are no entries. */
  readonly trackedRuns: readonly string[];
  /** Git was told not to look at some tracked file (assume-unchanged, skip-worktree): nobody knows whether it changed. */
  readonly unwatched: boolean;
}

/**
 * The working tree of `root`: with Git what is tracked and what is new and not ignored, else every file.
 * Throws SP-TREE-TOO-MANY over `MAX_ENTRIES`.
 */
export async function openWorktree(root: string, git: Git | null): Promise<Worktree> {
  const paths = git === null ? walk(root) : await listed(git);
  const realRoot = realpathSync.native(root);
  const entries: TreeEntry[] = [];
  const trackedRuns: string[] = [];
  let unwatched = false;
  for (const { path, tag } of paths) {
    unwatched ||= /^[a-zS]$/u.test(tag);
    if (path === RUNS_FOLDER || path.startsWith(`${RUNS_FOLDER}/`)) {
      if (tag !== UNTRACKED) trackedRuns.push(path);
      continue;
    }
    const sparse = tag === 'S' || tag === 's';
    const entry = describe(root, realRoot, path, sparse);
    if (entry !== null) entries.push(entry);
    if (entries.length > MAX_ENTRIES) throw tooMany(root);
  }
  return { ...worktreeOf(root, entries.sort(byPath)), trackedRuns, unwatched };
}

/** The working tree by a walk that was made before: asking Git and the disk again for each engine would take longer. */
export function worktreeOf(root: string, entries: readonly TreeEntry[]): SourceTree {
  const realRoot = realpathSync.native(root);
  return {
    ref: { root },
    entries,
    read: async (path, limit) =>
      refusePointer(await readBounded(stillInside(root, realRoot, path), limit), path),
    close: async () => undefined,
  };
}

/** Of what Git does not track, and of everything where there is no Git. */
const UNTRACKED = '?';

interface Listed {
  path: string;
  /** As `git ls-files -v` has it: `S` is skip-worktree, a small letter assume-unchanged, `?` untracked. */
  tag: string;
}

/** A trailing `/` is a repository inside this one. */
async function listed(git: Git): Promise<Listed[]> {
  const output = await git.output(['ls-files', '-z', '-v', '--cached', '--others', '--exclude-standard']);
  const found = new Map<string, Listed>();
  for (const record of output.toString('utf8').split('\0')) {
    if (record !== '') found.set(record.slice(2), { path: record.slice(2), tag: record.slice(0, 1) });
  }
  return [...found.values()];
}

function* walk(root: string): Generator<Listed> {
  const open = [''];
  let seen = 0;
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const child of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (child.name === '.git' || (folder === '' && child.name === RUNS_FOLDER)) continue;
      const path = folder === '' ? child.name : `${folder}/${child.name}`;
      if (child.isDirectory()) open.push(path);
      else yield { path, tag: UNTRACKED };
      seen += 1;
      if (seen > MAX_ENTRIES) throw tooMany(root);
    }
  }
}

/** Null for a tracked file that the working tree does not have any more. */
function describe(root: string, realRoot: string, path: string, sparse: boolean): TreeEntry | null {
  if (path.endsWith('/')) return { path: path.slice(0, -1), bytes: null, kind: 'submodule' };
  if (path.includes('\ufffd')) return unreachable(path, 'file name is not UTF-8');
  try {
    const stat = lstatSync(join(root, path));
    if (stat.isFile()) return { path, bytes: stat.size, kind: 'file' };
    if (stat.isDirectory()) return { path, bytes: null, kind: 'submodule' };
    if (!stat.isSymbolicLink()) return unreachable(path, 'neither a file nor a folder');
    const target = statSync(insideRoot(root, realRoot, path));
    if (target.isFile()) return { path, bytes: target.size, kind: 'file' };
    return unreachable(path, 'symbolic link to a folder; its files are looked at under their own paths');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (cause instanceof SallyportError) return unreachable(path, cause.problem.message);
    if (code === 'ELOOP') return unreachable(path, 'symbolic links in a loop');
    if (code === 'ENOENT' && sparse) return unreachable(path, 'left out by a sparse checkout');
    // Not a folder any more: a file stands where one of the folders above it was.
    if (code === 'ENOTDIR') return null;
    if (code === 'ENOENT' && !linkExists(join(root, path))) return null;
    return unreachable(path, code === 'ENOENT' ? 'symbolic link to nothing' : `cannot be read: ${code}`);
  }
}

function linkExists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function unreachable(path: string, reason: string): TreeEntry {
  return { path, bytes: null, kind: 'unreachable', reason };
}

/** The same for a file that was there when the tree was walked: it may be gone by now. Throws SP-FILE-MISSING too. */
function stillInside(root: string, realRoot: string, path: string): string {
  try {
    return insideRoot(root, realRoot, path);
  } catch (cause) {
    throw cause instanceof SallyportError ? cause : unreadable(path, cause);
  }
}

/** The real path of an entry, refused where it leaves the root by a link in any of its parts. */
function insideRoot(root: string, realRoot: string, path: string): string {
  const real = realpathSync.native(resolve(root, path));
  const inside = relative(realRoot, real);
  if (inside === '..' || inside.startsWith(`..${sep}`) || resolve(realRoot, inside) !== real) {
    throw new SallyportError({
      code: 'SP-FILE-OUTSIDE',
      message: 'symbolic link leads outside',
      place: { path },
    });
  }
  return real;
}

function tooMany(root: string): SallyportError {
  return new SallyportError({
    code: 'SP-TREE-TOO-MANY',
    message: 'the folder holds too many files',
    place: { path: root },
    expected: `at most ${grouped(MAX_ENTRIES)} files`,
    next: 'name the service’s own folder',
  });
}
