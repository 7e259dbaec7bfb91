import { z } from 'zod';
import { SallyportError } from '../model/error.ts';
import { ENVIRONMENT } from '../model/evidence.ts';
import { REPOSITORY } from '../model/version.ts';
import type { Found } from './store/store.ts';
import { judgeTrusted, type TrustExpectation, type Trusted } from './trusted.ts';
import type { Artifact } from './verify/artifact.ts';
import { failed } from './verify/failure.ts';

export const BREAK_GLASS_TYPE = `https://github.com/${REPOSITORY}/break-glass/v1`;
/** From the proven time of the signature, in milliseconds. */
const LONGEST = 4 * 60 * 60 * 1000;
/** Within which a clean summary is owed, in milliseconds. */
const OWED = 24 * 60 * 60 * 1000;

const predicate = z.strictObject({
  environment: z.string().regex(ENVIRONMENT),
  reason: z.string().min(10).max(2000),
  expires: z.iso.datetime(),
});

/** An exception for one digest at one environment, that two people signed (trust-model rule 10). */
export interface BreakGlass {
  environment: string;
  /** Each person with their reason. */
  people: { name: string; reason: string }[];
  expires: Date;
  /** By when a clean summary is owed. */
  owed: Date;
  signatures: readonly Trusted[];
}

/** What a person signs. Throws SP-BREAK-GLASS for more than four hours, or no reason. */
export function breakGlassPredicate(environment: string, reason: string, minutes: number, now: Date) {
  const parsed = predicate.safeParse({
    environment,
    reason,
    expires: new Date(now.getTime() + minutes * 60_000).toISOString(),
  });
  if (parsed.success && minutes > 0 && minutes * 60_000 <= LONGEST) return parsed.data;
  throw new SallyportError({
    code: 'SP-BREAK-GLASS',
    message: 'an exception needs an environment, a reason of a sentence, and an end within four hours',
    expected: parsed.error?.issues[0]?.message ?? 'at most 240 minutes',
    found: parsed.error === undefined ? `${minutes} minutes` : String(parsed.error.issues[0]?.path.join('.')),
  });
}

/**
 * Accepts an exception: two different people whom the policy trusts with it signed for this digest and environment, at
 * most four hours ago by proven time. Throws SP-VERIFY-BREAK-GLASS.
 */
export async function acceptBreakGlass(
  found: readonly Found[],
  artifact: Artifact,
  environment: string,
  expectation: TrustExpectation,
): Promise<BreakGlass> {
  const { accepted, refused } = await judgeTrusted(found, artifact, 'break-glass', expectation);
  // By the signer and not by the entry: two entries may stand for one person while a key is rotated.
  const people = new Map<string, { signature: Trusted; reason: string; expires: number }>();
  const misses = refused.map(
    ({ problem }) => `${problem.message}${problem.found === undefined ? '' : ` (${problem.found})`}`,
  );
  for (const signature of accepted) {
    const parsed = predicate.safeParse(signature.statement?.predicate);
    if (signature.statement?.predicateType !== BREAK_GLASS_TYPE || !parsed.success) {
      misses.push('a signature of something else');
      continue;
    }
    const subjects = signature.statement.subject.length;
    const expires = Math.min(Date.parse(parsed.data.expires), signature.signed.getTime() + LONGEST);
    if (parsed.data.environment !== environment) misses.push(`for ${parsed.data.environment}`);
    else if (subjects !== 1) misses.push(`for ${subjects} artefacts at once`);
    else if (expires < expectation.now.getTime())
      misses.push(`over since ${new Date(expires).toISOString()}`);
    else people.set(personOf(signature), { signature, reason: parsed.data.reason, expires });
  }
  if (people.size < 2) {
    throw failed('SP-VERIFY-BREAK-GLASS', 'an exception is signed by two people', {
      expected: `two of ${
        expectation.signers
          .filter((one) => one.signs.includes('break-glass'))
          .map((one) => one.name)
          .join(', ') || 'nobody: the policy trusts none with it'
      }, for ${environment}`,
      found: [...people.keys(), ...misses].join('; ').slice(0, 600) || 'none',
    });
  }
  const all = [...people.entries()];
  return {
    environment,
    people: all.map(([name, { reason }]) => ({ name, reason })),
    expires: new Date(Math.min(...all.map(([, one]) => one.expires))),
    owed: new Date(Math.min(...all.map(([, one]) => one.signature.signed.getTime())) + OWED),
    signatures: all.map(([, one]) => one.signature),
  };
}

function personOf({ verified: { signer } }: Trusted): string {
  return signer.kind === 'key'
    ? `key ${signer.fingerprint}`
    : `${signer.claims.identity} (${signer.claims.issuer})`;
}
