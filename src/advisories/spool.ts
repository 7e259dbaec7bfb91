import { createReadStream } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ascending } from '../model/order.ts';
import { type Entry, nameHash } from './index-format.ts';

/** An entry on its way into the index. */
export interface Spooled {
  /** The ecosystem without its release. */
  base: string;
  /** In its normal form. */
  name: string;
  withdrawn: boolean;
  entry: Entry;
}

const BUCKETS = 256;
const FLUSH_CHARACTERS = 32 * 1024 * 1024;

/**
 * Entries laid out on disk by the beginning of their name's hash, so that they can be put in order one part at a time:
 * memory holds a 256th of them, however many there are.
 */
export class Spool {
  readonly #folder: string;
  readonly #pending: string[][] = Array.from({ length: BUCKETS }, () => []);
  readonly #written = new Set<number>();
  #characters = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** A fresh folder inside `parent`; `close` removes it. */
  static async create(parent: string): Promise<Spool> {
    return new Spool(await mkdtemp(join(parent, '.import-')));
  }

  async add(spooled: Spooled): Promise<void> {
    const line = JSON.stringify(spooled);
    const bucket = Number.parseInt(nameHash(spooled.name).slice(0, 2), 16);
    this.#pending[bucket]?.push(line);
    this.#characters += line.length;
    if (this.#characters >= FLUSH_CHARACTERS) await this.#flush();
  }

  /** Everything, part after part in the order of the hash; within a part in the order of the hash too. */
  async *sorted(): AsyncGenerator<Spooled[]> {
    await this.#flush();
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (!this.#written.has(bucket)) continue;
      const items: { hash: string; spooled: Spooled }[] = [];
      const lines = createInterface({
        input: createReadStream(this.#path(bucket)),
        crlfDelay: Number.POSITIVE_INFINITY,
      });
      for await (const line of lines) {
        const spooled = JSON.parse(line) as Spooled;
        items.push({ hash: nameHash(spooled.name), spooled });
      }
      items.sort(
        (a, b) =>
          ascending(a.hash, b.hash) ||
          ascending(a.spooled.name, b.spooled.name) ||
          ascending(a.spooled.entry.id, b.spooled.entry.id),
      );
      yield items.map(({ spooled }) => spooled);
    }
  }

  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #flush(): Promise<void> {
    for (const [bucket, lines] of this.#pending.entries()) {
      if (lines.length === 0) continue;
      await appendFile(this.#path(bucket), `${lines.join('\n')}\n`);
      lines.length = 0;
      this.#written.add(bucket);
    }
    this.#characters = 0;
  }

  #path(bucket: number): string {
    return join(this.#folder, bucket.toString(16).padStart(2, '0'));
  }
}
