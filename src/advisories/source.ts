import { basename } from 'node:path';
import { SallyportError } from '../model/error.ts';

/** One file or line that should be an OSV record. */
export interface RawRecord {
  /** Where it stands, for people: `PyPI.zip!PYSEC-2021-1.json`, `all.ndjson:17`. */
  place: string;
  content: Uint8Array;
}

/** Far above what the databases hold; a source beyond it is an attack or a mistake. */
export const LIMITS = {
  recordBytes: 16 * 1024 * 1024,
  records: 2_000_000,
  totalBytes: 32 * 1024 ** 3,
  folderDepth: 16,
} as const;

export function sourceError(path: string, expected: string, cause?: unknown): SallyportError {
  return new SallyportError(
    {
      code: 'SP-OSV-SOURCE',
      message: `advisories cannot be read from ${basename(path)}`,
      expected,
      ...(cause instanceof Error ? { found: cause.message } : {}),
      place: { path },
      next: 'fetch the advisories again; https://google.github.io/osv.dev/data describes where from',
    },
    { cause },
  );
}
