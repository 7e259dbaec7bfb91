import { type FileHandle, open } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { SallyportError } from '../model/error.ts';
import { LIMITS, type RawRecord, sourceError } from './source.ts';

/** JSON packs well, but not better than this; a higher ratio is a bomb. */
const MAX_RATIO = 200;
const SMALL = 64 * 1024;

/**
 * The JSON files of an archive, one at a time. Refused are names that lead out of it (by the library), entries that
 * are not of the size or checksum that they say, that are packed beyond belief, encrypted, or twice there. Nothing is
 * ever written by an entry's name.
 */
export async function* zipEntries(path: string): AsyncGenerator<RawRecord> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw sourceError(path, 'a file that can be read', cause);
  });
  try {
    const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    try {
      if (zip.entryCount > LIMITS.records) throw sourceError(path, `at most ${LIMITS.records} entries`);
      const names = new Set<string>();
      for await (const entry of zip.eachEntry()) {
        const place = `${path}!${entry.fileName}`;
        if (!entry.fileName.endsWith('.json')) continue;
        if (names.has(entry.fileName)) throw sourceError(place, 'each name once');
        names.add(entry.fileName);
        yield { place, content: await contentOf(zip, file, entry, place) };
      }
    } finally {
      zip.close();
    }
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    throw sourceError(path, 'a whole zip archive with names that stay inside it', cause);
  } finally {
    await file.close();
  }
}

/** Unpacked in one go: a stream for each of a hundred thousand small entries costs more than the entries. */
async function contentOf(zip: ZipFile, file: FileHandle, entry: Entry, place: string): Promise<Uint8Array> {
  const { uncompressedSize: size, compressedSize: packed } = entry;
  if (size > LIMITS.recordBytes) throw sourceError(place, `entries of at most ${LIMITS.recordBytes} bytes`);
  if (size > SMALL && size > packed * MAX_RATIO)
    throw sourceError(place, `entries packed at most ${MAX_RATIO} to 1`);
  if (packed > size + SMALL) throw sourceError(place, 'entries that packing does not enlarge');
  if (entry.isEncrypted()) throw sourceError(place, 'entries that are not encrypted');
  try {
    const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
    const content = Buffer.alloc(packed);
    const { bytesRead } = await file.read(content, 0, packed, fileDataStart);
    if (bytesRead !== packed) throw new Error('cut short');
    const unpacked = unpack(content, entry.compressionMethod, size);
    if (unpacked.length !== size) throw new Error('not of the size that the archive says');
    if (crc32(unpacked) !== entry.crc32) throw new Error('checksum does not match');
    return unpacked;
  } catch (cause) {
    throw sourceError(place, 'an entry that can be unpacked', cause);
  }
}

function unpack(content: Buffer, method: number, size: number): Buffer {
  if (method === 0) return content;
  if (method !== 8) throw new Error(`packed by method ${method}, not by deflate`);
  return inflateRawSync(content, { maxOutputLength: Math.max(size, 1) });
}

/**
 * When the newest member of an archive was written, in milliseconds; null where it cannot be told: no member, a time
 * before there were such archives, or no archive.
 */
export async function newestMember(path: string): Promise<number | null> {
  try {
    const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    try {
      let newest = 0;
      for await (const entry of zip.eachEntry()) newest = Math.max(newest, entry.getLastModDate().getTime());
      return newest >= OLDEST ? newest : null;
    } finally {
      zip.close();
    }
  } catch {
    // What is no archive says nothing of an age.
    return null;
  }
}

/** The first OSV archives are of 2021; writers without a clock put 1980. */
const OLDEST = Date.UTC(2020, 0, 1);
