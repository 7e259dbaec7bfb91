import type { Bom } from '../model/component.ts';
import { type Problem, problemOf } from '../model/error.ts';
import type { Skipped } from '../model/report.ts';
import type { SourceTree } from '../platform/tree.ts';
import type { Locked, LockFinding, LockSource } from './lockfiles/format.ts';
import { LOCK_LIMITS } from './lockfiles/limits.ts';
import { isManifest, withoutLockfile } from './lockfiles/manifests.ts';
import { mergeLocked } from './lockfiles/merge.ts';
import { isInstalled, isLockfile } from './lockfiles/paths.ts';
import { type LockKind, lockKinds } from './lockfiles/registry.ts';

export interface ReadLockedOptions {
  /** True for paths that are left out. */
  excluded?(path: string): boolean;
  /**
   * What a build wrote about its dependencies, handed in: `mvn dependency:tree`, the CycloneDX plug-ins. The path says
   * which module it is of.
   */
  builds?: readonly { path: string; bytes: Uint8Array }[];
}

/** What the lockfiles of a tree say together. */
export interface LockedTree {
  bom: Bom;
  /** Each file by itself, for a document for each service. */
  files: { path: string; format: string; locked: Locked }[];
  /** What is wrong with how it is locked, except where entries come from: which hosts are right, the policy says. */
  findings: LockFinding[];
  /** Files that could not be read, and entries that were not understood. */
  problems: Problem[];
  skipped: Skipped[];
  bytes: number;
  /** Manifests that were looked at for whether they need a lockfile. */
  manifests: number;
  /** The walk reached everything. */
  complete: boolean;
  /** The ranges that `from` asks of `to`, one for each file that keeps them. */
  askedFor(from: string, to: string): string[];
}

const sources = lockKinds.filter((kind) => kind.built !== true);
const outputs = lockKinds.filter((kind) => kind.built === true);

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
  const builds = new Map((options.builds ?? []).map(({ path, bytes }) => [path, bytes]));
  const reader = new TreeReader(tree, paths, builds);
  const files: LockedTree['files'] = [];
  const problems: Problem[] = [];
  const wanted = [
    ...paths.filter((path) => !builds.has(path)).map((path) => ({ path, kinds: sources })),
    ...[...builds.keys()].map((path) => ({ path, kinds: outputs })),
  ];
  for (const { path, kinds } of wanted) {
    const readers = kinds.filter((one) => one.wants(path));
    if (builds.has(path) && readers.length === 0) problems.push(notOutput(path));
    for (const kind of readers) {
      try {
        files.push({ path, format: kind.name, locked: await readOne(kind, reader, path) });
      } catch (thrown) {
        problems.push(problemOf(thrown));
      }
    }
  }
  const parts = files.map((file) => file.locked);
  const bom = mergeLocked(parts);
  const missing = await withoutLockfile(paths, (path) => reader.text(path));
  return {
    bom,
    files,
    findings: [...parts.flatMap((part) => part.findings), ...missing],
    problems: [...problems, ...parts.flatMap((part) => part.problems)],
    skipped,
    bytes: reader.bytes,
    manifests: paths.filter(isManifest).length,
    complete,
    askedFor: (from, to) => parts.flatMap(({ asked }) => asked?.get(from)?.get(to) ?? []),
  };
}

function notOutput(path: string): Problem {
  return {
    code: 'SP-LOCK-OUTPUT',
    message: 'this is no output of a build that can be read',
    place: { path },
    expected:
      'dependency-tree.json of Maven, or bom.json of the CycloneDX plug-ins under target/ or build/reports/',
  };
}

async function readOne(kind: LockKind, reader: TreeReader, path: string): Promise<Locked> {
  const bytes = await reader.read(path);
  const source: LockSource = {
    path,
    bytes,
    exists: (other) => reader.has(other),
    paths: () => reader.paths,
    read: async (other) => await reader.read(other),
    shared: reader.shared,
  };
  return await (await kind.load()).read(source);
}

/** The tree as formats see it, with an account of what was read. */
class TreeReader {
  readonly paths: readonly string[];
  readonly shared = new Map<string, unknown>();
  bytes = 0;
  readonly #tree: SourceTree;
  readonly #known: ReadonlySet<string>;
  readonly #builds: ReadonlyMap<string, Uint8Array>;

  constructor(tree: SourceTree, paths: readonly string[], builds: ReadonlyMap<string, Uint8Array>) {
    this.#tree = tree;
    this.#builds = builds;
    this.paths = paths;
    this.#known = new Set(paths);
  }

  has(path: string): boolean {
    return this.#known.has(path);
  }

  async read(path: string): Promise<Uint8Array> {
    const content = this.#builds.get(path) ?? (await this.#tree.read(path, LOCK_LIMITS.bytes));
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
