import { SallyportError } from '../../model/error.ts';
import { STATEMENT_TYPE, type Statement } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import type { Platform } from '../platforms.ts';
import type { SigningSubject } from '../subject.ts';

/** GitHub's limit for a predicate; no store takes more. */
export const MAX_PREDICATE = 16 * 1024 * 1024;

/**
 * The bytes of an in-toto Statement v1 about a subject, and with an index about each of its images. Throws
 * SP-ATTEST-SIZE.
 */
export function writeStatement(
  subject: SigningSubject,
  predicateType: string,
  predicate: unknown,
  platforms: readonly Platform[] = [],
): Buffer {
  const subjects = [subject.digest, ...platforms.map((platform) => platform.digest)].map((digest) => ({
    name: subject.name,
    digest: { sha256: digest.slice('sha256:'.length) },
  }));
  return writeStatementAbout(subjects, predicateType, predicate);
}

/** The same about any subjects, in their order. Throws SP-ATTEST-SIZE. */
export function writeStatementAbout(subject: Subject[], predicateType: string, predicate: unknown): Buffer {
  const statement: Statement = { _type: STATEMENT_TYPE, subject, predicateType, predicate };
  const bytes = Buffer.from(JSON.stringify(statement));
  if (bytes.length <= MAX_PREDICATE) return bytes;
  throw new SallyportError({
    code: 'SP-ATTEST-SIZE',
    message: 'the attestation is too large for the stores that are to keep it',
    expected: `at most ${MAX_PREDICATE} bytes`,
    found: `${bytes.length} bytes`,
  });
}
