import { SallyportError } from '../../model/error.ts';
import { FieldError, Fields } from '../encoding/fields.ts';
import { parseSignedJson } from '../encoding/json.ts';

/** Bounds of a bundle. GitHub takes predicates of 16 MB; base64 and a statement around it make them a third larger. */
export const BUNDLE_LIMITS = {
  bytes: 40 * 1024 * 1024,
  payload: 24 * 1024 * 1024,
  body: 34 * 1024 * 1024,
  entries: 8,
  timestamps: 8,
  certificates: 8,
  proof: 64,
} as const;

export const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const MEDIA_TYPE = /^application\/vnd\.dev\.sigstore\.bundle(?:\+json;version=(0\.[123])|\.v(0\.3)\+json)$/u;

export interface InclusionProof {
  logIndex: number;
  treeSize: number;
  rootHash: Buffer;
  hashes: Buffer[];
  checkpoint: string;
}

export interface LogEntry {
  logIndex: number;
  /** sha256 of the log's key, or the note key hash of a tiled log. */
  logId: Buffer;
  kind: string;
  version: string;
  /** Seconds since 1970; null where the entry has none (Rekor v2). */
  integratedTime: number | null;
  signedEntryTimestamp: Buffer | null;
  proof: InclusionProof | null;
  body: Buffer;
}

export type SignedContent =
  | { kind: 'message'; algorithm: DigestAlgorithm; digest: Buffer; signature: Buffer }
  | {
      kind: 'dsse';
      payload: Buffer;
      payloadType: string;
      signature: Buffer;
      /** The envelope's own bytes, where it came as a document by itself (cosign before version 3). */
      envelope?: Buffer;
    };

export type DigestAlgorithm = 'sha256' | 'sha384' | 'sha512';

/** A Sigstore bundle (protobuf-specs, sigstore_bundle.proto), v0.1 to v0.3, as it says of itself. */
export interface Bundle {
  version: '0.1' | '0.2' | '0.3';
  signer: { kind: 'certificate'; leaf: Buffer; others: Buffer[] } | { kind: 'key'; hint: string };
  entries: LogEntry[];
  timestamps: Buffer[];
  content: SignedContent;
}

const ALGORITHMS: Readonly<Record<string, DigestAlgorithm>> = {
  SHA2_256: 'sha256',
  SHA2_384: 'sha384',
  SHA2_512: 'sha512',
};

/** Reads a bundle strictly. Throws SP-BUNDLE-FORMAT or SP-BUNDLE-VERSION, naming the member. `path` is for messages. */
export function readBundle(bytes: Uint8Array, path: string): Bundle {
  const value = parseSignedJson(bytes, path, {
    bytes: BUNDLE_LIMITS.bytes,
    depth: 16,
    string: BUNDLE_LIMITS.bytes,
  });
  return bundleOf(value, path);
}

/** The same from a value that was parsed before, such as a line of an attestations file. */
export function bundleOf(value: unknown, path: string): Bundle {
  return readAs('the bundle', path, () => {
    const fields = new Fields(value, '');
    const version = versionOf(fields.text('mediaType', 200), path);
    const material = fields.object('verificationMaterial');
    const bundle: Bundle = {
      version,
      signer: signerOf(material, version),
      entries: material.objects('tlogEntries', BUNDLE_LIMITS.entries).map((entry) => entryOf(entry, version)),
      timestamps: timestampsOf(material),
      content: contentOf(fields),
    };
    material.end();
    fields.end();
    return bundle;
  });
}

/** One entry of a log as a bundle v0.3 has it, such as a log itself answers. Throws SP-BUNDLE-FORMAT. */
export function logEntryOf(value: unknown, path: string): LogEntry {
  return readAs('the log entry', path, () => entryOf(new Fields(value, ''), '0.3'));
}

function readAs<Read>(what: string, path: string, read: () => Read): Read {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof FieldError)) throw cause;
    throw new SallyportError(
      {
        code: 'SP-BUNDLE-FORMAT',
        message: `${what} is not as its format says: ${cause.path}`,
        place: { path },
        expected: cause.expected,
        found: cause.found,
        next: 'get the bundle again from where it was published; a Sigstore bundle v0.1 to v0.3 is read',
      },
      { cause },
    );
  }
}

function versionOf(mediaType: string, path: string): Bundle['version'] {
  const match = MEDIA_TYPE.exec(mediaType);
  const version = match?.[1] ?? match?.[2];
  if (version === '0.1' || version === '0.2' || version === '0.3') return version;
  throw new SallyportError({
    code: 'SP-BUNDLE-VERSION',
    message: 'the bundle has a media type that is not read',
    place: { path },
    expected: `${BUNDLE_TYPE} (or v0.1, v0.2)`,
    found: mediaType.slice(0, 120),
  });
}

