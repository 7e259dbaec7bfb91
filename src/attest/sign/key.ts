import {
  createPrivateKey,
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import { SallyportError } from '../../model/error.ts';
import { sha256 } from '../encoding/x509.ts';
import type { SigningServices } from './services.ts';

/** No services at all: a key alone vouches, without log or proven time. */
export const keyAlone: SigningServices = { authority: null, logs: [], timestamps: [] };

/** Whatever holds a private key: a file, or a key service that signs on request. ECDSA on P-256 with SHA-256. */
export interface KeyHolder {
  publicKey: KeyObject;
  sign(data: Buffer): Promise<Buffer>;
  /** The same over bytes that come in pieces. */
  signStream(pieces: AsyncIterable<Uint8Array>): Promise<Buffer>;
}

export function ephemeralKey(): KeyHolder {
  return holderOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
}

/** A private key in PKCS#8 PEM. Throws SP-SIGN-KEY; nothing of the key is in the message. */
export function keyFromPem(pem: Buffer, path: string, passphrase: string | null): KeyHolder {
  const text = pem.toString('latin1');
  if (/BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY/u.test(text)) {
    throw keyError(path, 'a key in cosign’s own encryption', 'convert it to PKCS#8, or sign without a key');
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, format: 'pem', ...(passphrase === null ? {} : { passphrase }) });
  } catch {
    const encrypted = text.includes('BEGIN ENCRYPTED PRIVATE KEY');
    throw keyError(
      path,
      encrypted ? 'an encrypted key, and no passphrase that opens it' : 'something else',
      encrypted ? 'name the file with its passphrase: --key-passphrase FILE' : undefined,
    );
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw keyError(
      path,
      `${key.asymmetricKeyType ?? 'unknown'} ${key.asymmetricKeyDetails?.namedCurve ?? ''}`.trim(),
    );
  }
  return holderOf(key);
}

/** The hint by which cosign knows a key: base64 of sha256 over its SubjectPublicKeyInfo. */
export function hintOf(key: KeyObject): string {
  return sha256(key.export({ type: 'spki', format: 'der' })).toString('base64');
}

function holderOf(key: KeyObject): KeyHolder {
  return {
    publicKey: createPublicKey(key),
    sign: async (data) => sign('sha256', data, key),
    signStream: async (pieces) => {
      const signer = createSign('sha256');
      for await (const piece of pieces) signer.update(piece);
      return signer.sign(key);
    },
  };
}

function keyError(path: string, found: string, next?: string): SallyportError {
  return new SallyportError({
    code: 'SP-SIGN-KEY',
    message: 'the key cannot be used to sign',
    place: { path },
    expected: 'a private key in PKCS#8 PEM, ECDSA on P-256',
    found,
    next,
  });
}
