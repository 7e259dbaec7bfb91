import { hash } from 'node:crypto';
import { SallyportError } from '../model/error.ts';
import type { OsvRange, OsvSeverity } from './osv.ts';

/**
 * The file of one ecosystem: a line that names the format, blocks of packed JSON one after the other, a directory of
 * them (JSON), and a trailer of fixed length that says where the directory lies and what its sha256 is. The directory
 * holds the sha256 of every block, so the digest of the directory stands for the whole file, and a reader checks just
 * what it reads. Packages are ordered by the hash of their name, which spreads them evenly.
 */
export const MAGIC = 'sallyport-advisories 1\n';
export const TRAILER_BYTES = 128;
export const EXTENSION = '.advisories';
/** How much JSON a block holds before it is packed; a package is never split, so a block can be larger. */
export const BLOCK_BYTES = 64 * 1024;
export const MAX_BLOCK_BYTES = 256 * 1024 * 1024;
export const MAX_DIRECTORY_BYTES = 64 * 1024 * 1024;

/** One advisory's words on one package. */
export interface Entry {
  id: string;
  modified: string;
  aliases: string[];
  upstream: string[];
  summary: string;
  rating: string | null;
  /** The package's own severity where it has one, else the advisory's. */
  severity: OsvSeverity[];
  /** With its release, as in `Debian:12`. */
  ecosystem: string;
  ranges: OsvRange[];
  versions: string[];
}

/** The name in its normal form, with what there is about it. */
export type PackageEntries = [name: string, entries: Entry[]];

export interface BlockRef {
  /** Hash of the first name in it. */
  first: string;
  offset: number;
  length: number;
  sha256: string;
}

/** A place that the records were taken from. */
export interface SourceRef {
  name: string;
  /** Of the sorted digests of its records. */
  sha256: string;
}

export interface Directory {
  ecosystem: string;
  advisories: number;
  packages: number;
  withdrawn: number;
  /** The newest `modified` among the advisories, RFC 3339: how old the knowledge is, whatever the file's own time. */
  newest: string;
  /**
   * The newest `modified` of everything that was imported together with it: an ecosystem in which nothing happens for
   * weeks is not out of date for that.
   */
  asOf: string;
  sources: SourceRef[];
  blocks: BlockRef[];
}

export function sha256(content: Uint8Array | string): string {
  return hash('sha256', content);
}

/** Of two RFC 3339 times in UTC; without the `Z` a fraction sorts after the whole second. */
export function isLater(a: string, b: string): boolean {
  return a.slice(0, -1) > b.slice(0, -1);
}

/** What names are ordered by: 64 bits are enough to spread them, equal ones only share a block. */
export function nameHash(name: string): string {
  return sha256(name).slice(0, 16);
}

/** The file for an ecosystem. Throws SP-OSV-INVALID for a name that cannot be one. */
export function fileNameOf(base: string, place: string): string {
  if (!/^[A-Za-z][A-Za-z0-9 .-]{0,63}$/u.test(base)) {
    throw new SallyportError({
      code: 'SP-OSV-INVALID',
      message: 'not an OSV ecosystem',
      expected: 'a name of letters, digits, spaces, dots and dashes',
      found: JSON.stringify(base.slice(0, 80)),
      place: { path: place },
      next: 'correct the advisory, or leave it out',
    });
  }
  return `${base.replaceAll(' ', '_')}${EXTENSION}`;
}

export function formatTrailer(offset: number, length: number, digest: string): string {
  return `${digest} ${offset} ${length}\n`.padStart(TRAILER_BYTES, ' ');
}

/** Null where it is no trailer. */
export function parseTrailer(text: string): { digest: string; offset: number; length: number } | null {
  const match = /^ *([0-9a-f]{64}) (\d{1,15}) (\d{1,15})\n$/u.exec(text);
  if (match === null) return null;
  return { digest: match[1] ?? '', offset: Number(match[2]), length: Number(match[3]) };
}
