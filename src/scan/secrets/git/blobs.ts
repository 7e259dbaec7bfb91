import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { SallyportError } from '../../../model/error.ts';
import { gitEnvironment, HARDENING } from '../../../platform/git.ts';
import type { ToolEnvironment } from '../../../platform/process.ts';

export type ReadObject = { type: string; bytes: Buffer } | 'missing' | 'too-large';

const SILENCE = 120_000;
const MAX_HEADER = 4096;
const BLOCK = 4 * 1024 * 1024;

/**
 * Objects of a repository through one `git cat-file --batch --buffer`, in the order of `ids`. With `--buffer` git
 * does not flush after each object, which is what makes it fast; the reader asks for the next chunk only when it
 * has used the last, so that memory stays bounded. Throws SP-GIT-OBJECT where git fails or is silent for two minutes.
 */
export async function* readObjects(
  cwd: string,
  tools: ToolEnvironment,
  ids: readonly string[],
  limit: number,
): AsyncGenerator<ReadObject> {
  if (ids.length === 0) return;
  const child = spawn('git', [...HARDENING, 'cat-file', '--batch', '--buffer'], {
    cwd,
    env: gitEnvironment(tools),
  });
  const failed: { error: Error | null } = { error: null };
  child.on('error', (error) => {
    failed.error = error;
  });
  child.stderr.resume();
  child.stdin.on('error', () => undefined);
  void feed(child, ids);
  const reader = new ByteReader(child);
  try {
    for (const id of ids) {
      const header = await reader.line();
      const match = header === null ? null : /^([0-9a-f]{40,64}) (\w+)(?: (\d+))?$/u.exec(header);
      if (header === null || match === null || match[1] !== id)
        throw broken(failed.error?.message ?? header ?? 'git cat-file ended early', id);
      if (match[3] === undefined) {
        yield 'missing';
        continue;
      }
      const size = Number(match[3]);
      const bytes = await reader.take(size, size <= limit);
      await reader.take(1, false);
      yield bytes === null ? 'too-large' : { type: match[2] ?? '', bytes };
    }
  } finally {
    child.stdin.destroy();
    child.stdout.destroy();
    child.kill('SIGKILL');
  }
}

async function feed(child: ChildProcessWithoutNullStreams, ids: readonly string[]): Promise<void> {
  const { stdin } = child;
  for (let at = 0; at < ids.length && !stdin.destroyed; at += 1000) {
    const more = stdin.write(`${ids.slice(at, at + 1000).join('\n')}\n`);
    if (!more) await new Promise<void>((resolve) => settle(stdin, resolve));
  }
  stdin.end();
}

function settle(stream: NodeJS.WritableStream, resolve: () => void): void {
  const done = () => {
    stream.off('drain', done);
    stream.off('close', done);
    resolve();
  };
  stream.once('drain', done);
  stream.once('close', done);
}

/** Pulls bytes from a child's stdout, one chunk at a time. */
class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  readonly #child: ChildProcessWithoutNullStreams;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #block: Buffer = Buffer.alloc(0);
  #used = 0;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#source = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async #more(): Promise<boolean> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), SILENCE);
    const next = await this.#source.next();
    clearTimeout(timer);
    if (next.done === true) return false;
    this.#chunk = next.value;
    this.#at = 0;
    return true;
  }

  /** Memory for an object: small ones share a block, so that tens of thousands of them are no work for the collector. */
  #room(size: number): Buffer {
    if (size > BLOCK / 4) return Buffer.allocUnsafeSlow(size);
    if (this.#used + size > this.#block.length) {
      this.#block = Buffer.allocUnsafeSlow(BLOCK);
      this.#used = 0;
    }
    this.#used += size;
    return this.#block.subarray(this.#used - size, this.#used);
  }

  async line(): Promise<string | null> {
    let text = '';
    for (;;) {
      const end = this.#chunk.indexOf(10, this.#at);
      text += this.#chunk.toString('latin1', this.#at, end === -1 ? undefined : end);
      if (end !== -1) {
        this.#at = end + 1;
        return text;
      }
      if (text.length > MAX_HEADER || !(await this.#more())) return null;
    }
  }

  /** The next bytes; null, read past, where they are not wanted. */
  async take(size: number, keep: boolean): Promise<Buffer | null> {
    const out = keep ? this.#room(size) : null;
    for (let done = 0; done < size; ) {
      if (this.#at === this.#chunk.length && !(await this.#more()))
        throw broken('git cat-file ended early', '');
      const count = Math.min(size - done, this.#chunk.length - this.#at);
      if (out !== null) this.#chunk.copy(out, done, this.#at, this.#at + count);
      done += count;
      this.#at += count;
    }
    return out;
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
