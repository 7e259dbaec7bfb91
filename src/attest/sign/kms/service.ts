import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { SallyportError } from '../../../model/error.ts';
import type { Context } from '../../../platform/context.ts';
import { verifiesArtifact } from '../../verify/artifact.ts';
import type { KeyHolder } from '../key.ts';

/** A key that never leaves its service. */
export interface KeyService {
  /** The public half. From then on `sign` uses this very version of the key, whatever becomes the newest. */
  publicKey(): Promise<KeyObject>;
  /** An ECDSA signature of a SHA-256 digest, in DER. */
  sign(digest: Buffer): Promise<Buffer>;
}

/** A kind of key service: one file, and one line in `registry.ts`. */
export interface KeyProvider {
  /** What references to its keys begin with, as cosign writes them. */
  scheme: string;
  /** What references look like. */
  form: string;
  /** Opens what a reference names; null where it is not of the form. Nothing is asked yet. */
  open(reference: string, context: Context): KeyService | null;
}

/**
 * Signs with a key service. Every signature is verified against the public key before it is used: what comes over the
 * network is not believed. Throws SP-SIGN-KEY where the key is of another kind, SP-SIGN-KMS, and what the service throws.
 */
export async function holderOfService(service: KeyService, reference: string): Promise<KeyHolder> {
  const publicKey = await service.publicKey();
  requireP256(publicKey, reference);
  const sign = async (digest: Buffer) => {
    const signature = await service.sign(digest);
    const about = { name: reference, digests: { sha256: digest.toString('hex') }, data: null };
    if (await verifiesArtifact(about, 'sha256', publicKey, signature)) return signature;
    throw unusable(reference, 'a signature that does not verify against the key that it gave');
  };
  return {
    publicKey,
    sign: async (data) => await sign(createHash('sha256').update(data).digest()),
    signStream: async (pieces) => {
      const hash = createHash('sha256');
      for await (const piece of pieces) hash.update(piece);
      return await sign(hash.digest());
    },
  };
}

/** The public key that a service gave. Throws SP-SIGN-KMS. */
export function publicKeyIn(reference: string, given: Parameters<typeof createPublicKey>[0]): KeyObject {
  try {
    return createPublicKey(given);
  } catch {
    throw unusable(reference, 'a public key that cannot be read');
  }
}

function requireP256(key: KeyObject, reference: string): void {
  const curve = key.asymmetricKeyDetails?.namedCurve ?? '';
  if (key.asymmetricKeyType === 'ec' && curve === 'prime256v1') return;
  throw wrongKey(reference, `${key.asymmetricKeyType ?? 'unknown'} ${curve}`.trim());
}

/** The error for a key of another kind than can be signed with here. */
export function wrongKey(reference: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-SIGN-KEY',
    message: 'the key cannot be used to sign',
    place: { path: reference },
    expected: 'a key for signatures, ECDSA on P-256 with SHA-256',
    found: found.slice(0, 200),
  });
}

/** The error for a key service that did not do what it is for. */
export function unusable(reference: string, found: string, expected?: string): SallyportError {
  return new SallyportError({
    code: 'SP-SIGN-KMS',
    message: 'the key service did not answer as it should',
    place: { path: reference },
    expected: expected ?? 'a public key and signatures by it',
    found: found.slice(0, 300),
    next: 'nothing was signed; check the name of the key and what the job may do with it',
  });
}
