import { createHash, type KeyObject } from 'node:crypto';
import { isObject, objectsOf, textOf } from '../../model/json/values.ts';
import { sha256 } from '../encoding/x509.ts';
import type { LogEntry, SignedContent } from './bundle.ts';
import { failed } from './failure.ts';
import { preAuthEncoding } from './signature.ts';

/** What a log entry says was signed: the parts of its body that tie it to one bundle. */
interface Claim {
  /** What the digest is of, for the message. */
  digest: { of: string; expected: Buffer; found: string | null };
  signature: Buffer | null;
  /** The certificate's or key's DER. */
  verifier: Buffer | null;
}

type Reader = (spec: Record<string, unknown>, content: SignedContent) => Claim;

/** How each kind of entry (rekor: pkg/types; rekor-tiles: api/proto) names digest, signature and verifier. */
const READERS: Readonly<Record<string, Reader>> = {
  'hashedrekord/0.0.1': hashedRekordV1,
  'dsse/0.0.1': dsseV1,
  'intoto/0.0.1': intotoV1,
  'intoto/0.0.2': intotoV2,
  'hashedrekord/0.0.2': hashedRekordV2,
  'dsse/0.0.2': dsseV2,
};

/**
 * Ties the entry to this bundle: digest, signature and certificate in its body are the bundle's own. A valid entry of
 * something else is refused (CVE-2026-22703). Throws SP-VERIFY-LOG-BODY.
 */
export function verifyBody(
  entry: LogEntry,
  content: SignedContent,
  verifier: { certificate: Buffer } | { key: KeyObject },
): void {
  const name = `${entry.kind}/${entry.version}`;
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (reader === undefined) throw wrong('kind', Object.keys(READERS).join(', '), name.slice(0, 80));
  const body = parse(entry.body);
  if (body.kind !== entry.kind || body.apiVersion !== entry.version) {
    throw wrong('kind', name, `${String(body.kind).slice(0, 40)}/${String(body.apiVersion).slice(0, 20)}`);
  }
  if (!isObject(body.spec)) throw wrong('body', 'a spec', 'nothing');
  const claim = reader(body.spec, content);
  const expected = claim.digest.expected.toString('hex');
  if (claim.digest.found !== expected)
    throw wrong(`digest of ${claim.digest.of}`, expected, claim.digest.found ?? 'nothing');
  if (claim.signature === null || !claim.signature.equals(content.signature)) {
    throw wrong(
      'signature',
      'the signature of this bundle',
      claim.signature === null ? 'nothing' : 'another one',
    );
  }
  const own =
    'certificate' in verifier ? verifier.certificate : verifier.key.export({ type: 'spki', format: 'der' });
  if (claim.verifier === null || !claim.verifier.equals(own)) {
    const what = 'certificate' in verifier ? 'certificate' : 'key';
    throw wrong(what, `the ${what} of this bundle`, claim.verifier === null ? 'nothing' : 'another one');
  }
}

function wrong(part: string, expected: string, found: string): Error {
  return failed(
    'SP-VERIFY-LOG-BODY',
    `the log entry is about something else: its ${part} is not this bundle’s`,
    {
      expected,
      found,
    },
  );
}

function parse(body: Buffer): Record<string, unknown> {
  try {
    const value = JSON.parse(body.toString('utf8')) as unknown;
    if (isObject(value)) return value;
  } catch {
    // Said below, in the words of this check.
  }
  throw wrong('body', 'a JSON object', 'something else');
}

function hashedRekordV1(spec: Record<string, unknown>, content: SignedContent): Claim {
  const hash = member(member(spec, 'data'), 'hash');
  const signature = member(spec, 'signature');
  return {
    digest: v1Digest(hash, content),
    signature: base64(signature.content),
    verifier: pemOf(base64(member(signature, 'publicKey').content)),
  };
}

/** In v1 an envelope as hashedrekord would be a digest of the payload alone, which nobody writes. */
function v1Digest(hash: Record<string, unknown>, content: SignedContent): Claim['digest'] {
  if (content.kind === 'dsse')
    return { of: 'the envelope', expected: pae(content), found: hexOf(hash, 'sha256') };
  return { of: 'the artifact', expected: content.digest, found: hexOf(hash, content.algorithm) };
}

