import type { KeyObject } from 'node:crypto';
import type { Context } from '../../platform/context.ts';
import { sha256 } from '../encoding/x509.ts';
import type { Written } from '../store/store.ts';
import type { SigningSubject } from '../subject.ts';
import { bundleOf } from '../verify/bundle.ts';
import type { TrustedInstance } from '../verify/trusted-root.ts';
import { verifyBundle } from '../verify/verify.ts';
import { bundleToJson } from './bundle-json.ts';
import type { Signable, SigningSession } from './session.ts';
import type { IdentityToken } from './token.ts';

/** A session, and what everything that it signs is verified against before it is kept. */
export interface OpenedSession {
  session: SigningSession;
  instances: readonly TrustedInstance[];
  /** The key, where there is no identity. */
  key: KeyObject | null;
  token: IdentityToken | null;
}

export interface Item {
  signable: Signable;
  predicateType: string | null;
  label?: string | undefined;
}

/** Signs one thing about a subject and verifies the bundle at once: what cannot be verified is not kept. */
export async function signVerified(
  { signable, predicateType, label }: Item,
  subject: Pick<SigningSubject, 'text' | 'artifact'>,
  { session, instances, key }: OpenedSession,
  context: Context,
): Promise<Written> {
  const value = bundleToJson(await session.sign(signable));
  await verifyBundle({
    bundle: bundleOf(value, subject.text),
    instances,
    key,
    artifact: subject.artifact,
    now: context.clock.now(),
  });
  return { json: JSON.stringify(value), predicateType, label, createdAt: context.clock.now() };
}

/** What summaries name an attestation by: the digest of the bytes that were signed. */
export function payloadDigest({ signable }: Item): string {
  if (signable.kind !== 'statement') throw new Error('a bare signature has no payload');
  return sha256(signable.payload).toString('hex');
}
