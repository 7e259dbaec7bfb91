import type { KeyObject } from 'node:crypto';
import { type Problem, SallyportError } from '../model/error.ts';
import { COSIGN_SIGNATURE } from './statement/types.ts';
import type { Found } from './store/store.ts';
import type { SigningSubject } from './subject.ts';
import { artifactOf, withDigestsOf } from './verify/artifact.ts';
import { failed, VerificationFailed } from './verify/failure.ts';
import { type ExpectedIdentity, verifyIdentity } from './verify/identity.ts';
import { type CrossCheck, crossCheckProvenance } from './verify/provenance.ts';
import { readStatement, requireSubject, type SignedStatement } from './verify/statement.ts';
import type { TrustedInstance } from './verify/trusted-root.ts';
import { type VerifiedBundle, verifyBundle } from './verify/verify.ts';

export interface Expectation {
  instances: readonly TrustedInstance[];
  key: KeyObject | null;
  /** Null with a key. */
  identity: ExpectedIdentity | null;
  now: Date;
}

/** A signature about a subject that holds in every respect. */
export interface Accepted {
  where: string;
  verified: VerifiedBundle;
  /** Null for a bare signature. */
  statement: SignedStatement | null;
  crossChecks: CrossCheck[];
}

export interface Outcome {
  accepted: Accepted[];
  refused: { where: string; problem: Problem }[];
}

/** Judges everything that was found about a subject; one that is refused does not hide the others. */
export async function judgeFound(
  found: readonly Found[],
  subject: SigningSubject,
  expectation: Expectation,
): Promise<Outcome> {
  const outcome: Outcome = { accepted: [], refused: [] };
  for (const one of found) {
    try {
      outcome.accepted.push(await judge(one, subject, expectation));
    } catch (thrown) {
      if (!(thrown instanceof SallyportError)) throw thrown;
      outcome.refused.push({ where: one.where, problem: thrown.problem });
    }
  }
  return outcome;
}

async function judge(found: Found, subject: SigningSubject, expectation: Expectation): Promise<Accepted> {
  const { bundle, document, where } = found;
  if (bundle instanceof SallyportError) throw bundle;
  const { instances, key, identity, now } = expectation;
  const artifact = document === null ? subject.artifact : artifactOf(where, document);
  const verified = await verifyBundle({ bundle, instances, key, artifact, now });
  if (identity !== null) await verifyIdentity(verified.signer, identity);
  if (document !== null) {
    const { imageIn } = await import('./store/legacy.ts');
    const image = imageIn(document);
    if (image !== subject.digest) {
      throw failed('SP-VERIFY-SUBJECT', `the signature is of another image than ${subject.text}`, {
        expected: subject.digest,
        found: image ?? 'a document that names none',
      });
    }
  }
  if (verified.content.kind === 'message') return { where, verified, statement: null, crossChecks: [] };
  const statement = readStatement(verified.content, where);
  requireSubject(statement, await withDigestsOf(subject.artifact, statement.subject));
  return { where, verified, statement, crossChecks: crossCheckProvenance(statement, verified.signer) };
}

/** Throws SP-VERIFY-MISSING, or the refusal of the nearest candidate, where nothing accepted is of one of `types`. */
export function requireKind(
  outcome: Outcome,
  subject: SigningSubject,
  types: readonly string[] | null,
): Accepted[] {
  const fitting = outcome.accepted.filter(
    ({ statement }) => types === null || types.includes(statement?.predicateType ?? COSIGN_SIGNATURE),
  );
  if (fitting.length > 0) return fitting;
  // What was read and refused tells more than what is not even a signature.
  const refused =
    outcome.refused.find(({ problem }) => problem.code.split('-')[1] === 'VERIFY') ?? outcome.refused[0];
  if (refused !== undefined) {
    throw new VerificationFailed({ ...refused.problem, place: { path: refused.where } });
  }
  const what = types === null ? 'signature' : `signed statement of type ${types[0]}`;
  throw failed('SP-VERIFY-MISSING', `there is no ${what} about ${subject.text}`, {
    expected: `one beside ${subject.digest}`,
    found: outcome.accepted.length === 0 ? 'none' : `${outcome.accepted.length} of other types`,
  });
}
