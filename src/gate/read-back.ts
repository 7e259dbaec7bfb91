import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { ScanReport } from '../model/report.ts';
import { WrittenReader } from '../model/sarif/written.ts';
import type { Stage } from '../model/stage.ts';
import { release } from '../platform/files.ts';
import { changed } from './evidence-changed.ts';

const PIECE = 256 * 1024;

/** How far a file is written: so many bytes stand in `part`; or it has come to its end and its place, with this digest. */
export type Step = { part: string; bytes: number } | { sha256: string };

/** A stage's reports as they were read from the disk. */
export interface ReadBack {
  reports: ScanReport[];
  sha256: string;
}

/**
 * Reads the SARIF file of a stage as far as it is written, while its writer goes on. The reports are given out when all
 * of it was read, the digest of what was read is the writer's, and it is that file which stands at `path`; `name` is for
 * messages. Throws SP-EVIDENCE-CHANGED, and what the steps or the reader throw.
 */
export async function readBack(
  path: string,
  name: string,
  stage: Stage,
  steps: Iterable<Step> | AsyncIterable<Step>,
): Promise<ReadBack> {
  const reader = new WrittenReader(stage, name);
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafeSlow(PIECE);
  let file: number | null = null;
  let at = 0;
  try {
    for await (const step of steps) {
      if ('part' in step) {
        file ??= opened(step.part, path);
        while (at < step.bytes) {
          const count = readSync(file, piece, 0, Math.min(PIECE, step.bytes - at), at);
          if (count === 0) throw changed(name, `${step.bytes} bytes`, `${at} bytes`);
          const read = piece.subarray(0, count);
          hash.update(read);
          reader.add(read);
          at += count;
        }
        continue;
      }
      const found = hash.digest('hex');
      if (found !== step.sha256) throw changed(name, `sha256:${step.sha256}`, `sha256:${found}`);
      if (file === null || !isAt(path, file, at))
        throw changed(name, 'the file that was read', 'another one');
      return { reports: reader.end(), sha256: found };
    }
    throw changed(name, 'a file that was written to its end', `${at} bytes`);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/**
 * What stands in a file that was kept, a piece at a time; each is gone with the next. Throws SP-EVIDENCE-CHANGED, at its
 * end where it is not what was kept, and before it where it is longer than `limit`.
 */
export function* piecesOf(path: string, name: string, sha256: string, limit: number): Generator<Uint8Array> {
  const hash = createHash('sha256');
  const piece = Buffer.allocUnsafeSlow(PIECE);
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    let total = 0;
    for (let count = readSync(file, piece); count > 0; count = readSync(file, piece)) {
      total += count;
      if (total > limit) throw changed(name, `at most ${limit} bytes`, 'more');
      const read = piece.subarray(0, count);
      hash.update(read);
      yield read;
    }
  } finally {
    closeSync(file);
    release(piece);
  }
  const found = hash.digest('hex');
  if (found !== sha256) throw changed(name, `sha256:${sha256}`, `sha256:${found}`);
}

/** The file beside its place, or, where it is finished already, at its place. */
function opened(part: string, path: string): number {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
  try {
    return openSync(part, flags);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'ENOENT') throw thrown;
    return openSync(path, flags);
  }
}

/** Whether it is this open file that stands at `path`, and no longer than what was read of it. */
function isAt(path: string, file: number, length: number): boolean {
  const [there, read] = [statSync(path, { bigint: true }), fstatSync(file, { bigint: true })];
  return there.ino === read.ino && there.dev === read.dev && read.size === BigInt(length);
}
