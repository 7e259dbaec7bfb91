import type { KeyObject } from 'node:crypto';
import { DerError } from '../encoding/der.ts';
import { type Certificate, publicKeyOf, sha256 } from '../encoding/x509.ts';
import { type Artifact, digestOf, verifiesArtifact } from './artifact.ts';
import type { Bundle, SignedContent } from './bundle.ts';
import { readLeaf, verifyChain } from './chain.ts';
import { type Claims, claimsOf } from './claims.ts';
import { type Logged, outsidePeriod, verifyEntry } from './entry.ts';
import { verifyBody } from './entry-body.ts';
import { failed, VerificationFailed } from './failure.ts';
import { verifySignedTimestamps } from './sct.ts';
import { isAcceptedKey, preAuthEncoding, verifiesBytes } from './signature.ts';
import { verifyTimestamp } from './timestamp.ts';
import { isWithin, type TrustedInstance } from './trusted-root.ts';

export interface ProvenTime {
  at: Date;
  /** The log's or the authority's address. */
  by: string;
  how: 'log' | 'timestamp';
}

export type Signer =
  | { kind: 'certificate'; certificate: Certificate; claims: Claims; authority: string }
  | { kind: 'key'; fingerprint: string };

/** A signature that holds, by whom, since when. Whether that signer is wanted is asked elsewhere. */
export interface VerifiedBundle {
  signer: Signer;
  content: SignedContent;
  times: ProvenTime[];
  entries: { log: string; index: number; proof: Logged['proof'] }[];
  scts: number;
  /** sha256 of the trusted root; null where a bare key was all that was asked for. */
  root: string | null;
}

export interface VerifyRequest {
  bundle: Bundle;
  /** The instances that are trusted. None: the key alone, without log or time. */
  instances: readonly TrustedInstance[];
  /** The key that must have signed, where no certificate is expected. */
  key: KeyObject | null;
  /** What a message signature is of. An envelope's subject is compared by whoever reads its statement. */
  artifact: Artifact | null;
  now: Date;
}

/** Clocks of logs and authorities may be ahead of ours by as much, in milliseconds. */
const SKEW = 5 * 60 * 1000;

/**
 * Verifies a bundle against each trusted instance; the first that it satisfies in full counts, never parts of two.
 * Throws VerificationFailed with the first check that failed at the instance that came furthest.
 */
export async function verifyBundle(request: VerifyRequest): Promise<VerifiedBundle> {
  const { bundle } = request;
  const material = materialOf(request);
  await verifySignature(request, material.key);
  if (request.instances.length === 0) {
    if (material.kind === 'certificate')
      throw failed('SP-VERIFY-CHAIN', 'there is no trusted root to hold the signing certificate against');
    return {
      signer: { kind: 'key', fingerprint: fingerprintOf(material.key) },
      content: bundle.content,
      times: [],
      entries: [],
      scts: 0,
      root: null,
    };
  }
  let deepest: { stage: number; failure: VerificationFailed } | null = null;
  for (const instance of request.instances) {
    const progress = { stage: 0 };
    try {
      return verifyAt(instance, request, material, progress);
    } catch (thrown) {
      const failure = refusalIn(thrown);
      if (deepest === null || progress.stage > deepest.stage) deepest = { stage: progress.stage, failure };
    }
  }
  throw deepest?.failure ?? new Error('no instance was tried');
}

/**
 * A certificate whose parts cannot be read is refused as any other. Log and timestamp authority take whatever they are
 * given, so that such a one gets as far as the check of its issuer; it must not stop the look at the signatures beside it.
 */
function refusalIn(thrown: unknown): VerificationFailed {
  if (thrown instanceof VerificationFailed) return thrown;
  if (!(thrown instanceof DerError)) throw thrown;
  return failed('SP-VERIFY-CERTIFICATE', 'the signing certificate cannot be read', {
    expected: 'an X.509 v3 certificate in DER',
    found: thrown.message,
    cause: thrown,
  });
}

type Material = { kind: 'certificate'; leaf: Certificate; key: KeyObject } | { kind: 'key'; key: KeyObject };

function materialOf({ bundle, key }: VerifyRequest): Material {
  if (bundle.signer.kind === 'key') {
    if (key !== null) return { kind: 'key', key: accepted(key) };
    throw failed('SP-VERIFY-KEY', 'the bundle is signed with a key, and none was given to verify it with', {
      expected: 'a certificate, or --key',
      found: `a key with the hint ${JSON.stringify(bundle.signer.hint.slice(0, 100))}`,
    });
  }
  if (key !== null) {
    throw failed(
      'SP-VERIFY-KEY',
      'the bundle is signed with a certificate, not with the key that was given',
      {
        expected: 'a signature by the key',
        found: 'a signing certificate',
        next: 'name the identity and its issuer instead of a key',
      },
    );
  }
  const leaf = readLeaf(bundle.signer);
  let own: KeyObject;
  try {
    own = publicKeyOf(leaf);
  } catch (cause) {
    throw failed('SP-VERIFY-CERTIFICATE', 'the key in the signing certificate cannot be read', { cause });
  }
  return { kind: 'certificate', leaf, key: accepted(own) };
}

function accepted(key: KeyObject): KeyObject {
  if (isAcceptedKey(key)) return key;
  throw failed('SP-VERIFY-KEY', 'the key is of a kind that is not accepted', {
    expected: 'ECDSA on P-256, P-384 or P-521, Ed25519, or RSA of 2048 bits or more',
    found:
      `${key.asymmetricKeyType ?? 'unknown'} ${key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyDetails?.modulusLength ?? ''}`.trim(),
  });
}

