import { SallyportError } from '../../model/error.ts';

/** What a store holds: the newest text with its version, or nothing yet. */
export interface Stored {
  version: string;
  text: string | null;
}

/** One text that is changed by compare-and-swap. A store is one file and one line in the registry. */
export interface StateStore {
  readonly name: string;
  read(): Promise<Stored>;
  /** Replaces the text where `version` is still the newest; gives the new version. Throws SP-STATE-CONFLICT. */
  write(text: string, version: string): Promise<string>;
  /** Why the credential will not last until a rollback, or null. */
  ending?(): string | null;
}

/** The largest state that every store can hold (annotations of a Kubernetes object: 256 KiB together). */
export const MAX_STATE_BYTES = 200 * 1024;

export function conflict(name: string): SallyportError {
  return new SallyportError({
    code: 'SP-STATE-CONFLICT',
    message: `${name}: the state was changed meanwhile`,
  });
}

export function refuseLarge(name: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_STATE_BYTES) return;
  throw new SallyportError({
    code: 'SP-STATE-SIZE',
    message: `${name}: the state is too large`,
    expected: `at most ${MAX_STATE_BYTES} bytes`,
    found: `${bytes} bytes`,
    next: 'fewer metrics or buckets in the plan',
  });
}
