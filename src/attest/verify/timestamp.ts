import { createHash } from 'node:crypto';
import {
  childrenOf,
  type Der,
  DerError,
  expectTag,
  oidOf,
  readDer,
  smallIntegerOf,
  TAG,
  timeOf,
} from '../encoding/der.ts';
import {
  type Certificate,
  constraintsOf,
  isIssuedBy,
  isSignedWith,
  keyUsageBit,
  OID,
  publicKeyOf,
  purposesOf,
  readCertificate,
  SIGNATURE_HASH,
} from '../encoding/x509.ts';
import { isAuthorityValid } from './chain.ts';
import { failed, VerificationFailed } from './failure.ts';
import type { Authority, TrustedInstance } from './trusted-root.ts';

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
/** Signature algorithms without a hash of their own: the signer's digest algorithm goes with them. */
const PLAIN = new Set(['1.2.840.10045.2.1', '1.2.840.113549.1.1.1']);

interface Token {
  info: Der;
  infoBytes: Buffer;
  certificates: Certificate[];
  signer: { issuer: Buffer; serial: Buffer } | { keyId: Buffer };
  digest: string;
  attributes: Map<string, Der>;
  /** The attributes as they are signed: with the tag of a SET. */
  signedBytes: Buffer;
  signatureHash: string | null;
  signature: Buffer;
}

/**
 * The time that a trusted authority of the instance gives for `signature` (RFC 3161, RFC 5816). Throws
 * SP-VERIFY-TIMESTAMP with the first thing that is wrong.
 */
export function verifyTimestamp(
  response: Buffer,
  signature: Buffer,
  instance: TrustedInstance,
): { time: Date; authority: string } {
  let token: Token;
  let time: Date;
  try {
    token = readToken(response);
    time = timeIn(token, signature);
  } catch (cause) {
    if (cause instanceof VerificationFailed) throw cause;
    throw wrong('the timestamp cannot be read', (cause as Error).message, cause);
  }
  let outside: Date | null = null;
  for (const authority of instance.timestampAuthorities) {
    try {
      const certificate = signerOf(token, authority);
      if (certificate === null || !isSignedBy(token, certificate)) continue;
      if (isAuthorityValid(authority, time) && certificate.notBefore <= time && time <= certificate.notAfter)
        return { time, authority: authority.uri };
      outside = time;
    } catch (cause) {
      if (!(cause instanceof DerError)) throw cause;
    }
  }
  if (outside !== null)
    throw wrong('the timestamp authority was not valid at the time that it gives', outside.toISOString());
  throw wrong(
    'the timestamp is not signed by a trusted authority',
    'another signer, or a signature that does not verify',
  );
}

function wrong(message: string, found: string, cause?: unknown): VerificationFailed {
  return failed('SP-VERIFY-TIMESTAMP', message, {
    expected: 'a timestamp (RFC 3161) of this signature by an authority in the trusted root',
    found,
    ...(cause === undefined ? {} : { cause }),
  });
}

function sequence(element: Der | undefined): Der[] {
  return childrenOf(expectTag(element, TAG.sequence));
}

/** TimeStampResp to its one signer. */
function readToken(response: Buffer): Token {
  const [status, contentInfo, ...more] = sequence(readDer(response));
  if (more.length > 0 || smallIntegerOf(sequence(status)[0]) > 1)
    throw new DerError('the request was not granted');
  const [type, holder] = sequence(contentInfo);
  if (oidOf(type) !== SIGNED_DATA) throw new DerError('not signed data');
  const [version, algorithms, encapsulated, ...rest] = sequence(childrenOf(expectTag(holder, 0xa0))[0]);
  if (smallIntegerOf(version) !== 3) throw new DerError('not version 3 of signed data');
  for (const algorithm of childrenOf(expectTag(algorithms, TAG.set))) {
    if (HASHES[oidOf(sequence(algorithm)[0])] === undefined)
      throw new DerError('an unknown digest algorithm');
  }
  const [contentType, content] = sequence(encapsulated);
  if (oidOf(contentType) !== TST_INFO) throw new DerError('not a timestamp');
  const infoBytes = expectTag(childrenOf(expectTag(content, 0xa0))[0], TAG.octetString).content;
  const embedded = rest.find((part) => part.tag === 0xa0);
  const signers = childrenOf(expectTag(rest.at(-1), TAG.set));
  if (signers.length !== 1) throw new DerError('expected one signer');
  return {
    info: readDer(infoBytes),
    infoBytes,
    certificates:
      embedded === undefined
        ? []
        : childrenOf(embedded)
            .slice(0, 8)
            .map((part) => readCertificate(part.whole)),
    ...signerInfo(signers[0]),
  };
}

