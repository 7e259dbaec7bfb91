import { createPublicKey, type KeyObject } from 'node:crypto';
import { SallyportError } from '../../model/error.ts';
import { FORBIDDEN_TRIGGERS, type KeyEntry, type TrustEntry, type WorkflowEntry } from '../../model/trust.ts';
import { sha256 } from '../encoding/x509.ts';
import type { Claims } from './claims.ts';
import { failed } from './failure.ts';
import type { Signer } from './verify.ts';

/** Whom a signature must be by: what users type. Everything that is given must hold. */
export interface ExpectedIdentity {
  issuer: string;
  /** The whole subject alternative name. */
  identity?: string | undefined;
  /** An RE2 expression that the whole name must match. */
  pattern?: string | undefined;
  /** `OWNER/NAME` or its address: the repository that was built. */
  source?: string | undefined;
}

const MAX_PATTERN = 1000;

/** Throws SP-VERIFY-ISSUER, SP-VERIFY-IDENTITY or SP-VERIFY-SOURCE. */
export async function verifyIdentity(signer: Signer, expected: ExpectedIdentity): Promise<Claims> {
  const claims = requireCertificate(signer);
  requireEqual(
    'SP-VERIFY-ISSUER',
    'the signer was vouched for by another identity provider',
    expected.issuer,
    claims.issuer,
  );
  if (expected.identity !== undefined && claims.identity !== expected.identity)
    throw notThat(expected.identity, claims);
  if (expected.pattern !== undefined && !(await matchesWhole(expected.pattern, claims.identity)))
    throw notThat(`a name that matches ${expected.pattern}`, claims);
  if (expected.source !== undefined) {
    const wanted = /^https:\/\//u.test(expected.source)
      ? expected.source
      : `https://github.com/${expected.source}`;
    requireEqual(
      'SP-VERIFY-SOURCE',
      'it was built from another repository',
      wanted,
      claims.sourceRepositoryUri,
    );
  }
  return claims;
}

/** Anchored at both ends, in time linear to the text. Throws SP-TRUST-PATTERN for one that is not RE2. */
async function matchesWhole(pattern: string, text: string): Promise<boolean> {
  const { RE2JS } = await import('re2js');
  try {
    if (pattern.length > MAX_PATTERN) throw new Error(`longer than ${MAX_PATTERN} characters`);
    return RE2JS.compile(pattern).matcher(text).matches();
  } catch (cause) {
    throw new SallyportError(
      {
        code: 'SP-TRUST-PATTERN',
        message: 'the pattern of the identity cannot be used',
        expected: 'a regular expression in RE2 syntax; it has to match the whole name',
        found: (cause as Error).message,
      },
      { cause },
    );
  }
}

/** A workflow's identity taken apart: `https://HOST/OWNER/NAME/PATH@REF`. */
function workflowOf(identity: string): { workflow: string; ref: string } | null {
  const at = identity.lastIndexOf('@');
  return at === -1 ? null : { workflow: identity.slice(0, at), ref: identity.slice(at + 1) };
}

/**
 * The first entry that the signer satisfies. Throws SP-VERIFY-TRUST with what each of the nearest entries missed, and
 * SP-TRUST-REF for an entry that could mean more than it says.
 */
export function verifyTrust(signer: Signer, at: Date, entries: readonly TrustEntry[]): TrustEntry {
  const misses: string[] = [];
  for (const entry of entries) {
    const miss = missOf(signer, at, entry);
    if (miss === null) return entry;
    misses.push(`${entry.name}: ${miss}`);
  }
  throw failed('SP-VERIFY-TRUST', 'no trust entry accepts the signer', {
    expected: misses.length === 0 ? 'an entry under trust; there is none' : misses.slice(0, 5).join('; '),
    found: signer.kind === 'key' ? `the key ${signer.fingerprint}` : describeSigner(signer.claims),
    next: 'the signer of a reusable workflow is that workflow, not the one that calls it',
  });
}

function missOf(signer: Signer, at: Date, entry: TrustEntry): string | null {
  if (entry.notBefore !== null && at < entry.notBefore) return `not before ${entry.notBefore.toISOString()}`;
  if (entry.notAfter !== null && at > entry.notAfter) return `not after ${entry.notAfter.toISOString()}`;
  if (entry.kind === 'key') {
    if (signer.kind !== 'key') return 'it is a key, and a certificate signed';
    return keyFingerprint(entry) === signer.fingerprint ? null : 'another key signed';
  }
  if (entry.kind === 'workflow') requireExactRefs(entry);
  if (signer.kind === 'key') return 'a bare key signed, which has no identity';
  const { claims } = signer;
  if (claims.issuer !== entry.issuer) return `issuer is not ${entry.issuer}`;
  if (entry.kind === 'workflow') return workflowMiss(claims, entry);
  if (claims.identity !== entry.identity) return `signer is not ${entry.identity}`;
  return claims.buildSignerUri === null ? null : 'a workflow signed, and a person is meant';
}

