import type { TreeRef } from '../platform/tree.ts';

/** One engine over one tree. */
export interface ScanRequest {
  tree: TreeRef;
  options: Readonly<Record<string, unknown>>;
  /** Patterns of paths that the policy leaves out. */
  exclude: readonly string[];
  /** Milliseconds until it is stopped and counts as failed. */
  deadline: number;
}

/** Ten minutes: longer than any repository that was measured, shorter than a job. */
export const DEFAULT_DEADLINE = 600_000;
