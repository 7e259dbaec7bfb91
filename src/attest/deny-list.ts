import { z } from 'zod';
import { SallyportError } from '../model/error.ts';
import { STATEMENT_TYPE, type Statement } from '../model/evidence.ts';
import type { TrustRules } from '../model/trust.ts';
import { REPOSITORY } from '../model/version.ts';
import { sha256 } from './encoding/x509.ts';
import type { Found } from './store/store.ts';
import { judgeTrusted, type TrustExpectation } from './trusted.ts';

export const DENY_LIST_TYPE = `https://github.com/${REPOSITORY}/deny-list/v1`;

/** What must not be deployed, and whose signatures no longer count (trust-model rule 9). */
export interface DenyList {
  /** Counts up with every list: an older one was replaced. */
  number: number;
  issued: Date;
  expires: Date;
  /** sha256 hex to the reason. */
  digests: ReadonlyMap<string, string>;
  /** A signer's whole name, the commit of its workflow, or a key's fingerprint, to the reason. */
  signers: ReadonlyMap<string, string>;
}

const LONGEST_DAYS = 90;
const MAX_ENTRIES = 100_000;
const reason = z.string().min(1).max(1000);
const predicate = z.strictObject({
  number: z.int().min(1).max(1_000_000_000),
  issued: z.iso.datetime(),
  expires: z.iso.datetime(),
  digests: z.array(z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/u), reason })).max(MAX_ENTRIES),
  signers: z.array(z.strictObject({ name: z.string().min(1).max(2000), reason })).max(MAX_ENTRIES),
});

/** The statement of the list that follows `before`: everything that it held, and what is new. Throws SP-DENY-EXPIRY. */
export function nextDenyList(
  before: DenyList | null,
  added: { digests: ReadonlyMap<string, string>; signers: ReadonlyMap<string, string> },
  expires: Date,
  now: Date,
): Statement<z.output<typeof predicate>> {
  const days = (expires.getTime() - now.getTime()) / 86_400_000;
  if (days <= 0 || days > LONGEST_DAYS) {
    throw new SallyportError({
      code: 'SP-DENY-EXPIRY',
      message: 'a deny-list has an end that is near, so that nobody can hold back a newer one for long',
      expected: `within ${LONGEST_DAYS} days`,
      found: expires.toISOString(),
    });
  }
  const sorted = (a: ReadonlyMap<string, string> | undefined, b: ReadonlyMap<string, string>) =>
    [...new Map([...(a ?? []), ...b])].sort(([x], [y]) => (x < y ? -1 : 1));
  const list = {
    number: (before?.number ?? 0) + 1,
    issued: now.toISOString(),
    expires: expires.toISOString(),
    digests: sorted(before?.digests, added.digests).map(([digest, why]) => ({ sha256: digest, reason: why })),
    signers: sorted(before?.signers, added.signers).map(([name, why]) => ({ name, reason: why })),
  };
  return {
    _type: STATEMENT_TYPE,
    subject: [{ name: 'deny-list', digest: { sha256: digestOf(list) } }],
    predicateType: DENY_LIST_TYPE,
    predicate: list,
  };
}

function digestOf(list: unknown): string {
  return sha256(Buffer.from(JSON.stringify(list))).toString('hex');
}

/**
 * The list in a bundle, if a signer that the policy trusts with it signed it, it has not expired, and it is not older
 * than the policy knows of. Throws SP-DENY-SIGNER, SP-DENY-FORMAT, SP-DENY-STALE, SP-DENY-OLD: without a list that can
 * be believed nothing is decided.
 */
export async function readDenyList(
  found: Found,
  rules: TrustRules,
  expectation: Omit<TrustExpectation, 'denied'>,
): Promise<DenyList> {
  const list = await believed(found, expectation);
  const stale = expectation.now.getTime() > list.expires.getTime();
  if (stale || list.number < rules.denyList.minimum) {
    throw new SallyportError({
      code: stale ? 'SP-DENY-STALE' : 'SP-DENY-OLD',
      message: stale ? 'the deny-list has expired' : 'the deny-list is older than the policy knows of',
      place: { path: found.where },
      expected: stale
        ? `a list that counts on ${expectation.now.toISOString()}`
        : `number ${rules.denyList.minimum} or later`,
      found: stale ? `number ${list.number}, until ${list.expires.toISOString()}` : `number ${list.number}`,
      next: 'fetch the newest list; sallyport trust deny renews it',
    });
  }
  return list;
}

/** The list whoever signed it is trusted with it, be it stale or old: what the next one goes on from. */
export async function believed(
  found: Found,
  expectation: Omit<TrustExpectation, 'denied'>,
): Promise<DenyList> {
  const { bundle, where } = found;
  const about = bundle instanceof SallyportError ? null : subjectIn(bundle.content);
  const artifact = { name: where, digests: { sha256: about ?? '0'.repeat(64) }, data: null };
  const { accepted, refused } = await judgeTrusted([found], artifact, 'deny-list', {
    ...expectation,
    denied: null,
  });
  const [one] = accepted;
  if (one === undefined) {
    throw new SallyportError({
      code: 'SP-DENY-SIGNER',
      message: `the deny-list cannot be believed: ${refused[0]?.problem.message ?? 'it is not signed'}`,
      place: { path: where },
      expected: refused[0]?.problem.expected ?? 'a signature by a signer that the policy trusts with it',
      found: refused[0]?.problem.found ?? 'none',
    });
  }
  const { statement, signed } = one;
  const parsed = predicate.safeParse(statement?.predicate);
  if (statement?.predicateType !== DENY_LIST_TYPE || !parsed.success || digestOf(parsed.data) !== about) {
    const issue = parsed.error?.issues[0];
    throw new SallyportError({
      code: 'SP-DENY-FORMAT',
      message: 'this is not a deny-list',
      place: { path: where },
      expected: issue === undefined ? DENY_LIST_TYPE : `${issue.path.join('.')}: ${issue.message}`,
      found: statement?.predicateType ?? 'a bare signature',
    });
  }
  const { number, issued, expires, digests, signers } = parsed.data;
  const limit = signed.getTime() + LONGEST_DAYS * 86_400_000;
  return {
    number,
    issued: new Date(issued),
    // Counted from the proven time, whatever the list says of itself.
    expires: new Date(Math.min(Date.parse(expires), limit)),
    digests: new Map(digests.map((entry) => [entry.sha256, entry.reason])),
    signers: new Map(signers.map((entry) => [entry.name, entry.reason])),
  };
}

/** The digest that the statement says it is about: its own predicate's. */
function subjectIn(content: { kind: string; payload?: Buffer }): string | null {
  if (content.payload === undefined) return null;
  try {
    const value = JSON.parse(content.payload.toString('utf8')) as {
      subject?: { digest?: { sha256?: unknown } }[];
    };
    const digest = value.subject?.[0]?.digest?.sha256;
    return typeof digest === 'string' && /^[0-9a-f]{64}$/u.test(digest) ? digest : null;
  } catch {
    return null;
  }
}
