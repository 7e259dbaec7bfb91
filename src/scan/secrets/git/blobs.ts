import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { SallyportError } from '../../../model/error.ts';
import { gitEnvironment, HARDENING } from '../../../platform/git.ts';
import type { ToolEnvironment } from '../../../platform/process.ts';

/** `missing`: not in this clone. `too-large`: over the limit, read past. */
export type Absent = 'missing' | 'too-large';

const SILENCE = 120_000;
const MAX_HEADER = 4096;
/** Room that is kept from one object to the next; larger ones have memory of their own. */
const MAX_KEPT = 16 * 1024 * 1024;

/**
 * Objects of a repository through one `git cat-file --batch --buffer`, in the order of `ids`. With `--buffer` git does
 * not flush after each object, which is what makes it fast; `take` runs as the bytes come in, so that git waits where
 * it is slow and memory stays bounded. The bytes that it is given hold until the next call is over. Throws SP-GIT-OBJECT
 * where git fails or is silent for two minutes, and what `take` throws.
 */
export function readObjects(
  cwd: string,
  tools: ToolEnvironment,
  ids: readonly string[],
  limit: number,
  take: (index: number, object: Buffer | Absent) => void,
): Promise<void> {
  if (ids.length === 0) return Promise.resolve();
  const child = spawn('git', [...HARDENING, 'cat-file', '--batch', '--buffer'], {
    cwd,
    env: gitEnvironment(tools),
  });
  return new Promise<void>((resolve, reject) => {
    const parser = new BatchParser(ids, limit, take);
    let settled = false;
    const settle = (end: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      child.stdin.destroy();
      child.stdout.destroy();
      child.kill('SIGKILL');
      end();
    };
    const ended = (found: string) => settle(() => reject(broken(found, parser.expected)));
    const timer = setTimeout(() => ended('git is silent'), SILENCE);
    child.on('error', (cause) => ended(cause.message));
    child.stderr.resume();
    child.stdin.on('error', () => undefined);
    child.stdout.on('error', () => undefined);
    child.stdout.on('close', () => ended('git cat-file ended early'));
    child.stdout.on('data', (chunk: Buffer) => {
      if (settled) return;
      try {
        parser.push(chunk);
        timer.refresh();
        if (parser.done) settle(resolve);
      } catch (thrown) {
        settle(() => reject(thrown));
      }
    });
    void feed(child, ids);
  });
}

async function feed(child: ChildProcessWithoutNullStreams, ids: readonly string[]): Promise<void> {
  const { stdin } = child;
  for (let at = 0; at < ids.length && !stdin.destroyed; at += 2000) {
    const more = stdin.write(`${ids.slice(at, at + 2000).join('\n')}\n`);
    if (!more) await new Promise<void>((resolve) => drained(stdin, resolve));
  }
  stdin.end();
}

function drained(stream: NodeJS.WritableStream, resolve: () => void): void {
  const done = () => {
    stream.off('drain', done);
    stream.off('close', done);
    resolve();
  };
  stream.once('drain', done);
  stream.once('close', done);
}

/** What `git cat-file --batch` writes: `ID TYPE SIZE\n`, the bytes and a line feed, or `ID missing\n` (git-cat-file(1)). */
export class BatchParser {
  readonly #ids: readonly string[];
  readonly #limit: number;
  readonly #take: (index: number, object: Buffer | Absent) => void;
  #index = 0;
  #header = '';
  /** Of the object that is being read: its size, and what of it and its line feed is still to come. */
  #size = -1;
  #left = 0;
  #content: Buffer | null = null;
  /** Two rooms in turn: who compares an object with the one before it needs both. */
  readonly #rooms: [Buffer, Buffer] = [Buffer.alloc(0), Buffer.alloc(0)];
  #room = 0;

  constructor(ids: readonly string[], limit: number, take: (index: number, object: Buffer | Absent) => void) {
    this.#ids = ids;
    this.#limit = limit;
    this.#take = take;
  }

  get done(): boolean {
    return this.#index === this.#ids.length;
  }

  /** The object that comes next. */
  get expected(): string {
    return this.#ids[this.#index] ?? '';
  }

  /** Throws SP-GIT-OBJECT for what is not the answer to the ids. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length && !this.done; )
      at = this.#size === -1 ? this.#takeHeader(chunk, at) : this.#takeContent(chunk, at);
  }

  #takeHeader(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(10, from);
    this.#header += chunk.toString('latin1', from, end === -1 ? chunk.length : end);
    if (this.#header.length > MAX_HEADER) throw broken(this.#header, this.expected);
    if (end === -1) return chunk.length;
    const match = /^([0-9a-f]{40,64}) (\w+)(?: (\d+))?$/u.exec(this.#header);
    if (match === null || match[1] !== this.expected) throw broken(this.#header, this.expected);
    this.#header = '';
    if (match[3] === undefined) {
      this.#give('missing');
      return end + 1;
    }
    this.#size = Number(match[3]);
    this.#left = this.#size + 1;
    this.#content = null;
    return end + 1;
  }

  #takeContent(chunk: Buffer, from: number): number {
    const count = Math.min(this.#left, chunk.length - from);
    const wanted = this.#size <= this.#limit;
    const whole = count === this.#size + 1;
    if (wanted && !whole) {
      this.#content ??= this.#makeRoom(this.#size);
      const done = this.#size + 1 - this.#left;
      chunk.copy(this.#content, done, from, from + Math.min(count, this.#size - done));
    }
    this.#left -= count;
    if (this.#left > 0) return from + count;
    const content = whole ? chunk.subarray(from, from + this.#size) : this.#content;
    this.#size = -1;
    this.#content = null;
    this.#give(wanted && content !== null ? content : 'too-large');
    return from + count;
  }

  #give(object: Buffer | Absent): void {
    this.#take(this.#index, object);
    this.#index++;
  }

  #makeRoom(size: number): Buffer {
    if (size > MAX_KEPT) return Buffer.allocUnsafeSlow(size);
    this.#room = 1 - this.#room;
    const kept = this.#rooms[this.#room] as Buffer;
    if (kept.length >= size) return kept.subarray(0, size);
    const room = Buffer.allocUnsafeSlow(Math.min(MAX_KEPT, Math.max(64 * 1024, size * 2)));
    this.#rooms[this.#room] = room;
    return room.subarray(0, size);
  }
}

function broken(found: string, id: string): SallyportError {
  return new SallyportError({
    code: 'SP-GIT-OBJECT',
    message: id === '' ? 'git stopped while reading objects' : `git cannot read the object ${id}`,
    found: found.slice(0, 200),
    next: 'check the repository with git fsck',
  });
}
