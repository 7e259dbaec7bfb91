import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Problem } from '../../../model/error.ts';
import type { ItemResult } from '../inspect/result.ts';
import type { RuleSet } from '../rules/rule.ts';
import {
  type Batch,
  type BatchItem,
  PROGRESS_ITEM,
  PROGRESS_RULE,
  type ThreadAnswer,
  type ThreadStart,
} from './batch.ts';

/** Longest time that one item may take: far more than the largest file needs. */
const ITEM_LIMIT = 60_000;
const CHECK_EVERY = 250;
const MAX_THREADS = 8;
/** Old generation of one thread; file contents lie outside it. */
const MEMORY_MIB = 256;
const YOUNG_MIB = 16;
/** Text that is worth a thread of its own. */
const BYTES_A_THREAD = 3 * 1024 * 1024;
/** So much that waits is worth one more. */
const WAITING_BYTES = 1024 * 1024;
/** Batches that wait for a thread; with more, submit() waits. */
const QUEUE = 2;

export interface PoolOptions {
  /** The program's entry, or the thread's own file where there is none. */
  entry: string | URL;
  rules: RuleSet | null;
  ruleIds: readonly string[];
  key: Uint8Array;
  verify?: boolean | undefined;
  /** How many threads; by default one for each processor, at most eight. */
  threads?: number | undefined;
  /** Milliseconds for one item; a test sets less. */
  itemLimit?: number | undefined;
}

export interface PoolEvents {
  result(id: number, result: ItemResult): void;
  /** An item that a thread did not come back from. */
  problem(problem: Problem): void;
}

interface Seat {
  worker: Worker;
  progress: Int32Array;
  batch: Batch | null;
  /** Items of the batch that wait for an answer; kept without their bytes. */
  waiting: BatchItem[];
  lastItem: number;
  since: number;
  ready: boolean;
}

