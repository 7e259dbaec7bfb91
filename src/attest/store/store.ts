import type { SallyportError } from '../../model/error.ts';
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