/** sha256 of the key's SubjectPublicKeyInfo. Throws SP-TRUST-KEY. */
function keyFingerprint(entry: KeyEntry): string {
  return sha256(keyOf(entry).export({ type: 'spki', format: 'der' })).toString('hex');
}

/** The key of an entry. Throws SP-TRUST-KEY. */
export function keyOf(entry: KeyEntry): KeyObject {
  try {
    if (!entry.publicKey.includes('PUBLIC KEY')) throw new Error('no public key in PEM');
    return createPublicKey(entry.publicKey);
  } catch (cause) {
    throw new SallyportError(
      {
        code: 'SP-TRUST-KEY',
        message: `the key of trust entry ${entry.name} cannot be read`,
        expected: 'a public key in PEM',
        found: (cause as Error).message.slice(0, 200),
      },
      { cause },
    );
  }
}

function workflowMiss(claims: Claims, entry: WorkflowEntry): string | null {
  const signer = workflowOf(claims.identity);
  const wanted = `${entry.workflow.repository}/${entry.workflow.path}`;
  if (signer?.workflow !== wanted) return `signer is not ${wanted}`;
  if (claims.buildSignerUri !== claims.identity) return 'the certificate names two signers';
  // A commit is found under its parent's name from every fork: only those that were released count.
  const pinned = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u.test(signer.ref);
  const accepted = pinned
    ? claims.buildSignerDigest === signer.ref && entry.workflow.digests.includes(signer.ref)
    : entry.workflow.refs.includes(signer.ref);
  if (!accepted)
    return `signer is at ${signer.ref}, which is not among its ${pinned ? 'released commits' : 'refs'}`;
  if (claims.sourceRepositoryId !== entry.source.repositoryId)
    return `repository id is not ${entry.source.repositoryId}`;
  if (claims.sourceOwnerId !== entry.source.ownerId) return `owner id is not ${entry.source.ownerId}`;
  const trigger = claims.buildTrigger ?? '';
  if (trigger === '' || FORBIDDEN_TRIGGERS.includes(trigger))
    return `trigger ${trigger || '(none)'} is never accepted`;
  if (entry.triggers.length > 0 && !entry.triggers.includes(trigger))
    return `trigger is not ${entry.triggers.join(' or ')}`;
  if (entry.runner !== 'any' && claims.runnerEnvironment !== entry.runner)
    return `runner is not ${entry.runner}`;
  return null;
}

/** Throws SP-TRUST-REF: a ref with a wildcard would trust branches that anyone with write access can make. */
function requireExactRefs(entry: WorkflowEntry): void {
  const { refs, digests, path, repository } = entry.workflow;
  const wild = [...refs, path, repository].find((text) => /[*?[\]{}()|^$\\]/u.test(text));
  const odd = refs.find((ref) => !/^refs\/(?:heads|tags)\/./u.test(ref));
  const short = digests.find((digest) => !/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/u.test(digest));
  const bad = wild ?? odd ?? short;
  if (bad === undefined && refs.length + digests.length > 0) return;
  throw new SallyportError({
    code: 'SP-TRUST-REF',
    message: `trust entry ${entry.name} does not say exactly which workflow it trusts`,
    expected: 'whole refs (refs/heads/main) or whole commits, no wildcards',
    found: bad ?? 'neither refs nor digests',
  });
}

function requireCertificate(signer: Signer): Claims {
  if (signer.kind === 'certificate') return signer.claims;
  throw failed('SP-VERIFY-IDENTITY', 'it is signed with a bare key, which has no identity', {
    expected: 'a signing certificate',
    found: `the key ${signer.fingerprint.slice(0, 16)}…`,
  });
}

function requireEqual(code: string, message: string, expected: string, found: string | null): void {
  if (found !== expected) throw failed(code, message, { expected, found: found ?? 'nothing' });
}

function notThat(expected: string, claims: Claims): Error {
  const caller = claims.buildConfigUri;
  const reusable = caller !== null && caller !== claims.identity;
  return failed('SP-VERIFY-IDENTITY', 'it is signed by somebody else', {
    expected,
    found: claims.identity,
    ...(reusable
      ? { next: `the signer is the reusable workflow; ${caller} called it and is not the signer` }
      : {}),
  });
}

function describeSigner(claims: Claims): string {
  const parts = [
    claims.identity,
    `issuer ${claims.issuer}`,
    ...(claims.sourceRepositoryUri === null
      ? []
      : [
          `source ${claims.sourceRepositoryUri} (id ${claims.sourceRepositoryId}, owner ${claims.sourceOwnerId})`,
        ]),
    ...(claims.buildTrigger === null ? [] : [`trigger ${claims.buildTrigger}`]),
    ...(claims.runnerEnvironment === null ? [] : [`runner ${claims.runnerEnvironment}`]),
  ];
  return parts.join(', ');
}