function dsseV1(spec: Record<string, unknown>, content: SignedContent): Claim {
  const [signature, ...more] = objectsOf(spec.signatures);
  return {
    digest: payloadDigest(content, hexOf(member(spec, 'payloadHash'), 'sha256')),
    signature: more.length > 0 ? null : base64(signature?.signature),
    verifier: pemOf(base64(signature?.verifier)),
  };
}

/** Holds no signature: the digest of the whole envelope, which holds it, stands for it. */
function intotoV1(spec: Record<string, unknown>, content: SignedContent): Claim {
  const inner = member(spec, 'content');
  const envelope = content.kind === 'dsse' ? content.envelope : undefined;
  if (envelope === undefined) throw wrong('kind', 'an entry that holds the signature', 'intoto/0.0.1');
  return {
    digest: { of: 'the envelope', expected: sha256(envelope), found: hexOf(member(inner, 'hash'), 'sha256') },
    signature: content.signature,
    verifier: pemOf(base64(spec.publicKey)),
  };
}

function intotoV2(spec: Record<string, unknown>, content: SignedContent): Claim {
  const inner = member(spec, 'content');
  const [signature, ...more] = objectsOf(member(inner, 'envelope').signatures);
  // The signature is base64 twice over: the envelope's text was a byte field of the log's own schema.
  const outer = base64(signature?.sig);
  return {
    digest: payloadDigest(content, hexOf(member(inner, 'payloadHash'), 'sha256')),
    signature: more.length > 0 || outer === null ? null : base64(outer.toString('latin1')),
    verifier: pemOf(base64(signature?.publicKey)),
  };
}

function hashedRekordV2(spec: Record<string, unknown>, content: SignedContent): Claim {
  const inner = member(spec, 'hashedRekordV002');
  const data = member(inner, 'data');
  const algorithm = content.kind === 'dsse' ? 'sha256' : content.algorithm;
  return {
    digest: {
      of: content.kind === 'dsse' ? 'the envelope' : 'the artifact',
      expected: content.kind === 'dsse' ? pae(content) : content.digest,
      found: digestV2(data, algorithm),
    },
    signature: base64(member(inner, 'signature').content),
    verifier: verifierV2(member(inner, 'signature').verifier),
  };
}

function dsseV2(spec: Record<string, unknown>, content: SignedContent): Claim {
  const inner = member(spec, 'dsseV002');
  const [signature, ...more] = objectsOf(inner.signatures);
  return {
    digest: payloadDigest(content, digestV2(member(inner, 'payloadHash'), 'sha256')),
    signature: more.length > 0 ? null : base64(signature?.content),
    verifier: verifierV2(signature?.verifier),
  };
}

function payloadDigest(content: SignedContent, found: string | null): Claim['digest'] {
  if (content.kind !== 'dsse') throw wrong('kind', 'an entry of a message signature', 'one of an envelope');
  return { of: 'the payload', expected: sha256(content.payload), found };
}

function pae(content: Extract<SignedContent, { kind: 'dsse' }>): Buffer {
  return createHash('sha256').update(preAuthEncoding(content.payloadType, content.payload)).digest();
}

function verifierV2(value: unknown): Buffer | null {
  if (!isObject(value)) return null;
  const kind = isObject(value.x509Certificate) ? value.x509Certificate : value.publicKey;
  return isObject(kind) ? base64(kind.rawBytes) : null;
}

function digestV2(data: Record<string, unknown>, algorithm: string): string | null {
  const name = { sha256: 'SHA2_256', sha384: 'SHA2_384', sha512: 'SHA2_512' }[algorithm];
  return data.algorithm === name ? (base64(data.digest)?.toString('hex') ?? null) : null;
}

function hexOf(hash: Record<string, unknown>, algorithm: string): string | null {
  return hash.algorithm === algorithm ? (textOf(hash.value) ?? null) : null;
}

function member(value: Record<string, unknown>, name: string): Record<string, unknown> {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return isObject(found) ? found : {};
}

function base64(value: unknown): Buffer | null {
  return typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/u.test(value)
    ? Buffer.from(value, 'base64')
    : null;
}

/** The DER inside one PEM block; null where it is anything else. */
function pemOf(bytes: Buffer | null): Buffer | null {
  const match = /^-----BEGIN ([A-Z ]+)-----\s([A-Za-z0-9+/=\s]+)-----END \1-----\s*$/u.exec(
    bytes?.toString('latin1') ?? '',
  );
  return match === null ? null : Buffer.from(match[2] ?? '', 'base64');
}
