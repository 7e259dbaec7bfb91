import { SallyportError } from '../../model/error.ts';
import type { Bundle } from '../verify/bundle.ts';

/** Something signed that a store holds about a digest. */
export interface Found {
  /** Where it lies, for messages: a path, or a digest in a registry. */
  where: string;
  /** Or why it cannot be read: one that is broken does not hide the others. */
  bundle: Bundle | SallyportError;
  /** What a legacy image signature is of: cosign's simple signing document. Null for everything else. */
  document: Buffer | null;
}

/** What is wrong with one signature alone: it is not as it should be, or its file cannot be read. */
const BROKEN = new Set([
  'SP-STORE-FORMAT',
  'SP-STORE-DIGEST',
  'SP-FILE-MISSING',
  'SP-FILE-UNREADABLE',
  'SP-FILE-TOO-LARGE',
]);

/**
 * What `read` finds at a place, or that it is broken: whoever may write to a store could else hide every signature in it
 * behind a broken one. What stops the looking itself, such as a registry that does not answer, is thrown on.
 */
export async function foundAt(where: string, read: () => Promise<Found[]>): Promise<Found[]> {
  try {
    return await read();
  } catch (thrown) {
    if (!(thrown instanceof SallyportError) || !BROKEN.has(thrown.code)) throw thrown;
    return [{ where, bundle: thrown, document: null }];
  }
}

/** What a store has to know of a bundle to write it so that others find it. */
export interface Written {
  /** Bundle v0.3 in JSON. */
  json: string;
  /** Null for a bare signature. */
  predicateType: string | null;
  /** What tells two of the same type apart where they are kept by name: a stage, a gate. */
  label?: string | undefined;
  createdAt: Date;
}

/** Where signatures and attestations are kept, by the digest (`sha256:HEX`) of what they are about. */
export interface Store {
  /** None is an empty list; a store that cannot be reached is an error. */
  find(digest: string): Promise<Found[]>;
  /** Keeps them beside what is there; returns where each lies. */
  add(digest: string, bundles: readonly Written[]): Promise<string[]>;
}
