import { type KeyObject, verify } from 'node:crypto';

/** The hash that goes with a key where nothing else names one; null for Ed25519, which has its own. */
export function signatureHashOf(key: KeyObject): string | null {
  if (key.asymmetricKeyType === 'ed25519') return null;
  if (key.asymmetricKeyType === 'ec') {
    const curve = key.asymmetricKeyDetails?.namedCurve;
    return curve === 'secp384r1' ? 'sha384' : curve === 'secp521r1' ? 'sha512' : 'sha256';
  }
  return 'sha256';
}

/** Whether a key is of a kind and size that Sigstore's algorithm registry allows. */
export function isAcceptedKey(key: KeyObject): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'ed25519') return true;
  if (type === 'ec') return ['prime256v1', 'secp384r1', 'secp521r1'].includes(details?.namedCurve ?? '');
  return type === 'rsa' && (details?.modulusLength ?? 0) >= 2048 && (details?.modulusLength ?? 0) <= 8192;
}

/** DSSE's pre-authentication encoding (secure-systems-lab/dsse, protocol.md). */
export function preAuthEncoding(payloadType: string, payload: Buffer): Buffer {
  const type = Buffer.from(payloadType);
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${payload.length} `),
    payload,
  ]);
}

/** A signature over bytes, with the key's own hash; some signers take SHA-256 whatever the curve. */
export function verifiesBytes(data: Buffer, key: KeyObject, signature: Buffer): boolean {
  const own = signatureHashOf(key);
  if (verify(own, data, key, signature)) return true;
  return own !== null && own !== 'sha256' && verify('sha256', data, key, signature);
}