function signerOf(material: Fields, version: Bundle['version']): Bundle['signer'] {
  const kinds = ['publicKey', 'certificate', 'x509CertificateChain'].filter((name) => material.has(name));
  if (kinds.length !== 1) {
    throw new FieldError(
      'verificationMaterial',
      'exactly one of publicKey, certificate, x509CertificateChain',
      kinds.length === 0 ? 'none' : kinds.join(' and '),
    );
  }
  if (kinds[0] === 'publicKey') {
    const key = material.object('publicKey');
    const hint = key.optionalText('hint', 1000) ?? '';
    key.end();
    return { kind: 'key', hint };
  }
  if (kinds[0] === 'certificate') {
    return { kind: 'certificate', leaf: certificateOf(material.object('certificate')), others: [] };
  }
  if (version === '0.3') {
    throw new FieldError('verificationMaterial', 'a single certificate in v0.3', 'x509CertificateChain');
  }
  const chain = material.object('x509CertificateChain');
  const [leaf, ...others] = chain.objects('certificates', BUNDLE_LIMITS.certificates).map(certificateOf);
  chain.end();
  if (leaf === undefined) {
    throw new FieldError('verificationMaterial.x509CertificateChain', 'a certificate', 'an empty chain');
  }
  return { kind: 'certificate', leaf, others };
}

function certificateOf(fields: Fields): Buffer {
  const bytes = fields.bytes('rawBytes', 64 * 1024);
  fields.end();
  return bytes;
}

function entryOf(fields: Fields, version: Bundle['version']): LogEntry {
  const logId = fields.object('logId');
  const kind = fields.object('kindVersion');
  const promise = fields.optionalObject('inclusionPromise');
  const proof = fields.optionalObject('inclusionProof');
  const entry: LogEntry = {
    logIndex: fields.has('logIndex') ? fields.integer('logIndex') : 0,
    logId: logId.bytes('keyId', 64),
    kind: kind.text('kind', 40),
    version: kind.text('version', 20),
    integratedTime: fields.has('integratedTime') ? fields.integer('integratedTime') || null : null,
    signedEntryTimestamp: promise?.bytes('signedEntryTimestamp', 2048) ?? null,
    proof: proof === null ? null : proofOf(proof, version === '0.1' && promise !== null),
    body: fields.bytes('canonicalizedBody', BUNDLE_LIMITS.body),
  };
  for (const part of [logId, kind, promise, fields]) part?.end();
  if (entry.proof === null && (version !== '0.1' || entry.signedEntryTimestamp === null)) {
    throw new FieldError(fields.at('inclusionProof'), 'an inclusion proof', 'nothing');
  }
  return entry;
}

/** Before v0.2 a proof came without a checkpoint and so proved nothing: with `bare` such a one counts as absent. */
function proofOf(fields: Fields, bare: boolean): InclusionProof | null {
  const holder = fields.optionalObject('checkpoint');
  if (bare && holder?.has('envelope') !== true) return null;
  const checkpoint = holder ?? fields.object('checkpoint');
  const path = fields.at('hashes');
  const proof: InclusionProof = {
    logIndex: fields.has('logIndex') ? fields.integer('logIndex') : 0,
    treeSize: fields.integer('treeSize'),
    rootHash: fields.bytes('rootHash', 32),
    hashes: fields
      .list('hashes', BUNDLE_LIMITS.proof)
      .map((hash, index) => new Fields({ hash }, `${path}[${index}]`).bytes('hash', 32)),
    checkpoint: checkpoint.text('envelope', 64 * 1024),
  };
  checkpoint.end();
  fields.end();
  for (const hash of [proof.rootHash, ...proof.hashes]) {
    if (hash.length !== 32) throw new FieldError(fields.path, 'hashes of 32 bytes', `${hash.length} bytes`);
  }
  return proof;
}

function timestampsOf(material: Fields): Buffer[] {
  const data = material.optionalObject('timestampVerificationData');
  if (data === null) return [];
  const timestamps = data.objects('rfc3161Timestamps', BUNDLE_LIMITS.timestamps).map((entry) => {
    const bytes = entry.bytes('signedTimestamp', 64 * 1024);
    entry.end();
    return bytes;
  });
  data.end();
  return timestamps;
}

function contentOf(fields: Fields): SignedContent {
  const message = fields.optionalObject('messageSignature');
  const envelope = fields.optionalObject('dsseEnvelope');
  if ((message === null) === (envelope === null)) {
    throw new FieldError(
      '',
      'either messageSignature or dsseEnvelope',
      message === null ? 'neither' : 'both',
    );
  }
  return message === null ? envelopeOf(envelope as Fields) : messageOf(message);
}

function messageOf(fields: Fields): SignedContent {
  const digest = fields.object('messageDigest');
  const name = digest.text('algorithm', 40);
  const algorithm = Object.hasOwn(ALGORITHMS, name) ? ALGORITHMS[name] : undefined;
  if (algorithm === undefined) {
    throw new FieldError(digest.at('algorithm'), Object.keys(ALGORITHMS).join(', '), name);
  }
  const content: SignedContent = {
    kind: 'message',
    algorithm,
    digest: digest.bytes('digest', 64),
    signature: fields.bytes('signature', 4096),
  };
  digest.end();
  fields.end();
  return content;
}

function envelopeOf(fields: Fields): SignedContent {
  const signatures = fields.objects('signatures', 8);
  const [signature, ...more] = signatures;
  if (signature === undefined || more.length > 0) {
    throw new FieldError(fields.at('signatures'), 'exactly one signature', `${signatures.length}`);
  }
  // Not signed and not used: the key is told by the certificate, or by whoever verifies.
  signature.optionalText('keyid', 1000);
  const content: SignedContent = {
    kind: 'dsse',
    payload: fields.optionalBytes('payload', BUNDLE_LIMITS.payload) ?? Buffer.alloc(0),
    payloadType: fields.text('payloadType', 200),
    signature: signature.bytes('sig', 4096),
  };
  signature.end();
  fields.end();
  return content;
}
