import { type Problem, SallyportError } from '../model/error.ts';
import type { TrustEntry, TrustRole } from '../model/trust.ts';
import type { DenyList } from './deny-list.ts';
import { sha256 } from './encoding/x509.ts';
import type { Accepted } from './find.ts';
import type { Found } from './store/store.ts';
import { type Artifact, artifactOf, withDigestsOf } from './verify/artifact.ts';
import { failed, VerificationFailed } from './verify/failure.ts';
import { keyOf, verifyTrust } from './verify/identity.ts';
import { crossCheckProvenance } from './verify/provenance.ts';
import { readStatement, requireSubject } from './verify/statement.ts';
import type { TrustedInstance } from './verify/trusted-root.ts';
import { signedAt, type VerifiedBundle, verifyBundle } from './verify/verify.ts';

/** Against what a policy's signers are verified. */
export interface TrustExpectation {
  instances: readonly TrustedInstance[];
  signers: readonly TrustEntry[];
  /** Null: none is asked for. */
  denied: DenyList | null;
  now: Date;
}

/** A signature that holds, by a signer that the policy trusts with it. */
export interface Trusted extends Accepted {
  entry: TrustEntry;
  /** By log or timestamp: the earliest. */
  signed: Date;
  /** sha256 of the payload that was signed, hex; null for a bare signature. */
  payload: string | null;
}

/** What was found, sorted into what the policy trusts and what it does not, each with its reason. */
export interface TrustOutcome {
  accepted: Trusted[];
  refused: { where: string; problem: Problem }[];
}

/** Judges everything that was found about `artifact` by the policy's signers for one of the roles. */
export async function judgeTrusted(
  found: readonly Found[],
  artifact: Artifact,
  role: TrustRole | readonly TrustRole[],
  expectation: TrustExpectation,
): Promise<TrustOutcome> {
  const outcome: TrustOutcome = { accepted: [], refused: [] };
  const roles = typeof role === 'string' ? [role] : role;
  for (const one of found) {
    try {
      outcome.accepted.push(await judge(one, artifact, roles, expectation));
    } catch (thrown) {
      if (!(thrown instanceof SallyportError)) throw thrown;
      outcome.refused.push({ where: one.where, problem: thrown.problem });
    }
  }
  return outcome;
}

/** Throws what refuses it. */
async function judge(
  { bundle, document, where }: Found,
  artifact: Artifact,
  roles: readonly TrustRole[],
  expectation: TrustExpectation,
): Promise<Trusted> {
  if (bundle instanceof SallyportError) throw bundle;
  const signers = expectation.signers.filter((entry) => entry.signs.some((role) => roles.includes(role)));
  const about = document === null ? artifact : artifactOf(where, document);
  const { verified, entry, signed } = await bySigner({ bundle, about }, signers, expectation);
  requireNotDenied(verified, expectation.denied);
  if (document !== null) {
    const { imageIn } = await import('./store/legacy.ts');
    const image = imageIn(document);
    if (image !== `sha256:${artifact.digests.sha256}`) {
      throw failed('SP-VERIFY-SUBJECT', `the signature is of another image than ${artifact.name}`, {
        expected: `sha256:${artifact.digests.sha256}`,
        found: image ?? 'a document that names none',
      });
    }
  }
  const { content } = verified;
  if (content.kind === 'message') {
    return { where, verified, statement: null, crossChecks: [], entry, signed, payload: null };
  }
  const statement = readStatement(content, where);
  requireSubject(statement, await withDigestsOf(artifact, statement.subject));
  return {
    where,
    verified,
    statement,
    crossChecks: crossCheckProvenance(statement, verified.signer),
    entry,
    signed,
    payload: sha256(content.payload).toString('hex'),
  };
}

/** The first signer by which the bundle holds. Without a trusted root nothing proves a time, so nothing holds. */
async function bySigner(
  { bundle, about }: { bundle: Exclude<Found['bundle'], SallyportError>; about: Artifact },
  signers: readonly TrustEntry[],
  { instances, now }: TrustExpectation,
): Promise<{ verified: VerifiedBundle; entry: TrustEntry; signed: Date }> {
  const keys = bundle.signer.kind === 'key' ? signers.filter((entry) => entry.kind === 'key') : [null];
  let refusal: VerificationFailed | null = null;
  for (const key of keys) {
    try {
      const request = { bundle, instances, artifact: about, now };
      const verified = await verifyBundle({ ...request, key: key === null ? null : keyOf(key) });
      const signed = signedAt(verified);
      if (signed === null) {
        throw failed('SP-VERIFY-TIME', 'nothing proves when the signature was made', {
          expected: 'a log or a timestamp authority of the trusted root',
          found: 'neither',
        });
      }
      return { verified, signed, entry: verifyTrust(verified.signer, signed, signers) };
    } catch (thrown) {
      if (!(thrown instanceof VerificationFailed)) throw thrown;
      refusal ??= thrown;
    }
  }
  if (refusal !== null) throw refusal;
  throw failed('SP-VERIFY-TRUST', 'no trust entry accepts the signer', {
    expected: signers.map((entry) => entry.name).join(', ') || 'an entry under trust; there is none',
    found: 'a signature by a key',
  });
}

/** Throws SP-VERIFY-DENIED where the signer, its workflow's commit or its key is on the list. */
function requireNotDenied({ signer }: VerifiedBundle, denied: DenyList | null): void {
  if (denied === null) return;
  const names =
    signer.kind === 'key'
      ? [signer.fingerprint]
      : [signer.claims.identity, signer.claims.buildSignerDigest, signer.claims.sourceRepositoryDigest];
  for (const name of names) {
    const reason = name === null ? undefined : denied.signers.get(name);
    if (reason !== undefined)
      throw failed('SP-VERIFY-DENIED', `the signer is on the deny-list: ${reason}`, {
        expected: `a signer that list ${denied.number} does not name`,
        found: name ?? '',
      });
  }
}
