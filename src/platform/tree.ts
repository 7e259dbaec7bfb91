import { SallyportError } from '../model/error.ts';
import { ascending } from '../model/order.ts';

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

const LFS_POINTER = 'version https://git-lfs.github.com/spec/v1\n';

/**
 * A pointer of Git LFS stands where the content should be: what it points to was not looked at
 * (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). Throws SP-FILE-LFS.
 */
export function refusePointer(content: Buffer, path: string): Buffer {
  if (content.length >= 1024 || !content.subarray(0, LFS_POINTER.length).equals(Buffer.from(LFS_POINTER)))
    return content;
  throw new SallyportError({
    code: 'SP-FILE-LFS',
    message: 'the content is in Git LFS and not here',
    place: { path },
    expected: 'the content itself',
    next: 'add `lfs: true` under `with:` of the actions/checkout step, or git lfs pull',
  });
}

/** Code unit order, the same on every machine. */
export function byPath(a: { path: string }, b: { path: string }): number {
  return ascending(a.path, b.path);
}
