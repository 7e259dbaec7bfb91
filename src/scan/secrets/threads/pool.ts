import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Problem, SallyportError } from '../../../model/error.ts';
import type { RuleSet } from '../rules/rule.ts';
import {
  type Batch,
  type BatchResult,
  IDLE,
  PROGRESS_ITEM,
  PROGRESS_RULE,
  READING,
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
const BYTES_AN_OBJECT = 4096;
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
  result(batch: Batch, result: BatchResult): void;
  /** Bytes of text that were searched since the last time. */
  searched(bytes: number): void;
  /** Nothing more is to come of a batch. */
  done(batch: Batch): void;
  /** An item that a thread did not come back from. */
  problem(problem: Problem): void;
}

interface Seat {
  worker: Worker;
  progress: Int32Array;
  /** What the thread is at; a text's bytes are the thread's by then. */
  batch: Batch | null;
  /** Items before this one are answered for. */
  until: number;
  lastItem: number;
  since: number;
  /** Whether it was ready once. */
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
  #failure: SallyportError | null = null;
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

  /** Hands a batch over; waits while all threads are busy and enough is queued. Throws what a thread could not read. */
  async submit(batch: Batch): Promise<void> {
    this.#queue.push(batch);
    this.#feed();
    while (this.#queue.length > QUEUE && this.#failure === null && !this.#closed) await this.#change();
    if (this.#failure !== null) throw this.#failure;
  }

  /** Waits until everything that was submitted is answered, and ends the threads. Throws what a thread could not read. */
  async finish(): Promise<void> {
    // A thread that is only being started has nothing to answer for.
    const busy = () =>
      this.#queue.length > 0 || this.#seats.some(({ batch }) => batch !== null && batch !== EMPTY);
    while (this.#failure === null && busy()) await this.#change();
    await this.close();
    if (this.#failure !== null) throw this.#failure;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
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
    const waiting = this.#queue.reduce((sum, batch) => sum + bytesOf(batch), 0);
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
    seat.until = 0;
    seat.lastItem = IDLE;
    seat.since = performance.now();
    seat.worker.postMessage(batch, batch.kind === 'texts' ? [batch.data] : []);
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
      until: 0,
      lastItem: IDLE,
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
    const { batch } = seat;
    if (message.kind === 'failed') {
      this.#failure ??= new SallyportError(message.problem);
      this.#wake();
      return;
    }
    if (message.kind !== 'ready' && batch !== null) {
      for (const result of message.results) this.#events.result(batch, result);
      this.#events.searched(message.searched);
      seat.until = message.until;
    }
    if (message.kind === 'part') return;
    if (message.kind === 'done' && batch !== null) this.#events.done(batch);
    seat.ready = true;
    seat.batch = null;
    this.#feed();
    this.#wake();
  }

  #watch(): void {
    const now = performance.now();
    for (const seat of [...this.#seats]) {
      if (seat.batch === null) continue;
      const item = seat.progress[PROGRESS_ITEM] as number;
      // How long Git may be silent is watched where it is read.
      if (item !== seat.lastItem || item === READING) {
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
    const { batch, ready } = seat;
    const at = seat.progress[PROGRESS_ITEM] as number;
    const item = batch?.items[at];
    const rule = this.#options.ruleIds[seat.progress[PROGRESS_RULE] as number] ?? 'unknown';
    this.#events.problem({
      code,
      message,
      found: item === undefined ? 'before the first file' : `rule ${rule}`,
      ...(item === undefined ? {} : { place: { path: item.path } }),
      next: 'leave the file out, or correct the rule',
    });
    if (batch !== null)
      this.#unseen(batch, 'not looked at: the search of another file did not end', seat.until, at);
    // Without a first success the same would happen for ever.
    if (!ready) {
      for (const queued of this.#queue.splice(0))
        this.#unseen(queued, 'not looked at: the search cannot be started', 0, IDLE);
    }
    this.#feed();
    this.#wake();
  }

  #unseen(batch: Batch, reason: string, from: number, but: number): void {
    for (let item = from; item < batch.items.length; item++) {
      if (item === but) continue;
      const note = { inner: '', reason, blocking: true };
      this.#events.result(batch, { item, result: { findings: [], notes: [note], searched: 0 } });
    }
    this.#events.done(batch);
  }
}

/** Of objects that are still to be read, what versions of source files usually have. */
function bytesOf(batch: Batch): number {
  return batch.kind === 'texts' ? batch.data.byteLength : batch.items.length * BYTES_AN_OBJECT;
}

const EMPTY: Batch = { kind: 'texts', items: [], data: new ArrayBuffer(0) };
