import { posix } from 'node:path';
import { SallyportError } from '../model/error.ts';
import { tooLarge } from './files.ts';
import type { Git } from './git.ts';
import { GitObjects } from './git-objects.ts';
import { byPath, refusePointer, type SourceTree, type TreeEntry } from './tree.ts';
import { RUNS_FOLDER } from './worktree.ts';

const LINE = /^(\d{6}) (\w+) ([0-9a-f]{40,64})\s+(-|\d+)\t(.+)$/su;
const MAX_HOPS = 16;
const MAX_LINK = 4096;

interface Node {
  mode: string;
  id: string;
  bytes: number | null;
}

/**
 * The files of a commit, without a checkout. `prefix` is the folder of the repository that is the root
 * (empty, or with a trailing `/`). Links inside the tree are followed; others are named as unreachable.
 */
export async function openCommitTree(git: Git, commit: string, prefix: string): Promise<SourceTree> {
  const objects = new GitObjects(git.cwd, git.tools);
  try {
    const nodes = await list(git, commit, prefix);
    const links = await readLinks(nodes, objects);
    const resolved = new Map<string, string>();
    const entries: TreeEntry[] = [];
    for (const [path, node] of nodes) {
      if (path === RUNS_FOLDER || path.startsWith(`${RUNS_FOLDER}/`)) continue;
      const entry = describe(path, node, nodes, links, resolved);
      entries.push(entry);
    }
    entries.sort(byPath);
    return {
      ref: { root: git.cwd, commit },
      entries,
      read: async (path, limit) => {
        const id = resolved.get(path);
        if (id === undefined) {
          throw new SallyportError({
            code: 'SP-FILE-MISSING',
            message: `no such file at ${commit}`,
            place: { path },
          });
        }
        const content = await objects.read(id, limit);
        if (content === 'too-large') throw tooLarge(path, nodes.get(path)?.bytes ?? limit + 1, limit);
        return refusePointer(content, path);
      },
      close: async () => await objects.close(),
    };
  } catch (cause) {
    await objects.close();
    throw cause;
  }
}

async function list(git: Git, commit: string, prefix: string): Promise<Map<string, Node>> {
  const folder = prefix.replace(/\/$/u, '');
  const nodes = new Map<string, Node>();
  const tree = await git.maybe(['rev-parse', '--verify', '--quiet', `${commit}:${folder}`]);
  // The folder is new since that commit: nothing of it was there.
  if (tree === null && folder !== '' && (await git.commit(commit)) !== null) return nodes;
  const output = await git.output(['ls-tree', '-r', '-z', '-l', '--full-tree', tree ?? commit]);
  for (const record of output.toString('utf8').split('\0')) {
    if (record === '') continue;
    const match = LINE.exec(record);
    if (match === null) {
      throw new SallyportError({
        code: 'SP-GIT',
        message: 'git ls-tree wrote a line that cannot be read',
        found: record.slice(0, 200),
      });
    }
    const [, mode, , id, size, path] = match as unknown as [string, string, string, string, string, string];
    nodes.set(path, { mode, id, bytes: size === '-' ? null : Number(size) });
  }
  return nodes;
}

async function readLinks(nodes: Map<string, Node>, objects: GitObjects): Promise<Map<string, string>> {
  const links = new Map<string, string>();
  for (const [path, node] of nodes) {
    if (node.mode !== '120000') continue;
    const target = await objects.read(node.id, MAX_LINK);
    if (target !== 'too-large') links.set(path, target.toString('utf8'));
  }
  return links;
}

function describe(
  path: string,
  node: Node,
  nodes: Map<string, Node>,
  links: Map<string, string>,
  resolved: Map<string, string>,
): TreeEntry {
  if (path.includes('\ufffd'))
    return { path, bytes: null, kind: 'unreachable', reason: 'file name is not UTF-8' };
  if (node.mode === '160000') return { path, bytes: null, kind: 'submodule' };
  if (node.mode !== '120000') {
    resolved.set(path, node.id);
    return { path, bytes: node.bytes, kind: 'file' };
  }
  const target = follow(path, links);
  if (target === null)
    return { path, bytes: null, kind: 'unreachable', reason: 'symbolic link leads outside' };
  const end = nodes.get(target);
  if (end === undefined || end.mode === '120000' || end.mode === '160000') {
    return { path, bytes: null, kind: 'unreachable', reason: 'symbolic link to nothing that is a file' };
  }
  resolved.set(path, end.id);
  return { path, bytes: end.bytes, kind: 'file' };
}

/** Where a link ends inside the tree; null where it leads outside or in a loop. */
function follow(path: string, links: Map<string, string>): string | null {
  let at = path;
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const target = links.get(at);
    if (target === undefined) return at;
    if (posix.isAbsolute(target)) return null;
    at = posix.normalize(posix.join(posix.dirname(at), target));
    if (at === '..' || at.startsWith('../')) return null;
  }
  return null;
}
