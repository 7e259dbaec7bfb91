import { gunzipSync, inflateRawSync } from 'node:zlib';
import type { Note } from '../inspect/result.ts';

/** A file inside an archive. */
export interface Member {
  path: string;
  bytes: Buffer;
}

export interface Unpacked {
  members: Member[];
  notes: Note[];
}

const MAX_MEMBERS = 10_000;
const MAX_MEMBER = 20 * 1024 * 1024;
const MAX_TOTAL = 100 * 1024 * 1024;
/** Deflate reaches about 1,000; text that compresses better than this is a bomb. */
const MAX_RATIO = 200;
const TOO_LARGE = 'larger than is unpacked';

/** Keeps what is unpacked within its limits. */
class Budget {
  #left = MAX_TOTAL;
  #members = 0;
  readonly notes: Note[] = [];
  #closed = false;

  /** False, with a note, once nothing more may be unpacked. */
  open(): boolean {
    if (this.#closed) return false;
    if (++this.#members <= MAX_MEMBERS && this.#left > 0) return true;
    this.#closed = true;
    this.notes.push({ inner: '', reason: 'archive holds more than is unpacked', blocking: true });
    return false;
  }

  /** The most bytes that a member of this packed size may have. */
  allowed(packed: number): number {
    return Math.min(MAX_MEMBER, this.#left, Math.max(1024 * 1024, packed * MAX_RATIO));
  }

  spend(bytes: number): void {
    this.#left -= bytes;
  }
}

/** The files of a zip archive, one level, by its central directory (APPNOTE.TXT 4.3). */
export function unzip(bytes: Buffer): Unpacked {
  const budget = new Budget();
  const members: Member[] = [];
  const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end === -1 || end + 22 > bytes.length) {
    return { members, notes: [{ inner: '', reason: 'zip archive without a directory', blocking: false }] };
  }
  let at = bytes.readUInt32LE(end + 16);
  const count = bytes.readUInt16LE(end + 10);
  if (at === 0xffffffff || count === 0xffff) {
    return { members, notes: [{ inner: '', reason: 'zip64 archive', blocking: false }] };
  }
  for (let index = 0; index < count && budget.open(); index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02014b50) {
      budget.notes.push({ inner: '', reason: 'zip archive with a broken directory', blocking: false });
      break;
    }
    const nameLength = bytes.readUInt16LE(at + 28);
    const path = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    const entry = {
      path,
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    };
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    if (path.endsWith('/') || entry.size === 0) continue;
    const content = zipEntry(bytes, entry, budget);
    if (typeof content === 'string')
      budget.notes.push({ inner: path, reason: content, blocking: content.startsWith(TOO_LARGE) });
    else members.push({ path, bytes: content });
  }
  return { members, notes: budget.notes };
}

interface ZipEntry {
  flags: number;
  method: number;
  packed: number;
  size: number;
  offset: number;
}

function zipEntry(
  bytes: Buffer,
  { flags, method, packed, size, offset }: ZipEntry,
  budget: Budget,
): Buffer | string {
  if ((flags & 1) !== 0) return 'encrypted';
  if (offset + 30 > bytes.length || bytes.readUInt32LE(offset) !== 0x04034b50) return 'broken entry';
  const from = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  const data = bytes.subarray(from, from + packed);
  const allowed = budget.allowed(packed);
  if (size > allowed) return `${TOO_LARGE} (${size} bytes)`;
  try {
    const content =
      method === 0 ? data : method === 8 ? inflateRawSync(data, { maxOutputLength: allowed }) : null;
    if (content === null) return `compression method ${method}`;
    budget.spend(content.length);
    return content;
  } catch {
    return 'cannot be unpacked';
  }
}

/** The one file of a gzip member (RFC 1952); what it holds may be a tar archive. */
export function gunzip(bytes: Buffer): Buffer | Note {
  const allowed = Math.min(MAX_TOTAL, Math.max(1024 * 1024, bytes.length * MAX_RATIO));
  try {
    return gunzipSync(bytes, { maxOutputLength: allowed });
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    return {
      inner: '',
      reason: tooLarge ? TOO_LARGE : 'gzip file that cannot be unpacked',
      blocking: tooLarge,
    };
  }
}

/** The files of a tar archive (POSIX ustar, with GNU and pax long names). */
export function untar(bytes: Buffer): Unpacked {
  const budget = new Budget();
  const members: Member[] = [];
  let longName = '';
  for (let at = 0; at + 512 <= bytes.length && bytes[at] !== 0; ) {
    const header = bytes.subarray(at, at + 512);
    const size = Number.parseInt(header.toString('latin1', 124, 136).replace(/[^0-7]/gu, '') || '0', 8);
    const content = bytes.subarray(at + 512, at + 512 + size);
    if (content.length < size) {
      budget.notes.push({ inner: '', reason: 'tar archive ends early', blocking: false });
      break;
    }
    at += 512 + Math.ceil(size / 512) * 512;
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = cString(content.subarray(0, 4096));
    else if (type === 'x')
      longName = /\d+ path=([^\n]{1,4096})\n/u.exec(content.toString('utf8', 0, 16_384))?.[1] ?? longName;
    else if (type === '0' || type === '\0') {
      if (!budget.open()) break;
      const prefix = cString(header.subarray(345, 500));
      const name = longName || (prefix === '' ? '' : `${prefix}/`) + cString(header.subarray(0, 100));
      longName = '';
      if (size > budget.allowed(size))
        budget.notes.push({ inner: name, reason: `${TOO_LARGE} (${size} bytes)`, blocking: true });
      else if (size > 0) {
        budget.spend(size);
        members.push({ path: name, bytes: content });
      }
    } else longName = '';
  }
  return { members, notes: budget.notes };
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? undefined : end);
}
