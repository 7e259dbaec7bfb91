import { BUNDLE_TYPE, type Bundle, type DigestAlgorithm, type LogEntry } from '../verify/bundle.ts';

const ALGORITHMS: Readonly<Record<DigestAlgorithm, string>> = {
  sha256: 'SHA2_256',
  sha384: 'SHA2_384',
  sha512: 'SHA2_512',
};

/**
 * A bundle v0.3 in the JSON of its schema (protobuf-specs, sigstore_bundle.proto; protobuf's JSON writes whole numbers of
 * 64 bits as texts and bytes in base64). What `readBundle` makes of it is the bundle again.
 */
export function bundleToJson({ signer, entries, timestamps, content }: Bundle): Record<string, unknown> {
  return {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: {
      ...(signer.kind === 'certificate'
        ? { certificate: { rawBytes: base64(signer.leaf) } }
        : { publicKey: { hint: signer.hint } }),
      tlogEntries: entries.map(entryToJson),
      ...(timestamps.length === 0
        ? {}
        : {
            timestampVerificationData: {
              rfc3161Timestamps: timestamps.map((timestamp) => ({ signedTimestamp: base64(timestamp) })),
            },
          }),
    },
    ...(content.kind === 'message'
      ? {
          messageSignature: {
            messageDigest: { algorithm: ALGORITHMS[content.algorithm], digest: base64(content.digest) },
            signature: base64(content.signature),
          },
        }
      : {
          dsseEnvelope: {
            payload: base64(content.payload),
            payloadType: content.payloadType,
            signatures: [
              {
                sig: base64(content.signature),
                ...(signer.kind === 'key' ? { keyid: signer.hint } : {}),
              },
            ],
          },
        }),
  };
}

function entryToJson(entry: LogEntry): Record<string, unknown> {
  const { proof, integratedTime, signedEntryTimestamp } = entry;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: base64(entry.logId) },
    kindVersion: { kind: entry.kind, version: entry.version },
    ...(integratedTime === null ? {} : { integratedTime: String(integratedTime) }),
    ...(signedEntryTimestamp === null
      ? {}
      : { inclusionPromise: { signedEntryTimestamp: base64(signedEntryTimestamp) } }),
    ...(proof === null
      ? {}
      : {
          inclusionProof: {
            logIndex: String(proof.logIndex),
            rootHash: base64(proof.rootHash),
            treeSize: String(proof.treeSize),
            hashes: proof.hashes.map(base64),
            checkpoint: { envelope: proof.checkpoint },
          },
        }),
    canonicalizedBody: base64(entry.body),
  };
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64');
}
