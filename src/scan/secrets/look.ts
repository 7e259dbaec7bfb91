import type { Problem } from '../../model/error.ts';
import type { Looked, Skipped } from '../../model/report.ts';
import { Collector, type Origin } from './collect.ts';
import type { RuleSet, SecretRule } from './rules/rule.ts';
import { type Batch, BatchBuilder, type BatchResult, type TextBatch } from './threads/batch.ts';
import { Pool } from './threads/pool.ts';

/** Names of skipped files that a report lists; the rest are counted. */
const MAX_SKIPPED = 20_000;

/** One run: hands texts and objects to the threads and keeps account of what was looked at. */
export class Look {
  readonly collector: Collector;
  readonly problems: Problem[] = [];
  readonly #pool: Pool;
  readonly #builder = new BatchBuilder();
  /** Where the items of the batches come from that are being looked at. */
  readonly #origins = new Map<Batch, (item: number) => Origin>();
  readonly #skipped: Skipped[] = [];
  #unlisted = 0;
  #blockingUnlisted = false;
  #files = 0;
  #bytes = 0;
  readonly #rules: number;

  constructor(
    rules: readonly SecretRule[],
    custom: RuleSet | null,
    entry: string | URL,
    key: Uint8Array,
    verify: boolean,
    threads?: number,
  ) {
    this.collector = new Collector(rules);
    this.#rules = rules.length;
    this.#pool = new Pool(
      { entry, rules: custom, ruleIds: rules.map(({ id }) => id), key, verify, threads },
      {
        result: (batch, result) => this.#take(batch, result),
        searched: (bytes) => {
          this.#bytes += bytes;
        },
        done: (batch) => this.#origins.delete(batch),
        problem: (problem) => this.problems.push(problem),
      },
    );
  }

  /** Hands a file of the tree over. */
  async addFile(path: string, bytes: Uint8Array): Promise<void> {
    const batch = this.#builder.add(path, bytes);
    if (batch !== null) await this.#submitTexts(batch);
  }

  async #submitTexts(batch: TextBatch): Promise<void> {
    const { items } = batch;
    await this.submit(batch, (item) => ({ from: 'tree', path: items[item]?.path ?? '' }));
  }

  /** Hands a batch over. `origin`: where its items come from. */
  async submit(batch: Batch, origin: (item: number) => Origin): Promise<void> {
    this.#origins.set(batch, origin);
    await this.#pool.submit(batch);
  }

  /** Says that about so many bytes are to come. */
  expect(bytes: number): void {
    this.#pool.prepare(bytes);
  }

  countFile(): void {
    this.#files++;
  }

  skip(path: string, reason: string, blocking: boolean): void {
    if (this.#skipped.length < MAX_SKIPPED) this.#skipped.push({ path, reason, blocking });
    else {
      this.#unlisted++;
      this.#blockingUnlisted ||= blocking;
    }
  }

  async finish(): Promise<void> {
    const rest = this.#builder.flush();
    if (rest !== null) await this.#submitTexts(rest);
    await this.#pool.finish();
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  looked(commits: number | null): Looked {
    const skipped = [...this.#skipped].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    if (this.#unlisted > 0) {
      skipped.push({
        path: '.',
        reason: `${this.#unlisted} further entries were not looked at`,
        blocking: this.#blockingUnlisted,
      });
    }
    return { files: this.#files, bytes: this.#bytes, commits, rules: this.#rules, skipped, complete: true };
  }

  #take(batch: Batch, { item, result }: BatchResult): void {
    const origin = this.#origins.get(batch)?.(item);
    if (origin === undefined) return;
    const where = origin.from === 'history' ? ` (in commit ${origin.commit.slice(0, 12)})` : '';
    if (typeof result === 'string') {
      const reason = result === 'missing' ? 'not in this clone' : 'too large to be read';
      this.skip(origin.path, `${reason}${where}`, true);
      return;
    }
    for (const finding of result.findings) this.collector.add(origin, finding);
    for (const note of result.notes) {
      const path = note.inner === '' ? origin.path : `${origin.path}!/${note.inner}`;
      this.skip(path, `${note.reason}${where}`, note.blocking);
    }
  }
}
