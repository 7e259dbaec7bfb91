import type { Accepted, Expectation } from '../attest/find.ts';
import type { SigningSubject } from '../attest/subject.ts';
import type { Trusted } from '../attest/trusted.ts';
import { signedAt } from '../attest/verify/verify.ts';
import { visible } from '../platform/log.ts';

/** What is told of beside the signatures themselves. */
export type Told = Pick<Expectation, 'identity' | 'now'>;

interface Result {
  subject: SigningSubject;
  accepted: readonly Accepted[];
}

/** One line a signature; with `whole`, a tree of what was checked against what. */
export function* explain(result: Result, expectation: Told, whole: boolean): Iterable<string> {
  const { subject, accepted } = result;
  yield `${visible(subject.text)}: verified, ${subject.digest}`;
  for (const [index, one] of accepted.entries()) {
    const last = index === accepted.length - 1;
    yield `${last ? '└─' : '├─'} ${visible(one.statement?.predicateType ?? 'signature')} by ${visible(signerName(one))}, ${visible(one.where)}`;
    if (!whole) continue;
    const lines = [...checksOf(one, subject, expectation)];
    for (const [at, line] of lines.entries())
      yield `${last ? '  ' : '│ '} ${at === lines.length - 1 ? '└─' : '├─'} ${visible(line)}`;
  }
}

function signerName({ verified }: Accepted): string {
  return verified.signer.kind === 'certificate'
    ? verified.signer.claims.identity
    : `key ${verified.signer.fingerprint.slice(0, 16)}…`;
}

function* checksOf(one: Accepted, subject: SigningSubject, expectation: Told): Iterable<string> {
  const { verified, statement, crossChecks } = one;
  const { signer } = verified;
  if (verified.root !== null) yield `trusted root: sha256:${verified.root}`;
  if (signer.kind === 'certificate') {
    const { notBefore, notAfter } = signer.certificate;
    yield `certificate: issued by ${signer.authority}, ${notBefore.toISOString()} to ${notAfter.toISOString()}`;
    if (verified.scts > 0) yield `certificate log: ${verified.scts} signed timestamp`;
  }
  for (const { log, index, proof } of verified.entries)
    yield `log: entry ${index} of ${log}, ${proof === 'inclusion' ? 'inclusion proven up to a signed checkpoint' : 'promised by a signed entry timestamp'}`;
  const signed = signedAt(verified);
  for (const { at, by, how } of verified.times)
    yield `time: ${at.toISOString()} by ${by} (${how === 'log' ? 'signed entry timestamp' : 'RFC 3161'})`;
  if (signed !== null) yield `age: ${ageOf(expectation.now.getTime() - signed.getTime())}`;
  if (signer.kind === 'certificate' && expectation.identity !== null) {
    const { issuer, identity, pattern, source } = expectation.identity;
    yield `issuer: ${signer.claims.issuer} = ${issuer}`;
    yield `identity: ${signer.claims.identity} ${identity === undefined ? `matches ${pattern}` : `= ${identity}`}`;
    if (source !== undefined) yield `source: ${signer.claims.sourceRepositoryUri} = ${source}`;
  }
  if ('entry' in one) {
    const { entry } = one as Trusted;
    yield `signer: ${signerName(one)} = trust entry ${entry.name}`;
  }
  yield `subject: ${subject.digest}${statement === null ? '' : ' among the subjects of the statement'}`;
  for (const { field, claim, value } of crossChecks)
    yield `provenance: ${field} = certificate’s ${claim}: ${value}`;
}

function ageOf(milliseconds: number): string {
  const minutes = Math.max(0, Math.floor(milliseconds / 60_000));
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} hours` : `${Math.floor(minutes / 1440)} days`;
}

/** The same for programs. */
export function summarize({ subject, accepted }: Result): unknown {
  return {
    subject: subject.text,
    digest: subject.digest,
    verified: accepted.map(({ where, verified, statement, crossChecks }) => ({
      where,
      predicateType: statement?.predicateType ?? null,
      signer:
        verified.signer.kind === 'certificate'
          ? { ...verified.signer.claims, authority: verified.signer.authority }
          : { key: verified.signer.fingerprint },
      times: verified.times.map(({ at, by, how }) => ({ at: at.toISOString(), by, how })),
      log: verified.entries,
      certificateTimestamps: verified.scts,
      trustedRoot: verified.root,
      crossChecks,
    })),
  };
}
