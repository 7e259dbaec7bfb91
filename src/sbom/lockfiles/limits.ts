import { SallyportError } from '../../model/error.ts';
import type { Place } from '../../model/location.ts';

/** Bounds for one lockfile. Real ones of large monorepos reach about 30 MiB and 60,000 entries. */
export const LOCK_LIMITS = {
  bytes: 64 * 1024 * 1024,
  depth: 200,
  string: 1024 * 1024,
  entries: 200_000,
  edges: 2_000_000,
} as const;

/** The error for a file that is not what its name says. */
export function malformed(
  place: Place,
  message: string,
  expected: string,
  found?: string,
  cause?: unknown,
): SallyportError {
  return new SallyportError(
    {
      code: 'SP-LOCK-SYNTAX',
      message,
      expected,
      ...(found === undefined ? {} : { found: shown(found) }),
      place,
      next: 'make the lockfile again with its own tool, and commit it',
    },
    cause === undefined ? undefined : { cause },
  );
}

/** The error for a version of a format that nothing here reads. */
export function unsupported(place: Place, found: string, expected: string): SallyportError {
  return new SallyportError({
    code: 'SP-LOCK-VERSION',
    message: 'this version of the lockfile format is not known',
    expected,
    found: shown(found),
    place,
    next: 'make the lockfile with a version of its tool that is supported, or hand in an SBOM',
  });
}

export function tooMany(place: Place, what: string, limit: number): SallyportError {
  return new SallyportError({
    code: 'SP-LOCK-LIMIT',
    message: `too many ${what}`,
    expected: `at most ${limit}`,
    place,
    next: 'leave the file out in the policy if it is not a lockfile of a service',
  });
}

/** Foreign text for a message: quoted, control characters escaped, cut. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
}
