import { resolve } from 'node:path';
import { judgeFound } from '../attest/find.ts';
import { readBundleFile } from '../attest/store/files.ts';
import type { Found } from '../attest/store/store.ts';
import { openSubject, type SigningSubject } from '../attest/subject.ts';
import { trustedInstances } from '../attest/trust/root.ts';
import type { SignedContent } from '../attest/verify/bundle.ts';
import { VerificationFailed } from '../attest/verify/failure.ts';
import {
  IN_TOTO_PAYLOAD,
  readStatement,
  requirePredicateType,
  requireSubject,
  type SignedStatement,
} from '../attest/verify/statement.ts';
import { acceptSummary } from '../attest/verify/summary.ts';
import { signedAt } from '../attest/verify/verify.ts';
import type { JudgedStatement } from '../deliver/evidence.ts';
import type { WantedEvidence } from '../deliver/plan/evidence.ts';
import type { LoadedPlan } from '../deliver/plan/read.ts';
import { VSA_TYPE } from '../model/evidence.ts';
import { isObject } from '../model/json/values.ts';
import { type Context, inAutomation } from '../platform/context.ts';
import { readKey } from './verifying.ts';

/** Days, without the network. */
const MAX_ROOT_AGE = 30;
const MAX_STATEMENT = 16 * 1024 * 1024;

/**
 * Judges each file that was handed in against each piece of evidence that the plan asks for: a Sigstore bundle by its
 * signature, its signer and what it says; a plain statement, which nobody signed, only where the plan takes one and
 * this is a laptop. Throws SP-FILE-* where a file, a key or a root cannot be read, SP-ROOT-*, SP-KEY-FORMAT.
 */
export async function judgeEvidence(
  loaded: LoadedPlan,
  subject: string,
  paths: readonly string[],
  offline: boolean,
  context: Context,
): Promise<JudgedStatement[]> {
  const wanted = loaded.plan.evidence;
  if (wanted.length === 0) return [];
  const about = await openSubject(subject.slice(subject.lastIndexOf('sha256:')), null, context);
  const judged: JudgedStatement[] = [];
  for (const path of paths) {
    const files = await readBundleFile(resolve(context.cwd, path), context.files);
    for (const found of files) {
      const misses: (string | null)[] = [];
      for (const one of wanted) misses.push(await missOf(found, one, about, offline, context));
      judged.push({ path, misses });
    }
  }
  return judged;
}

async function missOf(
  found: Found,
  wanted: WantedEvidence,
  about: SigningSubject,
  offline: boolean,
  context: Context,
): Promise<string | null> {
  const now = context.clock.now();
  const plain = found.bundle instanceof Error ? await plainStatement(found.where, context) : null;
  try {
    if (plain !== null) {
      if (!wanted.unsigned) return 'nobody signed it';
      if (inAutomation(context.env)) return 'nobody signed it, which is enough on a laptop only';
      const statement = readStatement(plain, found.where);
      requireSubject(statement, about.artifact);
      requireSaid(statement, wanted, now, now);
      return null;
    }
    if (wanted.signer === undefined) return 'it is signed, and the plan does not say by whom';
    const { accepted, refused } = await judgeFound(
      [found],
      about,
      await expectationOf(wanted.signer, offline, context),
    );
    const [one] = accepted;
    if (one === undefined) {
      const problem = refused[0]?.problem;
      return `${problem?.message ?? 'it was refused'}${problem?.found === undefined ? '' : ` (${problem.found})`}`;
    }
    if (one.statement === null) return 'it is a bare signature, not an attestation';
    const signed = signedAt(one.verified);
    if (signed === null && wanted.maxAge !== undefined) return 'the time of its signature is not proved';
    requireSaid(one.statement, wanted, signed ?? now, now);
    return null;
  } catch (error) {
    if (!(error instanceof VerificationFailed)) throw error;
    const { message, found: what } = error.problem;
    return `${message}${what === undefined ? '' : ` (${what})`}`;
  }
}

function requireSaid(statement: SignedStatement, wanted: WantedEvidence, signed: Date, now: Date): void {
  requirePredicateType(statement, [wanted.predicateType]);
  if (wanted.predicateType !== VSA_TYPE) return;
  acceptSummary(statement, signed, now, {
    // The plan of a summary has all of them; an empty one would never be equal.
    verifierId: wanted.verifier ?? '',
    resourceUri: wanted.resourceUri ?? '',
    level: wanted.level ?? '',
    policyDigests: wanted.policies ?? [],
    maxAge: wanted.maxAge ?? null,
  });
}

/** A file that is a statement by itself, in the form of a signed one; null for anything else. */
async function plainStatement(path: string, context: Context): Promise<SignedContent | null> {
  const payload = await context.files.read(path.replace(/:\d+$/u, ''), MAX_STATEMENT);
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    if (!isObject(value) || typeof value._type !== 'string') return null;
  } catch {
    return null;
  }
  return { kind: 'dsse', payloadType: IN_TOTO_PAYLOAD, payload, signature: Buffer.alloc(0) };
}

async function expectationOf(
  signer: NonNullable<WantedEvidence['signer']>,
  offline: boolean,
  context: Context,
) {
  const { issuer, identity, identityPattern: pattern, source, key, trustedRoot } = signer;
  const roots = { offline, maxAgeDays: MAX_ROOT_AGE };
  const alone = key !== undefined && trustedRoot.length === 0;
  return {
    instances: alone ? [] : await trustedInstances(trustedRoot, roots, context),
    key: key === undefined ? null : await readKey(key, context),
    identity: issuer === undefined ? null : { issuer, identity, pattern, source },
    now: context.clock.now(),
  };
}
