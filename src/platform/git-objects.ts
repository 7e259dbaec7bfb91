import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { SallyportError } from '../model/error.ts';
import { gitEnvironment, HARDENING } from './git.ts';
import type { ToolEnvironment } from './process.ts';

interface Waiting {
  id: string;
  limit: number;
  resolve(content: Buffer | 'too-large'): void;
  reject(error: Error): void;
}

const HEADER = /^([0-9a-f]{40,64}) (\w+) (\d+)$/u;
const SILENCE = 60_000;

/**
 * Objects of a repository over one `git cat-file --batch`, in the order in which they are asked for.
 * git writes `ID TYPE SIZE\n` and the bytes and a line feed, or `ID missing\n` (git-cat-file(1)).
 */
export class GitObjects {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #buffered = 0;
  #current: { size: number; left: number; content: Buffer | null } | null = null;
  #failed: Error | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(cwd: string, tools: ToolEnvironment) {
    this.#child = spawn('git', [...HARDENING, 'cat-file', '--batch'], { cwd, env: gitEnvironment(tools) });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr.resume();
    this.#child.stdin.on('error', () => undefined);
    this.#child.on('error', (cause) => this.#fail(`git cannot be started: ${cause.message}`));
    this.#child.on('close', () => this.#fail('git cat-file ended early'));
  }

  /** The bytes of an object, or `too-large` over `limit` (read past, not kept). Throws SP-GIT-OBJECT where it is missing. */
  read(id: string, limit: number): Promise<Buffer | 'too-large'> {
    return new Promise((resolve, reject) => {
      if (this.#failed !== null) {
        reject(this.#failed);
        return;
      }
      this.#waiting.push({ id, limit, resolve, reject });
      this.#arm();
      this.#child.stdin.write(`${id}\n`);
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const closed = new Promise<void>((resolve) => this.#child.once('close', () => resolve()));
    this.#child.stdin.end();
    this.#child.kill('SIGTERM');
    await closed;
  }

  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#fail(`git cat-file was silent for ${SILENCE / 1000} s`);
      this.#child.kill('SIGKILL');
    }, SILENCE);
    this.#timer.unref();
  }

  #fail(reason: string): void {
    this.#failed ??= new SallyportError({ code: 'SP-GIT-OBJECT', message: reason });
    for (const request of this.#waiting.splice(0)) request.reject(this.#failed);
    this.#arm();
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    this.#arm();
    while (this.#step()) {
      // Each step consumes a header, a piece of content or a trailing line feed.
    }
  }

  #step(): boolean {
    const request = this.#waiting[0];
    if (request === undefined || this.#buffered === 0) return false;
    if (this.#current === null) return this.#header(request);
    const { size, left, content } = this.#current;
    if (left > 0) {
      const piece = this.#pull(Math.min(left, this.#buffered));
      if (content !== null) piece.copy(content, size - left);
      this.#current.left -= piece.length;
      return true;
    }
    this.#pull(1);
    this.#current = null;
    this.#waiting.shift();
    this.#arm();
    request.resolve(content ?? 'too-large');
    return true;
  }

  #header(request: Waiting): boolean {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    const end = all.indexOf(10);
    if (end === -1) return false;
    const line = this.#pull(end + 1)
      .toString('latin1')
      .trimEnd();
    const match = HEADER.exec(line);
    if (match === null) {
      this.#waiting.shift();
      this.#arm();
      request.reject(
        new SallyportError({
          code: 'SP-GIT-OBJECT',
          message: `git does not have the object ${request.id}`,
          found: line.slice(0, 200),
          next: 'a shallow or partial clone lacks it: check out with fetch-depth: 0 and without a filter',
        }),
      );
      return true;
    }
    const size = Number(match[3]);
    this.#current = { size, left: size, content: size > request.limit ? null : Buffer.alloc(size) };
    return true;
  }

  #pull(count: number): Buffer {
    this.#buffered -= count;
    const first = this.#chunks[0] as Buffer;
    if (first.length > count) {
      this.#chunks[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    if (first.length === count) {
      this.#chunks.shift();
      return first;
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(count)];
    return all.subarray(0, count);
  }
}
