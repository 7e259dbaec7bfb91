import type { Problem } from '../../model/error.ts';
import type { Looked, Skipped } from '../../model/report.ts';
import { Collector, type Origin } from './collect.ts';
import type { ItemResult } from './inspect/result.ts';
import type { RuleSet, SecretRule } from './rules/rule.ts';
import { BatchBuilder } from './threads/batch.ts';
import { Pool } from './threads/pool.ts';

/** Names of skipped files that a report lists; the rest are counted. */
const MAX_SKIPPED = 20_000;

/** One run: hands texts to the threads and keeps account of what was looked at. */
export class Look {
  readonly collector: Collector;
  readonly problems: Problem[] = [];
  readonly #pool: Pool;
  readonly #builder = new BatchBuilder();
  readonly #origins = new Map<number, Origin>();
  readonly #skipped: Skipped[] = [];
  #unlisted = 0;
  #blockingUnlisted = false;
  #next = 0;
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
        result: (id, result) => this.#take(id, result),
        problem: (problem) => this.problems.push(problem),
      },
    );
  }

  /** Hands one text over. `firstLine`: the line number of its first byte. */
  async add(origin: Origin, bytes: Uint8Array, firstLine = 1): Promise<void> {
    const id = this.#next++;
    this.#origins.set(id, origin);
    const commit = origin.from === 'history' ? origin.commit : '';
    const batch = this.#builder.add({ id, path: origin.path, commit, firstLine, tags: [] }, bytes);
    if (batch !== null) await this.#pool.submit(batch);
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
    if (rest !== null) await this.#pool.submit(rest);
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

  #take(id: number, result: ItemResult): void {
    const origin = this.#origins.get(id);
    if (origin === undefined) return;
    this.#origins.delete(id);
    this.#bytes += result.searched;
    for (const finding of result.findings) this.collector.add(origin, finding);
    for (const note of result.notes) {
      const path = note.inner === '' ? origin.path : `${origin.path}!/${note.inner}`;
      const where = origin.from === 'history' ? ` (in commit ${origin.commit.slice(0, 12)})` : '';
      this.skip(path, `${note.reason}${where}`, note.blocking);
    }
  }
}
