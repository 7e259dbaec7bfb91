import { randomBytes } from 'node:crypto';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import {
  BLOCK_BYTES,
  type BlockRef,
  type Directory,
  formatTrailer,
  isLater,
  MAGIC,
  nameHash,
  type PackageEntries,
  type SourceRef,
  sha256,
} from './index-format.ts';

/**
 * Writes the index of one ecosystem. Packages come in the order of their name's hash. Nothing is at the final place
 * before `commit`, so a reader has the old file until then, and `discard` leaves no trace.
 */
export class IndexWriter {
  readonly path: string;
  readonly #part: string;
  readonly #ecosystem: string;
  readonly #file: FileHandle;
  readonly #blocks: BlockRef[] = [];
  readonly #ids = new Set<string>();
  readonly #withdrawn = new Set<string>();
  #pending: string[] = [];
  #pendingBytes = 0;
  #first = '';
  #offset = 0;
  #packages = 0;
  #newest = '';

  private constructor(path: string, part: string, ecosystem: string, file: FileHandle) {
    this.path = path;
    this.#part = part;
    this.#ecosystem = ecosystem;
    this.#file = file;
  }

  static async create(path: string, ecosystem: string): Promise<IndexWriter> {
    const part = `${path}.${randomBytes(6).toString('hex')}.part`;
    const writer = new IndexWriter(path, part, ecosystem, await open(part, 'wx', 0o644));
    await writer.#write(Buffer.from(MAGIC));
    return writer;
  }

  async add(packageEntries: PackageEntries, withdrawn: readonly string[]): Promise<void> {
    const [name, entries] = packageEntries;
    for (const id of withdrawn) this.#withdrawn.add(id);
    if (entries.length === 0) return;
    if (this.#pending.length === 0) this.#first = nameHash(name);
    const text = JSON.stringify(packageEntries);
    this.#pending.push(text);
    this.#pendingBytes += text.length;
    this.#packages++;
    for (const entry of entries) {
      this.#ids.add(entry.id);
      if (this.#newest === '' || isLater(entry.modified, this.#newest)) this.#newest = entry.modified;
    }
    if (this.#pendingBytes >= BLOCK_BYTES) await this.#flush();
  }

  /** The newest `modified` so far; empty where there is none. */
  get newest(): string {
    return this.#newest;
  }

  /** Ends the file, still at its temporary place. */
  async finish(sources: SourceRef[], asOf: string): Promise<void> {
    await this.#flush();
    const directory: Directory = {
      ecosystem: this.#ecosystem,
      advisories: this.#ids.size,
      packages: this.#packages,
      withdrawn: this.#withdrawn.size,
      newest: this.#newest,
      asOf,
      sources,
      blocks: this.#blocks,
    };
    const content = Buffer.from(JSON.stringify(directory));
    const offset = this.#offset;
    await this.#write(content);
    await this.#write(Buffer.from(formatTrailer(offset, content.length, sha256(content))));
    await this.#file.sync();
    await this.#file.close();
  }

  async commit(): Promise<void> {
    await rename(this.#part, this.path);
  }

  async discard(): Promise<void> {
    // Closing a second time is an error that says nothing.
    await this.#file.close().catch(() => undefined);
    await rm(this.#part, { force: true });
  }

  async #flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const block = deflateRawSync(Buffer.from(`[${this.#pending.join(',')}]`));
    this.#blocks.push({
      first: this.#first,
      offset: this.#offset,
      length: block.length,
      sha256: sha256(block),
    });
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#write(block);
  }

  async #write(content: Buffer): Promise<void> {
    await this.#file.writeFile(content);
    this.#offset += content.length;
  }
}
