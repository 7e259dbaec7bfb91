import { createPublicKey, type KeyObject } from 'node:crypto';
import { SallyportError } from '../../model/error.ts';
import { DerError } from '../encoding/der.ts';
import { FieldError, Fields } from '../encoding/fields.ts';
import { parseSignedJson } from '../encoding/json.ts';
import type { Certificate } from '../encoding/x509.ts';
import {
  constraintsOf,
  isIssuedBy,
  keyUsageBit,
  OID,
  purposesOf,
  readCertificate,
  sha256,
} from '../encoding/x509.ts';

const LIMITS = { bytes: 4 * 1024 * 1024, depth: 12, string: 1024 * 1024 };
const MAX_PARTS = 64;
const MEDIA_TYPE =
  /^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.[12]|\.v0\.[12]\+json)$/u;
/** Issuers of the demo's throw-away instance; its roots are refused everywhere else (trust-model rule 13). */
const DEMO_HOST = /\.invalid$/u;

export interface Period {
  start: Date;
  /** Inclusive; null: still in use. */
  end: Date | null;
}

/** A transparency log, or a certificate transparency log. */
export interface Log {
  baseUrl: string;
  keyId: Buffer;
  /** The id under which it signs checkpoints, where that is another. */
  checkpointKeyId: Buffer;
  key: KeyObject;
  validFor: Period;
}

/** A certificate or timestamp authority: the certificate that signs first, the root last, links already verified. */
export interface Authority {
  uri: string;
  chain: readonly Certificate[];
  validFor: Period;
}

/** One Sigstore instance that is trusted, and what it gives to everything that is signed with it. */
export interface TrustedInstance {
  /** sha256 of the file, hex: names the root in results. */
  digest: string;
  logs: readonly Log[];
  ctLogs: readonly Log[];
  authorities: readonly Authority[];
  timestampAuthorities: readonly Authority[];
  /** How many of each a bundle must have: what the instance offers is what is asked for. */
  needs: { scts: number; entries: number; times: number };
}

const read = new Map<string, TrustedInstance[]>();

/**
 * Reads a trusted root: one JSON document, or one a line as `gh attestation trusted-root` prints them. Throws
 * SP-ROOT-FORMAT; SP-ROOT-VALIDITY where an authority does not say from when it counts; SP-ROOT-DEMO.
 * The result is kept by digest: the same bytes are parsed once in a process.
 */
export function readTrustedRoot(
  bytes: Uint8Array,
  path: string,
  options: { demo?: boolean } = {},
): TrustedInstance[] {
  const digest = sha256(Buffer.from(bytes)).toString('hex');
  const known = read.get(digest);
  const instances = known ?? documentsOf(bytes).map((part) => instanceOf(part, path, digest));
  if (options.demo !== true) for (const instance of instances) refuseDemo(instance, path);
  read.set(digest, instances);
  return instances;
}

/** Several documents lie one a line; a single one may be indented over many. */
function documentsOf(bytes: Uint8Array): Uint8Array[] {
  const text = Buffer.from(bytes).toString('utf8').trim();
  const lines = text.split('\n');
  const several =
    lines.length > 1 && lines.every((line) => line.startsWith('{') && line.trimEnd().endsWith('}'));
  return several && lines.length <= 16 ? lines.map((line) => Buffer.from(line)) : [bytes];
}

function instanceOf(bytes: Uint8Array, path: string, digest: string): TrustedInstance {
  try {
    const fields = new Fields(parseSignedJson(bytes, path, LIMITS), '');
    const mediaType = fields.text('mediaType', 200);
    if (!MEDIA_TYPE.test(mediaType))
      throw new FieldError('mediaType', 'a trusted root v0.1 or v0.2', mediaType);
    const logs = fields.objects('tlogs', MAX_PARTS).map((part) => logOf(part, path));
    const ctLogs = fields.objects('ctlogs', MAX_PARTS).map((part) => logOf(part, path));
    const authorities = fields
      .objects('certificateAuthorities', MAX_PARTS)
      .map((part) => authorityOf(part, path, null));
    const timestampAuthorities = fields
      .objects('timestampAuthorities', MAX_PARTS)
      .map((part) => authorityOf(part, path, OID.timeStamping));
    fields.end();
    if (logs.length === 0 && timestampAuthorities.length === 0) {
      throw new FieldError('tlogs', 'a log or a timestamp authority', 'neither: no time could be proven');
    }
    return {
      digest,
      logs,
      ctLogs,
      authorities,
      timestampAuthorities,
      needs: { scts: Math.min(1, ctLogs.length), entries: Math.min(1, logs.length), times: 1 },
    };
  } catch (cause) {
    if (cause instanceof SallyportError) throw cause;
    const field = cause instanceof FieldError ? cause : null;
    throw new SallyportError(
      {
        code: 'SP-ROOT-FORMAT',
        message: `the trusted root cannot be used${field === null ? '' : `: ${field.path}`}`,
        place: { path },
        expected: field?.expected ?? 'a Sigstore trusted root whose keys and certificates can be read',
        found: field?.found ?? (cause as Error).message,
      },
      { cause },
    );
  }
}

