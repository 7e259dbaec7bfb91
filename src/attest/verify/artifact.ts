import { createHash, type KeyObject, publicDecrypt, verify } from 'node:crypto';
import type { DigestSet } from '../../model/subject.ts';
import type { DigestAlgorithm } from './bundle.ts';
import { failed } from './failure.ts';

/** What a signature is held against: the bytes, or only their digests where the bytes are elsewhere or too many. */
export interface Artifact {
  /** What it is called in messages. */
  name: string;
  digests: { readonly [Algorithm in DigestAlgorithm]?: string };
  data: Buffer | null;
  /** The bytes once more, in pieces, where they are too many to be kept. */
  pieces?: () => AsyncIterable<Uint8Array>;
}

/** What subjects of statements are compared by. */
export const COMPARABLE = ['sha256', 'sha384', 'sha512'] as const;

export function artifactOf(name: string, data: Buffer): Artifact {
  return { name, data, digests: { sha256: createHash('sha256').update(data).digest('hex') } };
}

/** Its digest by an algorithm, or null where only another one is known. */
export function digestOf(artifact: Artifact, algorithm: DigestAlgorithm): string | null {
  const known = artifact.digests[algorithm];
  if (known !== undefined) return known;
  return artifact.data === null ? null : createHash(algorithm).update(artifact.data).digest('hex');
}

/**
 * The artifact with every digest by which one of the subjects may be it. A file that is not kept is read once more for
 * those that are not known yet: most statements name SHA-256, which is.
 */
export async function withDigestsOf(
  artifact: Artifact,
  subjects: readonly { digest: DigestSet }[],
): Promise<Artifact> {
  const { data, digests, pieces } = artifact;
  const candidates = subjects.filter(({ digest }) =>
    COMPARABLE.every(
      (name) => digests[name] === undefined || [undefined, digests[name]].includes(digest[name]),
    ),
  );
  const missing = COMPARABLE.filter(
    (name) => digests[name] === undefined && candidates.some(({ digest }) => digest[name] !== undefined),
  );
  if (missing.length === 0 || (data === null && pieces === undefined)) return artifact;
  // By SHA-256 too: what was read the first time and what is read now have to be one file.
  const names = [...new Set([...missing, 'sha256' as const])];
  const hashes = names.map((name) => createHash(name));
  const read = data === null ? pieces?.() : [data];
  for await (const piece of read ?? []) for (const hash of hashes) hash.update(piece);
  const found = Object.fromEntries(names.map((name, index) => [name, hashes[index]?.digest('hex')]));
  if (digests.sha256 === undefined || found.sha256 === digests.sha256)
    return { ...artifact, digests: { ...found, ...digests } };
  throw failed('SP-VERIFY-SUBJECT', `${artifact.name} changed while it was verified`, {
    expected: `sha256:${digests.sha256}`,
    found: `sha256:${found.sha256}`,
  });
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
