import type { Item } from '../inspect/item.ts';
import type { ItemResult } from '../inspect/result.ts';
import type { RuleSet } from '../rules/rule.ts';

/** An item of a batch, with where its bytes lie in the batch's buffer. */
export interface BatchItem extends Item {
  /** Its number in the whole run. */
  id: number;
  offset: number;
  length: number;
}

/** What a thread is sent: several items in one buffer, which changes owner. */
export interface Batch {
  items: BatchItem[];
  data: ArrayBuffer;
}

/** What a thread is started with. `sallyport` tells the program's entry which thread it is. */
export interface ThreadStart {
  sallyport: 'secrets';
  /** Null: our own pack, which the thread loads itself. */
  rules: RuleSet | null;
  /** Key of this run's digests. */
  key: Uint8Array;
  /** Secrets that can be tried out are handed over with their finding. */
  verify: boolean;
  /** Two numbers: the item and the rule that the thread is at, so that a hang can be named. */
  progress: SharedArrayBuffer;
}

export type ThreadAnswer =
  | { kind: 'ready' }
  | { kind: 'done'; results: { id: number; result: ItemResult }[] }
  | { kind: 'failed'; message: string };

export const PROGRESS_ITEM = 0;
export const PROGRESS_RULE = 1;

const TARGET = 1024 * 1024;
const MAX_ITEMS = 400;

/** Gathers items into batches of about a megabyte. */
export class BatchBuilder {
  #items: BatchItem[] = [];
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  /** Returns a batch when one is full. */
  add(item: Item & { id: number }, bytes: Uint8Array): Batch | null {
    this.#items.push({ ...item, offset: this.#bytes, length: bytes.length });
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    return this.#bytes >= TARGET || this.#items.length >= MAX_ITEMS ? this.flush() : null;
  }

  flush(): Batch | null {
    if (this.#items.length === 0) return null;
    const [only] = this.#pieces;
    // A large file that has its memory for itself changes owner without being copied.
    const whole =
      this.#pieces.length === 1 && only !== undefined && only.byteLength === only.buffer.byteLength;
    const data =
      whole && only.buffer instanceof ArrayBuffer ? only.buffer : joined(this.#pieces, this.#bytes);
    const batch: Batch = { items: this.#items, data };
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
