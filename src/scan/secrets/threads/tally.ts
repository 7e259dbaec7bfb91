import type { Absent } from '../git/blobs.ts';
import type { ItemResult } from '../inspect/result.ts';
import type { BatchResult, ThreadAnswer } from './batch.ts';

/** Items after which an answer is sent although the batch goes on: what is found must not be lost with a later hang. */
const PART = 500;

/** Gathers what a thread has to tell of a batch. Most items have nothing in them, and nothing is sent of those. */
export class Tally {
  readonly #answer: (message: ThreadAnswer) => void;
  #results: BatchResult[] = [];
  #searched = 0;
  #told = 0;

  constructor(answer: (message: ThreadAnswer) => void) {
    this.#answer = answer;
  }

  /** Items come in order; one item may come several times. */
  add(item: number, result: ItemResult | Absent): void {
    if (item - this.#told >= PART) this.#send('part', item);
    if (typeof result !== 'string') {
      this.#searched += result.searched;
      if (result.findings.length + result.notes.length === 0) return;
    }
    this.#results.push({ item, result });
  }

  finish(items: number): void {
    this.#send('done', items);
  }

  #send(kind: 'part' | 'done', until: number): void {
    this.#answer({ kind, results: this.#results, until, searched: this.#searched });
    this.#results = [];
    this.#searched = 0;
    this.#told = until;
  }
}