function signerInfo(element: Der | undefined): Omit<Token, 'info' | 'infoBytes' | 'certificates'> {
  const parts = sequence(element);
  const [, id, digestAlgorithm, attributes, signatureAlgorithm, signature] = parts;
  const digest = HASHES[oidOf(sequence(digestAlgorithm)[0])];
  if (digest === undefined) throw new DerError('a digest algorithm that is not accepted');
  const named = new Map<string, Der>();
  for (const attribute of childrenOf(expectTag(attributes, 0xa0))) {
    const [oid, values] = sequence(attribute);
    const [value, ...more] = childrenOf(expectTag(values, TAG.set));
    const name = oidOf(oid);
    if (named.has(name) || value === undefined || more.length > 0)
      throw new DerError('an attribute stands twice');
    named.set(name, value);
  }
  const signed = Buffer.from(expectTag(attributes, 0xa0).whole);
  signed[0] = TAG.set;
  return {
    signer: signerId(id),
    digest,
    attributes: named,
    signedBytes: signed,
    signatureHash: signatureHash(oidOf(sequence(signatureAlgorithm)[0]), digest),
    signature: expectTag(signature, TAG.octetString).content,
  };
}

function signatureHash(oid: string, digest: string): string | null {
  if (PLAIN.has(oid)) return digest;
  const hash = Object.hasOwn(SIGNATURE_HASH, oid) ? SIGNATURE_HASH[oid] : undefined;
  if (hash === undefined) throw new DerError('a signature algorithm that is not accepted');
  return hash;
}

function signerId(element: Der | undefined): Token['signer'] {
  if (element?.tag === 0x80) return { keyId: element.content };
  const [issuer, serial] = sequence(element);
  return { issuer: expectTag(issuer, TAG.sequence).whole, serial: expectTag(serial, TAG.integer).content };
}

/** Checks that the token speaks of `signature` and of itself, and reads its time. */
function timeIn(token: Token, signature: Buffer): Date {
  const [version, , imprint, , time] = sequence(token.info);
  if (smallIntegerOf(version) !== 1) throw new DerError('not version 1');
  const [algorithm, hashed] = sequence(imprint);
  const hash = HASHES[oidOf(sequence(algorithm)[0])];
  if (hash === undefined) throw new DerError('a digest algorithm that is not accepted');
  if (!createHash(hash).update(signature).digest().equals(expectTag(hashed, TAG.octetString).content)) {
    throw wrong('the timestamp is of another signature', 'another digest');
  }
  const type = token.attributes.get(CONTENT_TYPE);
  if (type === undefined || oidOf(type) !== TST_INFO) throw new DerError('the content type is not signed');
  const digest = token.attributes.get(MESSAGE_DIGEST);
  const own = createHash(token.digest).update(token.infoBytes).digest();
  if (!own.equals(expectTag(digest, TAG.octetString).content)) {
    throw wrong('the timestamp was changed', 'content that is not what was signed');
  }
  return timeOf(time);
}

/** The certificate of the authority that the token names as its signer: the trusted one, or one that a trusted CA issued. */
function signerOf(token: Token, authority: Authority): Certificate | null {
  const [first] = authority.chain;
  if (first === undefined) return null;
  const found = constraintsOf(first).ca
    ? (token.certificates.find(
        (certificate) => isNamed(certificate, token.signer) && isIssuedBy(certificate, first),
      ) ?? null)
    : isNamed(first, token.signer)
      ? first
      : null;
  if (found === null || constraintsOf(found).ca || keyUsageBit(found, 0) === false) return null;
  const purposes = purposesOf(found);
  // RFC 3161, 2.3: this purpose alone, and critical.
  const critical = found.extensions.get(OID.extendedKeyUsage)?.critical === true;
  return purposes.length === 1 && purposes[0] === OID.timeStamping && critical ? found : null;
}

function isNamed(certificate: Certificate, signer: Token['signer']): boolean {
  if ('keyId' in signer) {
    const own = certificate.extensions.get(OID.subjectKeyId);
    return own !== undefined && readDer(own.value).content.equals(signer.keyId);
  }
  return certificate.issuer.equals(signer.issuer) && certificate.serial.equals(signer.serial);
}

function isSignedBy(token: Token, certificate: Certificate): boolean {
  const v2 = token.attributes.get(SIGNING_CERTIFICATE_V2);
  const v1 = token.attributes.get(SIGNING_CERTIFICATE);
  if (v2 === undefined && v1 === undefined) return false;
  if (v2 !== undefined && !namesCertificate(v2, certificate, 'sha256')) return false;
  if (v2 === undefined && v1 !== undefined && !namesCertificate(v1, certificate, 'sha1')) return false;
  return isSignedWith(token.signatureHash, token.signedBytes, publicKeyOf(certificate), token.signature);
}

/** ESSCertID and ESSCertIDv2: the digest of the signer's certificate is among what is signed (RFC 5035). */
function namesCertificate(attribute: Der, certificate: Certificate, standard: string): boolean {
  const [ids] = sequence(attribute);
  const parts = sequence(sequence(ids)[0]);
  const algorithm = parts[0]?.tag === TAG.sequence ? HASHES[oidOf(sequence(parts[0])[0])] : standard;
  const digest = parts.find((part) => part.tag === TAG.octetString);
  if (algorithm === undefined || digest === undefined) return false;
  return createHash(algorithm).update(certificate.der).digest().equals(digest.content);
}
