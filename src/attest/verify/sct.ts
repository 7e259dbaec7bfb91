import { childrenOf, expectTag, readDer, TAG, writeDer } from '../encoding/der.ts';
import { type Certificate, isSignedWith, OID, sha256 } from '../encoding/x509.ts';
import { failed } from './failure.ts';
import { isWithin, type TrustedInstance } from './trusted-root.ts';

interface SignedTimestamp {
  logId: Buffer;
  timestamp: Buffer;
  extensions: Buffer;
  hash: number;
  algorithm: number;
  signature: Buffer;
}

const SHA256 = 4;

/**
 * The embedded certificate timestamps (RFC 6962, 3.2 and 3.3) that a trusted log signed, one a log. Throws
 * SP-VERIFY-SCT where they are fewer than the instance asks for; how many were verified is returned.
 */
export function verifySignedTimestamps(
  leaf: Certificate,
  issuer: Certificate,
  instance: TrustedInstance,
): number {
  const { scts: needed } = instance.needs;
  if (instance.ctLogs.length === 0) return 0;
  const extension = leaf.extensions.get(OID.sct);
  if (extension === undefined) {
    throw failed('SP-VERIFY-SCT', 'the signing certificate carries no proof that it was logged', {
      expected: `${needed} signed certificate timestamp of a trusted log`,
      found: 'none',
    });
  }
  const list = listOf(expectTag(readDer(extension.value), TAG.octetString).content);
  const precertificate = withoutTimestamps(leaf);
  const issuerKey = sha256(issuer.spki);
  const logs = new Set<string>();
  for (const sct of list) {
    const log = instance.ctLogs.find((candidate) => candidate.keyId.equals(sct.logId));
    if (log === undefined || sct.hash !== SHA256) continue;
    const time = new Date(Number(sct.timestamp.readBigUInt64BE()));
    const signed = Buffer.concat([
      Buffer.from([0, 0]),
      sct.timestamp,
      Buffer.from([0, 1]),
      issuerKey,
      length(precertificate.length, 3),
      precertificate,
      length(sct.extensions.length, 2),
      sct.extensions,
    ]);
    if (isWithin(time, log.validFor) && isSignedWith('sha256', signed, log.key, sct.signature)) {
      logs.add(sct.logId.toString('hex'));
    }
  }
  if (logs.size < needed) {
    throw failed('SP-VERIFY-SCT', 'no trusted log vouches for the signing certificate', {
      expected: `${needed} signed certificate timestamp of ${instance.ctLogs.map((log) => log.baseUrl).join(' or ')}`,
      found: `${list.length} that cannot be verified`,
    });
  }
  return logs.size;
}

function listOf(bytes: Buffer): SignedTimestamp[] {
  const list: SignedTimestamp[] = [];
  const outer = new Cursor(bytes);
  const inner = new Cursor(outer.block(2));
  outer.end();
  while (inner.left > 0 && list.length < 16) {
    const one = new Cursor(inner.block(2));
    const version = one.take(1)[0];
    const sct: SignedTimestamp = {
      logId: one.take(32),
      timestamp: one.take(8),
      extensions: one.block(2),
      hash: one.take(1)[0] ?? 0,
      algorithm: one.take(1)[0] ?? 0,
      signature: one.block(2),
    };
    one.end();
    if (version === 0) list.push(sct);
  }
  inner.end();
  return list;
}

/** What the log signed: the certificate's body without the list of its own timestamps. */
function withoutTimestamps(leaf: Certificate): Buffer {
  const parts = childrenOf(leaf.tbs).map((part) => {
    if (part.tag !== 0xa3) return part.whole;
    const kept = [...leaf.extensions]
      .filter(([oid]) => oid !== OID.sct)
      .map(([, extension]) => extension.whole);
    return writeDer(0xa3, writeDer(TAG.sequence, ...kept));
  });
  return writeDer(TAG.sequence, ...parts);
}

function length(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

/** Reads TLS vectors: bytes behind their length. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): Buffer {
    if (count > this.left) throw malformed();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  block(lengthBytes: number): Buffer {
    return this.take(this.take(lengthBytes).readUIntBE(0, lengthBytes));
  }

  end(): void {
    if (this.left > 0) throw malformed();
  }
}

function malformed(): Error {
  return failed('SP-VERIFY-SCT', 'the list of certificate timestamps cannot be read', {
    expected: 'a list as RFC 6962 writes it',
    found: 'lengths that do not add up',
  });
}
