import type { Problem } from '../../../model/error.ts';
import type { ToolEnvironment } from '../../../platform/process.ts';
import type { Absent } from '../git/blobs.ts';
import type { ItemResult } from '../inspect/result.ts';
import type { RuleSet } from '../rules/rule.ts';

/** A text that is sent to a thread, with where its bytes lie in the batch's buffer. */
export interface TextItem {
  path: string;
  offset: number;
  length: number;
}

/** Several texts in one buffer, which changes owner. */
export interface TextBatch {
  kind: 'texts';
  items: TextItem[];
  data: ArrayBuffer;
}

/** An object of Git that the thread reads itself. */
export interface ObjectItem {
  id: string;
  path: string;
  /** The commit that added it; empty where it is only staged. */
  commit: string;
}

/**
 * `versions`: contents of files, the versions of one after each other and oldest first, of which only what is new is
 * looked at. `files`: contents of files. `messages`: commits and tags, of which the message is looked at.
 */
export interface ObjectBatch {
  kind: 'versions' | 'files' | 'messages';
  items: ObjectItem[];
  cwd: string;
  tools: ToolEnvironment;
}

export type Batch = TextBatch | ObjectBatch;

/** What a thread is started with. `sallyport` tells the program's entry which thread it is. */
export interface ThreadStart {
  sallyport: 'secrets';
  /** Null: our own pack, which the thread loads itself. */
  rules: RuleSet | null;
  /** Key of this run's digests. */
  key: Uint8Array;
  /** Secrets that can be tried out are handed over with their finding. */
  verify: boolean;
  /** Two numbers: the item of the batch and the rule that the thread is at, so that a hang can be named. */
  progress: SharedArrayBuffer;
}

/** What is to be told of one item: nothing is sent of those with nothing in them. */
export interface BatchResult {
  /** Index of the item in its batch. */
  item: number;
  result: ItemResult | Absent;
}

/** `until`: the items before it are finished. `searched`: bytes of text since the last answer. */
export type ThreadAnswer =
  | { kind: 'ready' }
  | { kind: 'part' | 'done'; results: BatchResult[]; until: number; searched: number }
  | { kind: 'failed'; problem: Problem };

export const PROGRESS_ITEM = 0;
export const PROGRESS_RULE = 1;
/** Values of PROGRESS_ITEM while no rule runs: between batches, and while Git is asked for objects. */
export const IDLE = -1;
export const READING = -2;

const TARGET = 1024 * 1024;
const MAX_ITEMS = 400;

/** Gathers texts into batches of about a megabyte. */
export class BatchBuilder {
  #items: TextItem[] = [];
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Returns a batch when one is full. */
  add(path: string, bytes: Uint8Array): TextBatch | null {
    this.#items.push({ path, offset: this.#bytes, length: bytes.length });
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    return this.#bytes >= TARGET || this.#items.length >= MAX_ITEMS ? this.flush() : null;
  }

  flush(): TextBatch | null {
    if (this.#items.length === 0) return null;
    const [only] = this.#pieces;
    // A large file that has its memory for itself changes owner without being copied.
    const whole =
      this.#pieces.length === 1 && only !== undefined && only.byteLength === only.buffer.byteLength;
    const data =
      whole && only.buffer instanceof ArrayBuffer ? only.buffer : joined(this.#pieces, this.#bytes);
    const batch: TextBatch = { kind: 'texts', items: this.#items, data };
    this.#items = [];
    this.#pieces = [];
    this.#bytes = 0;
    return batch;
  }
}

function joined(pieces: readonly Uint8Array[], size: number): ArrayBuffer {
  const out = new Uint8Array(new ArrayBuffer(size));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out.buffer;
}
