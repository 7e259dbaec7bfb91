/**
 * A tree of files that engines read: the working tree of a folder, or a commit without a checkout.
 * Links are resolved inside the root only; what cannot be reached is named, never left out.
 */
export interface TreeEntry {
  /** Relative to the root, `/` between its parts. */
  path: string;
  /** Null where it is only known after reading (submodules, unreadable entries). */
  bytes: number | null;
  kind: 'file' | 'submodule' | 'unreachable';
  /** Why an `unreachable` entry cannot be read: `symbolic link leads outside`, `sparse checkout`, ... */
  reason?: string;
}

/** Enough to open the same tree again in a worker. */
export interface TreeRef {
  root: string;
  /** Absent: the working tree. */
  commit?: string | undefined;
}

export interface SourceTree {
  readonly ref: TreeRef;
  /** Every entry, sorted by path (code unit order). */
  readonly entries: readonly TreeEntry[];
  /** The whole content of a file. Throws SP-FILE-TOO-LARGE over `limit` bytes, SP-FILE-UNREADABLE otherwise. */
  read(path: string, limit: number): Promise<Buffer>;
  close(): Promise<void>;
}
