import { createHash, type KeyObject, publicDecrypt, verify } from 'node:crypto';
import type { DigestAlgorithm } from './bundle.ts';
import { failed } from './failure.ts';

/** What a signature is held against: the bytes, or only their digests where the bytes are elsewhere or too many. */
export interface Artifact {
  /** What it is called in messages. */
  name: string;
  digests: { readonly [Algorithm in DigestAlgorithm]?: string };
  data: Buffer | null;
}

export function artifactOf(name: string, data: Buffer): Artifact {
  return { name, data, digests: { sha256: createHash('sha256').update(data).digest('hex') } };
}

/** Its digest by an algorithm, or null where only another one is known. */
export function digestOf(artifact: Artifact, algorithm: DigestAlgorithm): string | null {
  const known = artifact.digests[algorithm];
  if (known !== undefined) return known;
  return artifact.data === null ? null : createHash(algorithm).update(artifact.data).digest('hex');
}

/** DigestInfo (RFC 8017, 9.2) before the digest. */
const DIGEST_INFO: { readonly [Algorithm in DigestAlgorithm]: string } = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

const CURVES: Readonly<Record<string, 'p256' | 'p384' | 'p521'>> = {
  prime256v1: 'p256',
  secp384r1: 'p384',
  secp521r1: 'p521',
};

/**
 * Whether `signature` is the key's over the artifact. By the bytes where they are here; else over the digest, which
 * Node's own functions cannot take and a library in JavaScript does. Throws SP-VERIFY-SIGNATURE for a kind of key
 * whose signatures cannot be told from a digest.
 */
export async function verifiesArtifact(
  artifact: Artifact,
  algorithm: DigestAlgorithm,
  key: KeyObject,
  signature: Buffer,
): Promise<boolean> {
  if (key.asymmetricKeyType === 'ed25519') return await verifiesEdwards(artifact, key, signature);
  if (artifact.data !== null) return verify(algorithm, artifact.data, key, signature);
  const digest = Buffer.from(digestOf(artifact, algorithm) ?? '', 'hex');
  if (digest.length === 0) throw undecidable(`its ${algorithm}`);
  if (key.asymmetricKeyType === 'rsa') return verifiesRsa(digest, algorithm, key, signature);
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  if (curve === undefined) throw undecidable('the bytes');
  const { [curve]: group } = await import('@noble/curves/nist.js');
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  try {
    return group.verify(signature, digest, point, { prehash: false, lowS: false, format: 'der' });
  } catch {
    return false;
  }
}

/** Plain Ed25519 signs the bytes; Ed25519ph (RFC 8032, 5.1), as Rekor v2 wants it, their SHA-512. */
async function verifiesEdwards(artifact: Artifact, key: KeyObject, signature: Buffer): Promise<boolean> {
  if (artifact.data === null) throw undecidable('the bytes');
  if (verify(null, artifact.data, key, signature)) return true;
  const { ed25519ph } = await import('@noble/curves/ed25519.js');
  const point = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
  try {
    return ed25519ph.verify(signature, artifact.data, point);
  } catch {
    return false;
  }
}

function verifiesRsa(digest: Buffer, algorithm: DigestAlgorithm, key: KeyObject, signature: Buffer): boolean {
  try {
    const recovered = publicDecrypt(key, signature);
    return recovered.equals(Buffer.concat([Buffer.from(DIGEST_INFO[algorithm], 'hex'), digest]));
  } catch {
    return false;
  }
}

function undecidable(what: string): Error {
  return failed('SP-VERIFY-SIGNATURE', 'the signature cannot be checked against a digest alone', {
    expected: `${what} of the artifact`,
    found: 'another digest only',
    next: 'name the file instead of its digest',
  });
}
