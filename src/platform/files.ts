import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  fstatSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { access, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SallyportError } from '../model/error.ts';

/** Files outside the scanned tree: policies, reports, evidence. */
export interface Files {
  /** Throws SP-FILE-MISSING, SP-FILE-UNREADABLE or SP-FILE-TOO-LARGE (over `limit` bytes). */
  read(path: string, limit: number): Promise<Buffer>;
  exists(path: string): Promise<boolean>;
  /**
   * Written beside its place and moved there, so that a reader sees the old file or the new one, never half. `grown` is
   * told how many bytes stand so far in the file beside it.
   */
  write(
    path: string,
    content: Iterable<string | Uint8Array> | Uint8Array,
    grown?: (part: string, bytes: number) => void,
  ): Promise<{ sha256: string; bytes: number }>;
  /** A file that was just written, at a second place, in the same way. */
  copy(from: string, to: string): Promise<void>;
}

const MIB = 1024 * 1024;
/** Characters that are written at once. */
const BATCH = 256 * 1024;

export const diskFiles: Files = {
  read: readBounded,
  exists: async (path) => {
    try {
      await access(path);
      return true;
    } catch {
      return false;
    }
  },
  write: writeAtomic,
  copy: copyAtomic,
};

/**
 * Reads a regular file as a whole; a device, a pipe or a growing file cannot exceed `limit`. In one go and not in turns:
 * a tree has thousands of small files, and each turn costs more than a file of it.
 */
export async function readBounded(path: string, limit: number): Promise<Buffer> {
  try {
    // Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stat = fstatSync(file);
      if (!stat.isFile()) {
        throw new SallyportError({
          code: 'SP-FILE-UNREADABLE',
          message: 'not a regular file',
          place: { path },
          expected: 'a regular file',
          found: stat.isDirectory() ? 'a folder' : 'a device, pipe or socket',
        });
      }
      if (stat.size > limit) throw tooLarge(path, stat.size, limit);
      const content = Buffer.alloc(stat.size);
      let offset = 0;
      while (offset < content.length) {
        const bytesRead = readSync(file, content, offset, content.length - offset, offset);
        if (bytesRead === 0) break;
        offset += bytesRead;
      }
      return content.subarray(0, offset);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    throw unreadable(path, cause);
  }
}

/**
 * Gives the memory of a large file back at once, rather than when a collection comes by: two reports of a hundred
 * thousand results should not lie beside each other because nobody tidied up. The buffer is empty afterwards.
 */
export function release({ buffer, byteLength }: Uint8Array): void {
  // Small buffers share one allocation, which is not ours to give back.
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength) buffer.transfer(0);
}

export function tooLarge(path: string, bytes: number, limit: number): SallyportError {
  return new SallyportError({
    code: 'SP-FILE-TOO-LARGE',
    message: 'file is too large',
    place: { path },
    expected: `at most ${(limit / MIB).toFixed(1)} MiB`,
    found: `${(bytes / MIB).toFixed(1)} MiB`,
  });
}

export function unreadable(path: string, cause: unknown): SallyportError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  return new SallyportError(
    {
      code: missing ? 'SP-FILE-MISSING' : 'SP-FILE-UNREADABLE',
      message: missing ? 'no such file' : 'file cannot be read',
      place: { path },
      found: code,
    },
    { cause },
  );
}

async function writeAtomic(
  path: string,
  content: Iterable<string | Uint8Array> | Uint8Array,
  grown?: (part: string, bytes: number) => void,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await inPlaceOf(path, async (part, before) => {
    const file = await open(part, before === 'stream' ? 'w' : 'wx', 0o644);
    try {
      for (const chunk of content instanceof Uint8Array ? [content] : batches(content)) {
        hash.update(chunk);
        bytes += chunk.length;
        // Without a turn for each piece: whoever writes has nothing else to do until it is written.
        for (let at = 0; at < chunk.length; ) at += writeSync(file.fd, chunk, at);
        grown?.(part, bytes);
      }
      // A power cut must not leave neither the old one nor the new one; where there was none, nothing can be lost.
      if (before === 'file') await file.sync();
    } finally {
      await file.close();
    }
  });
  return { sha256: hash.digest('hex'), bytes };
}

/**
 * Has `write` make a file beside `path` and moves it there. A device or a pipe (`/dev/null`, `/dev/stdout`) is written
 * into as it is: moved upon, it would be gone for everybody.
 */
async function inPlaceOf(
  path: string,
  write: (part: string, before: Before) => Promise<void>,
): Promise<void> {
  const before = await beforeAt(path);
  const direct = before === 'stream';
  const part = direct ? path : `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await write(part, before);
    if (!direct) await rename(part, path);
  } catch (cause) {
    if (!direct) await rm(part, { force: true });
    throw unwritable(path, cause);
  }
}

/** What is at a place before something is written there. */
type Before = 'nothing' | 'file' | 'stream';

async function beforeAt(path: string): Promise<Before> {
  if (/^\/(?:dev|proc)\//u.test(resolve(path))) return 'stream';
  const there = await stat(path).catch(() => null);
  if (there === null) return 'nothing';
  return there.isFile() || there.isDirectory() ? 'file' : 'stream';
}

function unwritable(path: string, cause: unknown): SallyportError {
  return new SallyportError(
    {
      code: 'SP-FILE-UNWRITABLE',
      message: 'file cannot be written',
      place: { path },
      found: (cause as NodeJS.ErrnoException).code ?? String(cause),
    },
    { cause },
  );
}

async function copyAtomic(from: string, to: string): Promise<void> {
  await inPlaceOf(to, async (part) => {
    if (part === to) await pipeline(createReadStream(from), createWriteStream(to));
    else await copyFile(from, part, constants.COPYFILE_FICLONE);
  });
}

/**
 * Small chunks joined to a quarter of a megabyte, so that a report of 100,000 lines is not 100,000 writes. Large ones share
 * their memory: each is to be done with before the next is asked for. Bytes go through as they are.
 */
function* batches(chunks: Iterable<string | Uint8Array>): Iterable<Uint8Array> {
  const encoder = new TextEncoder();
  let shared: Uint8Array | undefined;
  let text = '';
  for (const chunk of chunks) {
    if (typeof chunk === 'string') {
      text += chunk;
      if (text.length < BATCH) continue;
    }
    // A UTF-16 unit is three bytes of UTF-8 at most.
    if (shared === undefined || shared.length < text.length * 3) shared = new Uint8Array(text.length * 3);
    yield shared.subarray(0, encoder.encodeInto(text, shared).written);
    text = '';
    if (typeof chunk !== 'string') yield chunk;
  }
  if (shared !== undefined) release(shared);
  yield Buffer.from(text);
}