/**
 * Threads that look at batches of items. A thread that hangs in a pattern or dies is replaced; the item it was at
 * becomes a problem that names file and rule, and the other items of its batch are named as not looked at.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #events: PoolEvents;
  readonly #seats: Seat[] = [];
  readonly #queue: Batch[] = [];
  readonly #wakeups: (() => void)[] = [];
  readonly #size: number;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(options: PoolOptions, events: PoolEvents) {
    this.#options = options;
    this.#events = events;
    this.#size = Math.max(1, Math.min(options.threads ?? availableParallelism(), MAX_THREADS));
  }

  /**
   * Starts threads for so many bytes that are to come, while they are still being gathered: a thread takes longer to
   * be ready than a batch to be read.
   */
  prepare(bytes: number): void {
    const worth = Math.min(this.#size, Math.max(1, Math.ceil(bytes / BYTES_A_THREAD)));
    while (!this.#closed && this.#seats.length < worth) this.#open();
  }

  /** Hands a batch over; waits while all threads are busy and enough is queued. */
  async submit(batch: Batch): Promise<void> {
    this.#queue.push(batch);
    this.#feed();
    while (this.#queue.length > QUEUE) await this.#change();
  }

  /** Waits until everything that was submitted is answered, and ends the threads. */
  async finish(): Promise<void> {
    // A thread that is only being started has nothing to answer for.
    while (this.#queue.length > 0 || this.#seats.some(({ batch }) => batch !== null && batch !== EMPTY))
      await this.#change();
    await this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(this.#seats.splice(0).map(({ worker }) => worker.terminate()));
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wakeups.push(resolve));
  }

  #wake(): void {
    for (const wakeup of this.#wakeups.splice(0)) wakeup();
  }

  #feed(): void {
    if (this.#closed) return;
    // Another thread is worth its start only when more waits than is looked at while it starts.
    const waiting = this.#queue.reduce((sum, { data }) => sum + data.byteLength, 0);
    if (
      this.#seats.length < this.#size &&
      (waiting >= WAITING_BYTES || this.#queue.length > (this.#seats.length === 0 ? 0 : QUEUE)) &&
      this.#seats.every(({ batch }) => batch !== null)
    )
      this.#open();
    for (const seat of this.#seats) {
      if (!seat.ready || seat.batch !== null) continue;
      const batch = this.#queue.shift();
      if (batch === undefined) break;
      this.#give(seat, batch);
    }
    this.#timer ??= setInterval(() => this.#watch(), CHECK_EVERY);
  }

  #give(seat: Seat, batch: Batch): void {
    seat.batch = batch;
    seat.waiting = batch.items;
    seat.lastItem = -1;
    seat.since = performance.now();
    seat.worker.postMessage(batch, [batch.data]);
  }

  #open(): void {
    const progress = new SharedArrayBuffer(8);
    const start: ThreadStart = {
      sallyport: 'secrets',
      rules: this.#options.rules,
      key: this.#options.key,
      verify: this.#options.verify ?? false,
      progress,
    };
    const worker = new Worker(this.#options.entry, {
      workerData: start,
      env: {},
      stdin: false,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB, maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    const seat: Seat = {
      worker,
      progress: new Int32Array(progress),
      batch: null,
      waiting: [],
      lastItem: -1,
      since: performance.now(),
      ready: false,
    };
    // Until it is ready a seat counts as busy, so that one thread is started at a time.
    seat.batch = EMPTY;
    worker.on('message', (message: ThreadAnswer) => this.#answer(seat, message));
    worker.on('error', (error: Error) =>
      this.#lost(seat, 'SP-SECRETS-CRASH', `the search ended unexpectedly: ${error.message.slice(0, 200)}`),
    );
    worker.on('exit', () => this.#lost(seat, 'SP-SECRETS-CRASH', 'the search ended unexpectedly'));
    this.#seats.push(seat);
  }

  #answer(seat: Seat, message: ThreadAnswer): void {
    if (message.kind === 'failed') {
      this.#lost(seat, 'SP-SECRETS-CRASH', message.message);
      return;
    }
    if (message.kind === 'done')
      for (const { id, result } of message.results) this.#events.result(id, result);
    seat.ready = true;
    seat.batch = null;
    seat.waiting = [];
    this.#feed();
    this.#wake();
  }

  #watch(): void {
    const now = performance.now();
    for (const seat of [...this.#seats]) {
      if (seat.batch === null) continue;
      const item = seat.progress[PROGRESS_ITEM] as number;
      if (item !== seat.lastItem) {
        seat.lastItem = item;
        seat.since = now;
      } else if (now - seat.since > (this.#options.itemLimit ?? ITEM_LIMIT)) {
        const limit = (this.#options.itemLimit ?? ITEM_LIMIT) / 1000;
        this.#lost(seat, 'SP-SECRETS-TIMEOUT', `a rule did not finish within ${limit} s`);
      }
    }
  }

  /** A thread is gone or is given up: says which item and rule it was at, and starts over with the rest. */
  #lost(seat: Seat, code: string, message: string): void {
    const index = this.#seats.indexOf(seat);
    if (index === -1 || this.#closed) return;
    this.#seats.splice(index, 1);
    void seat.worker.terminate();
    const item = seat.waiting.find(({ id }) => id === seat.progress[PROGRESS_ITEM]);
    const rule = this.#options.ruleIds[seat.progress[PROGRESS_RULE] as number] ?? 'unknown';
    this.#events.problem({
      code,
      message,
      found: item === undefined ? 'before the first file' : `rule ${rule}`,
      ...(item === undefined ? {} : { place: { path: item.path } }),
      next: 'leave the file out, or correct the rule',
    });
    for (const { id } of seat.waiting) {
      if (id === item?.id) continue;
      this.#events.result(id, {
        findings: [],
        notes: [
          { inner: '', reason: 'not looked at: the search of another file did not end', blocking: true },
        ],
        searched: 0,
      });
    }
    // Without a first success the same would happen for ever.
    if (!seat.ready && item === undefined) {
      for (const batch of this.#queue.splice(0)) {
        for (const { id } of batch.items) {
          this.#events.result(id, {
            findings: [],
            notes: [{ inner: '', reason: 'not looked at: the search cannot be started', blocking: true }],
            searched: 0,
          });
        }
      }
    }
    this.#feed();
    this.#wake();
  }
}

const EMPTY: Batch = { items: [], data: new ArrayBuffer(0) };
