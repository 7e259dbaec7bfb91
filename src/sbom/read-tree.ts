import type { Bom } from '../model/component.ts';
import { type Problem, problemOf } from '../model/error.ts';
import type { Skipped } from '../model/report.ts';
import type { SourceTree } from '../platform/tree.ts';
import type { Locked, LockFinding, LockFormat, LockSource } from './lockfiles/format.ts';
import { foreignHosts, PUBLIC_HOSTS } from './lockfiles/hosts.ts';
import { LOCK_LIMITS } from './lockfiles/limits.ts';
import { withoutLockfile } from './lockfiles/manifests.ts';
import { mergeLocked } from './lockfiles/merge.ts';
import { lockFormats } from './lockfiles/registry.ts';

export interface ReadLockedOptions {
  /** True for paths that are left out. */
  excluded?(path: string): boolean;
  /** Hosts that entries may come from; without it the public registries. */
  hosts?: readonly string[];
}

/** What the lockfiles of a tree say together. */
export interface LockedTree {
  bom: Bom;
  /** Each file by itself, for a document for each service. */
  files: { path: string; format: string; locked: Locked }[];
  findings: LockFinding[];
  /** Files that could not be read, and entries that were not understood. */
  problems: Problem[];
  skipped: Skipped[];
  bytes: number;
  /** The walk reached everything. */
  complete: boolean;
}

/** Whether a file is read for what it locks. */
function isLockfile(path: string): boolean {
  return !isInstalled(path) && lockFormats.some((format) => format.wants(path));
}

/** Copies of packages, not sources of this repository. */
function isInstalled(path: string): boolean {
  return `/${path}`.includes('/node_modules/') || /(?:^|\/)(?:site-packages|\.venv)\//u.test(path);
}

/** Reads every lockfile of a tree. A file that cannot be read is a problem and does not stop the others. */
export async function readLocked(tree: SourceTree, options: ReadLockedOptions = {}): Promise<LockedTree> {
  const excluded = options.excluded ?? (() => false);
  const skipped: Skipped[] = [];
  const paths: string[] = [];
  let complete = true;
  for (const { path, kind, reason } of tree.entries) {
    if (excluded(path)) {
      if (isLockfile(path)) skipped.push({ path, reason: 'left out by the policy', blocking: false });
    } else if (kind === 'file') {
      if (!isInstalled(path)) paths.push(path);
    } else {
      complete = false;
      skipped.push({ path, reason: reason ?? kind, blocking: isLockfile(path) });
    }
  }
  const reader = new TreeReader(tree, paths);
  const files: LockedTree['files'] = [];
  const problems: Problem[] = [];
  for (const path of paths) {
    for (const format of lockFormats.filter((one) => one.wants(path))) {
      try {
        files.push({ path, format: format.name, locked: await readOne(format, reader, path) });
      } catch (thrown) {
        problems.push(problemOf(thrown));
      }
    }
  }
  const parts = files.map((file) => file.locked);
  const bom = mergeLocked(parts);
  const missing = await withoutLockfile(paths, (path) => reader.text(path));
  const hosts = new Set(options.hosts ?? PUBLIC_HOSTS);
  return {
    bom,
    files,
    findings: [...parts.flatMap((part) => part.findings), ...foreignHosts(bom.components, hosts), ...missing],
    problems: [...problems, ...parts.flatMap((part) => part.problems)],
    skipped,
    bytes: reader.bytes,
    complete,
  };
}

async function readOne(format: LockFormat, reader: TreeReader, path: string): Promise<Locked> {
  const bytes = await reader.read(path);
  const source: LockSource = {
    path,
    bytes,
    exists: (other) => reader.has(other),
    paths: () => reader.paths,
    read: async (other) => await reader.read(other),
    shared: reader.shared,
  };
  return await format.read(source);
}

/** The tree as formats see it, with an account of what was read. */
class TreeReader {
  readonly paths: readonly string[];
  readonly shared = new Map<string, unknown>();
  bytes = 0;
  readonly #tree: SourceTree;
  readonly #known: ReadonlySet<string>;

  constructor(tree: SourceTree, paths: readonly string[]) {
    this.#tree = tree;
    this.paths = paths;
    this.#known = new Set(paths);
  }

  has(path: string): boolean {
    return this.#known.has(path);
  }

  async read(path: string): Promise<Uint8Array> {
    const content = await this.#tree.read(path, LOCK_LIMITS.bytes);
    this.bytes += content.length;
    return content;
  }

  async text(path: string): Promise<string | null> {
    try {
      return Buffer.from(await this.read(path)).toString('utf8');
    } catch {
      return null;
    }
  }
}
