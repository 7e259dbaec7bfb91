import type { Problem } from '../model/error.ts';
import { VSA_TYPE } from '../model/evidence.ts';
import { isObject, stringsOf, textOf } from '../model/json/values.ts';
import type { Platform } from './platforms.ts';
import { COSIGN_SIGNATURE } from './statement/types.ts';
import type { SigningSubject } from './subject.ts';
import type { Trusted, TrustOutcome } from './trusted.ts';
import { failed, VerificationFailed } from './verify/failure.ts';
import { type AcceptedSummary, acceptSummary, type ExpectedSummary } from './verify/summary.ts';

/** A gate's summary about a subject that everything asked of it holds for. */
export interface GateSummary {
  trusted: Trusted;
  summary: AcceptedSummary;
}

/**
 * The newest summary of the gate that is asked for, if it is accepted (trust-model rule 8). The newest counts, by proven
 * time: a gate that says no later takes back what it said before. Throws VerificationFailed with why it, or else the
 * nearest candidate, does not do.
 */
export function requireSummary(
  outcome: TrustOutcome,
  subject: SigningSubject,
  now: Date,
  expected: ExpectedSummary,
): GateSummary {
  const summaries = outcome.accepted
    .filter(({ statement }) => statement?.predicateType === VSA_TYPE)
    .sort((a, b) => b.signed.getTime() - a.signed.getTime());
  const own = summaries.filter((one) => isOf(one, expected));
  const [newest] = own.length > 0 ? own : summaries;
  if (newest?.statement != null)
    return { trusted: newest, summary: acceptSummary(newest.statement, newest.signed, now, expected) };
  const refused = nearest(outcome.refused.map(({ where, problem }) => ({ where, problem })));
  if (refused !== null) throw new VerificationFailed({ ...refused.problem, place: { path: refused.where } });
  throw failed('SP-VERIFY-MISSING', `there is no summary of a gate about ${subject.text}`, {
    expected: `${expected.level} by ${expected.verifierId}`,
    found:
      outcome.accepted.length === 0
        ? 'nothing signed'
        : `${outcome.accepted.length} signed things of other kinds`,
    next: 'run the gate that writes it: sallyport gate --gate release --sign',
  });
}

/** Whether a summary is this gate's about this environment, whatever it says: a later FAILED takes back a PASSED. */
function isOf({ statement }: Trusted, expected: ExpectedSummary): boolean {
  const predicate = isObject(statement?.predicate) ? statement.predicate : {};
  const verifier = isObject(predicate.verifier) ? textOf(predicate.verifier.id) : undefined;
  const levels = stringsOf(predicate.verifiedLevels);
  return (
    verifier === expected.verifierId &&
    textOf(predicate.resourceUri) === expected.resourceUri &&
    (levels.includes(expected.level) || levels.includes('FAILED'))
  );
}

/** That a signer is denied tells most, then that it is not trusted: more than what is said of a broken file. */
function nearest(refused: readonly { where: string; problem: Problem }[]) {
  const of = (code: string) => refused.find(({ problem }) => problem.code === code);
  return of('SP-VERIFY-DENIED') ?? of('SP-VERIFY-TRUST') ?? refused[0] ?? null;
}

/** Throws SP-VERIFY-MISSING where nothing but summaries is there: an image has a signature of its own, always. */
export function requireSignature(outcome: TrustOutcome, subject: SigningSubject): Trusted {
  const found = outcome.accepted.find(
    ({ statement }) => statement === null || statement.predicateType === COSIGN_SIGNATURE,
  );
  if (found !== undefined) return found;
  throw failed('SP-VERIFY-MISSING', `the image ${subject.text} has no signature`, {
    expected: `a signature (${COSIGN_SIGNATURE}) by a signer that the policy trusts`,
    found: `${outcome.accepted.length} attestations`,
  });
}

/** Every image of an index is named by the summary: what nobody looked at must not run on one platform alone. */
export function requirePlatforms({ trusted }: GateSummary, platforms: readonly Platform[]): void {
  const named = new Set(trusted.statement?.subject.map(({ digest }) => `sha256:${digest.sha256}`));
  const missing = platforms.find(({ digest }) => !named.has(digest));
  if (missing === undefined) return;
  throw failed(
    'SP-VERIFY-PLATFORM',
    `the summary does not speak of every image of the index: ${missing.name}`,
    {
      expected: `${missing.digest} among its subjects`,
      found: [...named].join(', ').slice(0, 400),
      next: 'release the whole index: sallyport gate --gate release --subject NAME@DIGEST-OF-THE-INDEX',
    },
  );
}

/** Throws SP-VERIFY-DENIED where the subject or one of its images is on the list. */
export function requireDigestsAllowed(
  denied: { number: number; digests: ReadonlyMap<string, string> } | null,
  subject: SigningSubject,
  platforms: readonly Platform[],
): void {
  for (const digest of [subject.digest, ...platforms.map((platform) => platform.digest)]) {
    const reason = denied?.digests.get(digest.slice('sha256:'.length));
    if (reason === undefined) continue;
    throw failed('SP-VERIFY-DENIED', `${subject.text} is on the deny-list: ${reason}`, {
      expected: `a digest that list ${denied?.number} does not name`,
      found: digest,
    });
  }
}