async function verifySignature({ bundle, artifact }: VerifyRequest, key: KeyObject): Promise<void> {
  const { content } = bundle;
  if (content.kind === 'dsse') {
    if (verifiesBytes(preAuthEncoding(content.payloadType, content.payload), key, content.signature)) return;
    throw failed('SP-VERIFY-SIGNATURE', 'the signature is not of this envelope', {
      expected: 'a signature over payload and payload type by the signing key',
      found: 'one that does not verify: the envelope or the signature was changed',
    });
  }
  if (artifact === null)
    throw failed('SP-VERIFY-SUBJECT', 'the signature is of an artifact, and none was given');
  const digest = digestOf(artifact, content.algorithm);
  if (digest !== null && digest !== content.digest.toString('hex')) {
    throw failed('SP-VERIFY-SUBJECT', `the signature is of another artifact than ${artifact.name}`, {
      expected: `${content.algorithm}:${digest}`,
      found: `${content.algorithm}:${content.digest.toString('hex')}`,
    });
  }
  if (await verifiesArtifact(artifact, content.algorithm, key, content.signature)) return;
  throw failed('SP-VERIFY-SIGNATURE', `the signature is not of ${artifact.name}`, {
    expected: 'a signature over the artifact by the signing key',
    found: 'one that does not verify',
  });
}

function verifyAt(
  instance: TrustedInstance,
  { bundle, now }: VerifyRequest,
  material: Material,
  progress: { stage: number },
): VerifiedBundle {
  const logged = bundle.entries.map((entry) => {
    const proven = verifyEntry(entry, instance);
    progress.stage += 1;
    verifyBody(
      entry,
      bundle.content,
      material.kind === 'certificate' ? { certificate: material.leaf.der } : material,
    );
    return proven;
  });
  requireDistinct(
    'log entry',
    bundle.entries.map((entry) => `${entry.logId.toString('hex')} ${sha256(entry.body).toString('hex')}`),
  );
  if (logged.length < instance.needs.entries) {
    throw failed('SP-VERIFY-LOG', 'the signature is not in a transparency log', {
      expected: `${instance.needs.entries} entry in ${instance.logs.map((log) => log.baseUrl).join(' or ')}`,
      found: logged.length === 0 ? 'none' : String(logged.length),
    });
  }
  progress.stage += 1;
  const times = timesOf(bundle, logged, instance, now);
  progress.stage += 1;
  const moments = times.map((time) => time.at);
  for (const { log, time } of logged) {
    const outside = time === null ? moments.find((moment) => !isWithin(moment, log.validFor)) : undefined;
    if (outside !== undefined) throw outsidePeriod(log, outside);
  }
  const found = {
    content: bundle.content,
    times,
    entries: logged.map(({ log, index, proof }) => ({ log: log.baseUrl, index, proof })),
    root: instance.digest,
  };
  if (material.kind === 'key') {
    return { ...found, signer: { kind: 'key', fingerprint: fingerprintOf(material.key) }, scts: 0 };
  }
  const authority = verifyChain(material.leaf, moments, instance);
  progress.stage += 1;
  const [issuer] = authority.chain;
  if (issuer === undefined) throw failed('SP-VERIFY-CHAIN', 'the authority has no certificate');
  const scts = verifySignedTimestamps(material.leaf, issuer, instance);
  const claims = claimsOf(material.leaf);
  return {
    ...found,
    signer: { kind: 'certificate', certificate: material.leaf, claims, authority: authority.uri },
    scts,
  };
}

/** Every time that a log or an authority proves. All that is there must hold; one at least must be there. */
function timesOf(
  bundle: Bundle,
  logged: readonly Logged[],
  instance: TrustedInstance,
  now: Date,
): ProvenTime[] {
  requireDistinct(
    'timestamp',
    bundle.timestamps.map((timestamp) => timestamp.toString('base64')),
  );
  const times: ProvenTime[] = [
    ...logged.flatMap(({ time, log }): ProvenTime[] =>
      time === null ? [] : [{ at: time, by: log.baseUrl, how: 'log' }],
    ),
    ...bundle.timestamps.map((response): ProvenTime => {
      const { time, authority } = verifyTimestamp(response, bundle.content.signature, instance);
      return { at: time, by: authority, how: 'timestamp' };
    }),
  ];
  if (times.length < instance.needs.times) {
    throw failed('SP-VERIFY-TIME', 'nothing proves when the signature was made', {
      expected: 'a signed entry timestamp of a trusted log, or a timestamp (RFC 3161) of a trusted authority',
      found: 'neither',
    });
  }
  const ahead = times.find((time) => time.at.getTime() > now.getTime() + SKEW);
  if (ahead !== undefined) {
    throw failed('SP-VERIFY-TIME', 'the signature claims to be made in the future', {
      expected: `not after ${now.toISOString()}`,
      found: ahead.at.toISOString(),
    });
  }
  return times;
}

/** One thing handed in twice is one thing. */
function requireDistinct(what: string, ids: readonly string[]): void {
  if (new Set(ids).size !== ids.length)
    throw failed('SP-VERIFY-DUPLICATE', `the bundle holds the same ${what} twice`);
}

/** sha256 of the key's SubjectPublicKeyInfo, hex. */
function fingerprintOf(key: KeyObject): string {
  return sha256(key.export({ type: 'spki', format: 'der' })).toString('hex');
}

/** The earliest proven time: the age of a signature counts from it (trust-model rule 8). */
export function signedAt(verified: VerifiedBundle): Date | null {
  const sorted = verified.times.map((time) => time.at.getTime()).sort((a, b) => a - b);
  return sorted[0] === undefined ? null : new Date(sorted[0]);
}
