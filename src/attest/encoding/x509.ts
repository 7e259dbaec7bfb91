import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  bitStringBytes,
  childrenOf,
  type Der,
  DerError,
  expectTag,
  oidOf,
  readDer,
  smallIntegerOf,
  TAG,
  timeOf,
} from './der.ts';

export interface Extension {
  critical: boolean;
  /** The bytes inside the OCTET STRING. */
  value: Buffer;
  /** The whole extension, as it stands in the certificate. */
  whole: Buffer;
}

/** An X.509 v3 certificate (RFC 5280), read strictly. Nothing in it is verified yet. */
export interface Certificate {
  der: Buffer;
  tbs: Der;
  serial: Buffer;
  issuer: Buffer;
  subject: Buffer;
  notBefore: Date;
  notAfter: Date;
  /** SubjectPublicKeyInfo. */
  spki: Buffer;
  signatureOid: string;
  signature: Buffer;
  extensions: ReadonlyMap<string, Extension>;
}

export interface GeneralName {
  type: 'email' | 'uri' | 'other';
  value: string;
}

export const OID = {
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  anyUsage: '2.5.29.37.0',
  sct: '1.3.6.1.4.1.11129.2.4.2',
  otherNameUser: '1.3.6.1.4.1.57264.1.7',
} as const;

/** Signature algorithms of certificates and timestamps, and the hash that Node wants with each; null for Ed25519. */
export const SIGNATURE_HASH: Readonly<Record<string, string | null>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.3.101.112': null,
};

const UNDERSTOOD = new Set<string>([
  OID.subjectKeyId,
  OID.keyUsage,
  OID.subjectAltName,
  OID.basicConstraints,
  OID.authorityKeyId,
  OID.extendedKeyUsage,
  OID.sct,
]);

const MAX_CERTIFICATE = 64 * 1024;

/** Reads a certificate; also refuses what RFC 5280 forbids: a repeated extension, a critical one that is not understood. */
export function readCertificate(der: Buffer): Certificate {
  if (der.length > MAX_CERTIFICATE) throw new DerError('the certificate is too large');
  const [tbs, outer, signature, ...more] = childrenOf(expectTag(readDer(der), TAG.sequence));
  if (more.length > 0) throw new DerError('a certificate has three parts');
  const fields = childrenOf(expectTag(tbs, TAG.sequence));
  const version = fields.shift();
  if (version?.tag !== 0xa0 || smallIntegerOf(childrenOf(version)[0]) !== 2)
    throw new DerError('not an X.509 v3 certificate');
  const [serial, inner, issuer, validity, subject, spki, ...rest] = fields;
  if (!expectTag(inner, TAG.sequence).whole.equals(expectTag(outer, TAG.sequence).whole))
    throw new DerError('the two signature algorithms differ');
  const times = childrenOf(expectTag(validity, TAG.sequence));
  return {
    der,
    tbs: expectTag(tbs, TAG.sequence),
    serial: expectTag(serial, TAG.integer).content,
    issuer: expectTag(issuer, TAG.sequence).whole,
    subject: expectTag(subject, TAG.sequence).whole,
    notBefore: timeOf(times[0]),
    notAfter: timeOf(times[1]),
    spki: expectTag(spki, TAG.sequence).whole,
    signatureOid: oidOf(childrenOf(expectTag(outer, TAG.sequence))[0]),
    signature: bitStringBytes(signature),
    extensions: extensionsOf(rest),
  };
}

function extensionsOf(rest: readonly Der[]): Map<string, Extension> {
  const found = new Map<string, Extension>();
  const holder = rest.find((element) => element.tag === 0xa3);
  if (holder === undefined) return found;
  const [list] = childrenOf(holder);
  for (const element of childrenOf(expectTag(list, TAG.sequence))) {
    const parts = childrenOf(expectTag(element, TAG.sequence));
    const oid = oidOf(parts[0]);
    const critical = parts.length === 3 && expectTag(parts[1], TAG.boolean).content[0] === 0xff;
    if (found.has(oid)) throw new DerError(`extension ${oid} stands twice`);
    if (critical && !UNDERSTOOD.has(oid)) throw new DerError(`critical extension ${oid} is not understood`);
    const value = expectTag(parts.at(-1), TAG.octetString).content;
    found.set(oid, { critical, value, whole: element.whole });
  }
  return found;
}

