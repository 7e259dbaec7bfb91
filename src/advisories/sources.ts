import { createReadStream } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readBounded } from '../platform/files.ts';
import { LIMITS, type RawRecord, sourceError } from './source.ts';
import { zipEntries } from './zip.ts';

const CARRIAGE_RETURN = 13;

/**
 * The records of a folder of JSON files, of an archive as OSV publishes it (`all.zip`), or of a file with one record
 * a line. One after the other, so that the whole is never in memory. Throws SP-OSV-SOURCE and the errors of files.
 */
export async function* rawRecords(path: string): AsyncGenerator<RawRecord> {
  let records = 0;
  let bytes = 0;
  for await (const record of await opened(path)) {
    records++;
    bytes += record.content.length;
    if (records > LIMITS.records) throw sourceError(path, `at most ${LIMITS.records} records`);
    if (bytes > LIMITS.totalBytes) throw sourceError(path, `at most ${LIMITS.totalBytes} bytes`);
    yield record;
  }
  if (records === 0) throw sourceError(path, 'at least one OSV record in it');
}

async function opened(path: string): Promise<AsyncIterable<RawRecord>> {
  const found = await stat(path).catch((cause: unknown) => {
    throw sourceError(path, 'a folder, a .zip, a .json or a .ndjson file', cause);
  });
  if (found.isDirectory()) return folderRecords(path, 0);
  if (path.endsWith('.zip')) return zipEntries(path);
  if (path.endsWith('.ndjson') || path.endsWith('.jsonl')) return lineRecords(path);
  if (path.endsWith('.json')) return single(path);
  throw sourceError(path, 'a folder, a .zip, a .json or a .ndjson file');
}

async function* single(path: string): AsyncGenerator<RawRecord> {
  yield { place: path, content: await readBounded(path, LIMITS.recordBytes) };
}

/** Links are not followed: a folder of advisories has none, and one could lead anywhere. */
async function* folderRecords(folder: string, depth: number): AsyncGenerator<RawRecord> {
  if (depth > LIMITS.folderDepth)
    throw sourceError(folder, `at most ${LIMITS.folderDepth} folders inside each other`);
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* folderRecords(path, depth + 1);
    else if (entry.isFile() && entry.name.endsWith('.json')) yield* single(path);
  }
}

async function* lineRecords(path: string): AsyncGenerator<RawRecord> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let line = 0;
  const take = (): RawRecord | null => {
    const joined = Buffer.concat(pending);
    const content = joined.at(-1) === CARRIAGE_RETURN ? joined.subarray(0, -1) : joined;
    pending = [];
    pendingBytes = 0;
    line++;
    return content.toString('utf8').trim() === '' ? null : { place: `${path}:${line}`, content };
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      pending.push(chunk.subarray(start, end));
      start = end + 1;
      const record = take();
      if (record !== null) yield record;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > LIMITS.recordBytes)
      throw sourceError(path, `lines of at most ${LIMITS.recordBytes} bytes (line ${line + 1})`);
  }
  const last = take();
  if (last !== null) yield last;
}