function logOf(fields: Fields, path: string): Log {
  const key = fields.object('publicKey');
  const id = fields.optionalObject('logId');
  const checkpointId = fields.optionalObject('checkpointKeyId');
  const raw = key.bytes('rawBytes', 8192);
  const keyId = id?.bytes('keyId', 64) ?? sha256(raw);
  const details = key.optionalText('keyDetails', 100) ?? '';
  const log: Log = {
    baseUrl: fields.text('baseUrl', 500),
    keyId,
    checkpointKeyId: checkpointId?.bytes('keyId', 64) ?? keyId,
    key: keyOf(raw, details, key.at('rawBytes')),
    validFor: periodOf(key, path),
  };
  fields.optionalText('hashAlgorithm', 40);
  fields.optionalText('operator', 200);
  for (const part of [key, id, checkpointId, fields]) part?.end();
  return log;
}

function keyOf(raw: Buffer, details: string, path: string): KeyObject {
  const types = details.includes('RSA') ? (['spki', 'pkcs1'] as const) : (['spki'] as const);
  for (const type of types) {
    try {
      return createPublicKey({ key: raw, format: 'der', type });
    } catch {
      // The other spelling of an RSA key is tried; a key that is neither is refused below.
    }
  }
  throw new FieldError(path, 'a public key', 'bytes that are none');
}

function authorityOf(fields: Fields, path: string, purpose: string | null): Authority {
  const subject = fields.optionalObject('subject');
  subject?.optionalText('organization', 500);
  subject?.optionalText('commonName', 500);
  const holder = fields.object('certChain');
  const chain = holder.objects('certificates', 8).map((entry) => {
    const certificate = certificateOf(entry.bytes('rawBytes', 64 * 1024), entry.path);
    entry.end();
    return certificate;
  });
  const authority: Authority = {
    uri: fields.optionalText('uri', 500) ?? '',
    chain,
    validFor: periodOf(fields, path),
  };
  fields.optionalText('operator', 200);
  for (const part of [subject, holder, fields]) part?.end();
  requireChain(chain, purpose, holder.path);
  return authority;
}

function certificateOf(der: Buffer, path: string): Certificate {
  try {
    return readCertificate(der);
  } catch (cause) {
    if (cause instanceof DerError) throw new FieldError(path, 'an X.509 certificate', cause.message);
    throw cause;
  }
}

/** Each certificate is signed by the next, and each that signs certificates is a CA with room below it. */
function requireChain(chain: readonly Certificate[], purpose: string | null, path: string): void {
  if (chain.length === 0) throw new FieldError(path, 'at least one certificate', 'none');
  const isLeaf = (certificate: Certificate) => !constraintsOf(certificate).ca;
  chain.forEach((certificate, index) => {
    const issuer = chain[index + 1];
    if (issuer !== undefined && !isIssuedBy(certificate, issuer)) {
      throw new FieldError(path, 'each certificate signed by the next', `not so at ${index}`);
    }
    if (index === 0 && purpose !== null && isLeaf(certificate)) {
      if (!purposesOf(certificate).includes(purpose)) {
        throw new FieldError(path, 'a certificate for timestamps first', 'one for other purposes');
      }
      return;
    }
    const { ca, pathLength } = constraintsOf(certificate);
    const below = chain.slice(0, index).filter((one) => !isLeaf(one)).length;
    if (!ca || keyUsageBit(certificate, 5) === false) {
      throw new FieldError(path, 'certificates of authorities', `one that is none at ${index}`);
    }
    if (pathLength !== null && below > pathLength) {
      throw new FieldError(path, `at most ${pathLength} authorities below`, `${below} at ${index}`);
    }
  });
}

/** A key without a start would count for all times before it was made. */
function periodOf(fields: Fields, path: string): Period {
  const period = fields.optionalObject('validFor');
  const start = period?.optionalText('start', 60) ?? null;
  const end = period?.optionalText('end', 60) ?? null;
  period?.end();
  const [from, to] = [start, end].map((text) => (text === null ? null : new Date(text)));
  for (const date of [from, to]) {
    if (date !== null && date !== undefined && Number.isNaN(date.getTime()))
      throw new FieldError(fields.at('validFor'), 'RFC 3339 times', 'something else');
  }
  if (from === null || from === undefined) {
    throw new SallyportError({
      code: 'SP-ROOT-VALIDITY',
      message: 'the trusted root does not say from when a key counts',
      place: { path },
      expected: `${fields.at('validFor')}.start`,
      found: 'nothing',
      next: 'add the start of its use; a key without one would vouch for every time',
    });
  }
  return { start: from, end: to ?? null };
}

/** Both ends belong to the period. */
export function isWithin(time: Date, period: Period): boolean {
  return period.start <= time && (period.end === null || time <= period.end);
}

function refuseDemo(instance: TrustedInstance, path: string): void {
  const urls = [
    ...[...instance.logs, ...instance.ctLogs].map((log) => log.baseUrl),
    ...[...instance.authorities, ...instance.timestampAuthorities].map((authority) => authority.uri),
  ];
  const demo = urls.find((url) => URL.canParse(url) && DEMO_HOST.test(new URL(url).hostname));
  if (demo === undefined) return;
  throw new SallyportError({
    code: 'SP-ROOT-DEMO',
    message: 'the trusted root is that of the demo, which anyone can sign with',
    place: { path },
    expected: 'an instance whose keys somebody guards',
    found: demo.slice(0, 200),
  });
}
