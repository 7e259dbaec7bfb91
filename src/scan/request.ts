import type { TreeEntry, TreeRef } from '../platform/tree.ts';

/** One engine over one tree. */
export interface ScanRequest {
  tree: TreeRef;
  /** The entries of a working tree, where the caller has walked it. */
  entries?: readonly TreeEntry[] | undefined;
  options: Readonly<Record<string, unknown>>;
  /** Patterns of paths that the policy leaves out. */
  exclude: readonly string[];
  /**
   * Old path to new path: findings in these files are told under the names that the files have now. The files
   * themselves are looked at as they were: what was not judged under its old name was not there.
   */
  renames?: Readonly<Record<string, string>> | undefined;
  /** The folder of the advisory database, where there is one. */
  advisories?: string | undefined;
  /** Outputs of the build that were handed in, by the path that says which module they are of. */
  builds?: readonly { path: string; file: string; sha256: string }[] | undefined;
  /** Milliseconds until it is stopped and counts as failed. */
  deadline: number;
}

/** Ten minutes: longer than any repository that was measured, shorter than a job. */
export const DEFAULT_DEADLINE = 600_000;
