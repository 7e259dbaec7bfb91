import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { SallyportError } from '../model/error.ts';
import {
  type BlockRef,
  type Directory,
  type Entry,
  MAGIC,
  MAX_BLOCK_BYTES,
  MAX_DIRECTORY_BYTES,
  type PackageEntries,
  parseTrailer,
  sha256,
  TRAILER_BYTES,
} from './index-format.ts';
import type { PackageKey } from './package-key.ts';

/** Blocks kept unpacked: neighbours in a sorted list of questions share one. */
const KEPT_BLOCKS = 8;

/**
 * Reads an index by ranges: the trailer and the directory once, then the block that a name would be in. Everything is
 * checked against its digest before it is used: SP-ADVISORIES-DAMAGED. It reads at once and waits for nobody: a bill of
 * materials asks ten thousand times, mostly of a block that is here already.
 */
export class IndexReader {
  readonly directory: Directory;
  /** sha256 of the directory, which stands for the whole file. */
  readonly digest: string;
  readonly #path: string;
  readonly #file: number;
  readonly #blocks = new Map<BlockRef, ReadonlyMap<string, Entry[]>>();

  private constructor(path: string, file: number, directory: Directory, digest: string) {
    this.#path = path;
    this.#file = file;
    this.directory = directory;
    this.digest = digest;
  }

  static open(path: string): IndexReader {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      if (size < MAGIC.length + TRAILER_BYTES) throw damaged(path, 'a whole file', `${size} bytes`);
      const magic = readAt(file, path, 0, MAGIC.length);
      if (magic.toString('latin1') !== MAGIC) throw damaged(path, MAGIC.trim(), 'another beginning');
      const trailerAt = size - TRAILER_BYTES;
      const trailer = parseTrailer(readAt(file, path, trailerAt, TRAILER_BYTES).toString('latin1'));
      if (trailer === null)
        throw damaged(path, 'a trailer at its end', 'something else; the file may be cut short');
      const { digest, offset, length } = trailer;
      if (length > MAX_DIRECTORY_BYTES || offset + length !== trailerAt) {
        throw damaged(path, 'a directory before the trailer', `${length} bytes at ${offset}`);
      }
      const content = readAt(file, path, offset, length);
      if (sha256(content) !== digest)
        throw damaged(path, `a directory with the sha256 ${digest}`, sha256(content));
      return new IndexReader(path, file, readDirectory(content, path, offset), digest);
    } catch (thrown) {
      closeSync(file);
      throw thrown;
    }
  }

  /** What there is about a package. */
  find({ name, hash }: PackageKey): readonly Entry[] {
    return this.#candidates(hash).flatMap((block) => this.#read(block).get(name) ?? []);
  }

  close(): void {
    closeSync(this.#file);
  }

  /** The last block that begins before the hash, and all that begin with it. */
  #candidates(hash: string): BlockRef[] {
    const { blocks } = this.directory;
    let low = 0;
    let high = blocks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((blocks[middle]?.first ?? '') < hash) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (blocks[end]?.first === hash) end++;
    return blocks.slice(Math.max(0, low - 1), end);
  }

  #read(block: BlockRef): ReadonlyMap<string, Entry[]> {
    const known = this.#blocks.get(block);
    if (known !== undefined) return known;
    const read = this.#load(block);
    this.#blocks.set(block, read);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > KEPT_BLOCKS && oldest !== undefined) this.#blocks.delete(oldest);
    return read;
  }

  #load(block: BlockRef): ReadonlyMap<string, Entry[]> {
    const content = readAt(this.#file, this.#path, block.offset, block.length);
    if (sha256(content) !== block.sha256) {
      throw damaged(
        this.#path,
        `a block with the sha256 ${block.sha256} at ${block.offset}`,
        sha256(content),
      );
    }
    const text = inflateRawSync(content, { maxOutputLength: MAX_BLOCK_BYTES }).toString('utf8');
    return new Map(JSON.parse(text) as PackageEntries[]);
  }
}

/** A digest that fits says nothing of who wrote it, so the shape is checked too. */
function readDirectory(content: Buffer, path: string, end: number): Directory {
  const directory = JSON.parse(content.toString('utf8')) as Partial<Directory> | null;
  const isWhole =
    typeof directory?.ecosystem === 'string' &&
    typeof directory.newest === 'string' &&
    typeof directory.asOf === 'string' &&
    Array.isArray(directory.sources) &&
    Array.isArray(directory.blocks) &&
    directory.blocks.every(
      ({ first, offset, length, sha256: digest }) =>
        typeof first === 'string' &&
        typeof digest === 'string' &&
        Number.isSafeInteger(offset) &&
        Number.isSafeInteger(length) &&
        offset >= 0 &&
        length >= 0 &&
        offset + length <= end,
    );
  if (!isWhole) throw damaged(path, 'a directory of blocks inside the file', 'something else');
  return directory as Directory;
}

function readAt(file: number, path: string, offset: number, length: number): Buffer {
  const content = Buffer.alloc(length);
  let read = 0;
  while (read < length) {
    const bytes = readSync(file, content, read, length - read, offset + read);
    if (bytes === 0)
      throw damaged(path, `${length} bytes at ${offset}`, `${read} bytes; the file may be cut short`);
    read += bytes;
  }
  return content;
}

function damaged(path: string, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-ADVISORIES-DAMAGED',
    message: 'the advisory index is damaged',
    expected,
    found,
    place: { path },
    next: 'import the advisories again: sallyport advisories import',
  });
}