const keys = new WeakMap<Certificate, KeyObject>();

/** The certificate's key; parsed once. Throws where Node does not know its kind. */
export function publicKeyOf(certificate: Certificate): KeyObject {
  const known = keys.get(certificate);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: certificate.spki, format: 'der', type: 'spki' });
  keys.set(certificate, key);
  return key;
}

/**
 * Whether `signature` is the key's over `data`, by the hash that the signature names. Node throws where that is not one of
 * the key's kind, and whoever made the signature chose its name: Ed25519 has no hash but its own (null).
 */
export function isSignedWith(hash: string | null, data: Buffer, key: KeyObject, signature: Buffer): boolean {
  return (hash === null) === (key.asymmetricKeyType === 'ed25519') && verify(hash, data, key, signature);
}

/** Whether `issuer` signed `certificate` and the names and key identifiers chain. */
export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  if (!certificate.issuer.equals(issuer.subject)) return false;
  const wanted = authorityKeyIdOf(certificate);
  const own = issuer.extensions.get(OID.subjectKeyId);
  if (wanted !== null && own !== undefined && !readDer(own.value).content.equals(wanted)) return false;
  const hash = Object.hasOwn(SIGNATURE_HASH, certificate.signatureOid)
    ? SIGNATURE_HASH[certificate.signatureOid]
    : undefined;
  if (hash === undefined) return false;
  return isSignedWith(hash, certificate.tbs.whole, publicKeyOf(issuer), certificate.signature);
}

function authorityKeyIdOf(certificate: Certificate): Buffer | null {
  const extension = certificate.extensions.get(OID.authorityKeyId);
  if (extension === undefined) return null;
  const part = childrenOf(expectTag(readDer(extension.value), TAG.sequence)).find((p) => p.tag === 0x80);
  return part?.content ?? null;
}

/** What basicConstraints says: whether it is a CA, and how many CAs may stand below it. */
export function constraintsOf(certificate: Certificate): { ca: boolean; pathLength: number | null } {
  const extension = certificate.extensions.get(OID.basicConstraints);
  if (extension === undefined) return { ca: false, pathLength: null };
  const parts = childrenOf(expectTag(readDer(extension.value), TAG.sequence));
  const ca = parts[0]?.tag === TAG.boolean && parts[0].content[0] === 0xff;
  const length = parts.find((part) => part.tag === TAG.integer);
  return { ca, pathLength: length === undefined ? null : smallIntegerOf(length) };
}

/** Whether a bit of keyUsage is set (0 digitalSignature, 5 keyCertSign); null where the extension is absent. */
export function keyUsageBit(certificate: Certificate, bit: number): boolean | null {
  const extension = certificate.extensions.get(OID.keyUsage);
  if (extension === undefined) return null;
  const { content } = expectTag(readDer(extension.value), TAG.bitString);
  const byte = content[1 + (bit >> 3)] ?? 0;
  return (byte & (0x80 >> (bit & 7))) !== 0;
}

/** The purposes of extendedKeyUsage; empty where it is absent. */
export function purposesOf(certificate: Certificate): string[] {
  const extension = certificate.extensions.get(OID.extendedKeyUsage);
  if (extension === undefined) return [];
  return childrenOf(expectTag(readDer(extension.value), TAG.sequence)).map(oidOf);
}

/** The subject alternative names: e-mail, URI, and Fulcio's otherName for user names. */
export function alternativeNamesOf(certificate: Certificate): GeneralName[] {
  const extension = certificate.extensions.get(OID.subjectAltName);
  if (extension === undefined) return [];
  return childrenOf(expectTag(readDer(extension.value), TAG.sequence)).map((name): GeneralName => {
    if (name.tag === 0x81) return { type: 'email', value: name.content.toString('utf8') };
    if (name.tag === 0x86) return { type: 'uri', value: name.content.toString('utf8') };
    if (name.tag === 0xa0) {
      const [oid, holder] = childrenOf(name);
      if (oidOf(oid) !== OID.otherNameUser) throw new DerError('an alternative name of an unknown kind');
      const [text] = childrenOf(expectTag(holder, 0xa0));
      return { type: 'other', value: expectTag(text, TAG.utf8String).content.toString('utf8') };
    }
    throw new DerError('an alternative name of an unknown kind');
  });
}

export function sha256(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
