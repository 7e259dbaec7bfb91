import { VSA_TYPE } from '../../model/evidence.ts';
import { isObject, type Json, objectsOf, stringsOf, textOf } from '../../model/json/values.ts';
import { failed } from './failure.ts';
import { requirePredicateType, type SignedStatement } from './statement.ts';

/** What a summary must say to be believed (trust-model rule 8); who signed it is asked before. */
export interface ExpectedSummary {
  /** One verifier a gate. */
  verifierId: string;
  resourceUri: string;
  /** `SALLYPORT_RELEASE`, `SALLYPORT_DEPLOY_<ENVIRONMENT>`. */
  level: string;
  /** sha256 of the packs that are accepted, hex; null where only its signer counts, as for what runs already. */
  policyDigests: readonly string[] | null;
  /** Milliseconds since the proven signing time; null: any age, as admission asks. */
  maxAge: number | null;
}

export interface AcceptedSummary {
  verifierId: string;
  resourceUri: string;
  levels: string[];
  policyDigest: string;
  /** The digests of the payloads that it rests on, hex sha256. */
  inputs: { uri: string; sha256: string }[];
  ageMilliseconds: number;
}

/**
 * Accepts a verification summary (SLSA 1.2) or throws SP-VERIFY-SUMMARY, SP-VERIFY-AGE with the first thing that does
 * not fit. Its subject is compared by the caller; its own `timeVerified` counts for nothing.
 */
export function acceptSummary(
  statement: SignedStatement,
  signed: Date,
  now: Date,
  expected: ExpectedSummary,
): AcceptedSummary {
  requirePredicateType(statement, [VSA_TYPE]);
  const summary: Json = isObject(statement.predicate) ? statement.predicate : {};
  const verifier = isObject(summary.verifier) ? textOf(summary.verifier.id) : undefined;
  const policy = isObject(summary.policy) && isObject(summary.policy.digest) ? summary.policy.digest : {};
  const levels = stringsOf(summary.verifiedLevels);
  requireSame('verifier.id', expected.verifierId, verifier);
  requireSame('verificationResult', 'PASSED', textOf(summary.verificationResult));
  requireSame('resourceUri', expected.resourceUri, textOf(summary.resourceUri));
  if (!levels.includes(expected.level) || levels.includes('FAILED')) {
    throw notThat('verifiedLevels', expected.level, levels.join(', ') || 'none');
  }
  const digest = textOf(policy.sha256);
  const { policyDigests } = expected;
  if (digest === undefined || (policyDigests !== null && !policyDigests.includes(digest))) {
    throw notThat('policy.digest.sha256', policyDigests?.join(' or ') || 'none', digest ?? 'nothing');
  }
  const age = now.getTime() - signed.getTime();
  if (expected.maxAge !== null && age > expected.maxAge) {
    throw failed('SP-VERIFY-AGE', 'the summary is too old', {
      expected: `signed after ${new Date(now.getTime() - expected.maxAge).toISOString()}`,
      found: signed.toISOString(),
      next: 'run the gate that writes it again',
    });
  }
  return {
    verifierId: expected.verifierId,
    resourceUri: expected.resourceUri,
    levels,
    policyDigest: digest,
    inputs: inputsOf(summary),
    ageMilliseconds: age,
  };
}

/** If there are any, each has a digest: a summary that cannot say what it rests on is not accepted. */
function inputsOf(summary: Json): AcceptedSummary['inputs'] {
  return objectsOf(summary.inputAttestations).map((input, index) => {
    const sha256 = isObject(input.digest) ? textOf(input.digest.sha256) : undefined;
    if (sha256 === undefined || !/^[0-9a-f]{64}$/u.test(sha256)) {
      throw notThat(`inputAttestations[${index}].digest.sha256`, 'a digest', sha256 ?? 'nothing');
    }
    return { uri: textOf(input.uri) ?? '', sha256 };
  });
}

function requireSame(field: string, expected: string, found: string | undefined): void {
  if (found !== expected) throw notThat(field, expected, found ?? 'nothing');
}

function notThat(field: string, expected: string, found: string): Error {
  return failed('SP-VERIFY-SUMMARY', `the verification summary is not for this: ${field}`, {
    expected,
    found,
  });
}
