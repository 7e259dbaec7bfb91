import { SallyportError } from '../../model/error.ts';
import { isObject, type Json, objectsOf, textOf } from '../../model/json/values.ts';
import { FieldError, Fields } from '../encoding/fields.ts';
import { sha256 } from '../encoding/x509.ts';
import type { Bundle, LogEntry } from '../verify/bundle.ts';
import { BUNDLE_LIMITS } from '../verify/bundle.ts';
import { malformed, objectIn } from './referrer.ts';
import type { Found } from './store.ts';

const SIGNATURE_LAYER = 'application/vnd.dev.cosign.simplesigning.v1+json';
const ENVELOPE_LAYER = 'application/vnd.dsse.envelope.v1+json';
const MAX_LAYERS = 200;

/** The tags under which cosign before version 3 kept signatures and attestations of `sha256:HEX`. */
export function legacyTags(digest: string): string[] {
  const stem = digest.replace(':', '-');
  return [`${stem}.sig`, `${stem}.att`];
}

/** What lies behind such a tag, each layer as a bundle in today's form (cosign: specs/SIGNATURE_SPEC.md). */
export async function legacyBundles(
  manifest: Buffer,
  where: string,
  blob: (digest: string, limit: number) => Promise<Buffer>,
): Promise<Found[]> {
  const layers = objectsOf(objectIn(manifest, where).layers);
  if (layers.length > MAX_LAYERS)
    throw malformed(where, `at most ${MAX_LAYERS} layers`, String(layers.length));
  const found: Found[] = [];
  for (const layer of layers) {
    const digest = textOf(layer.digest);
    const type = textOf(layer.mediaType);
    if (digest === undefined || (type !== SIGNATURE_LAYER && type !== ENVELOPE_LAYER)) continue;
    const name = `${where}#${digest}`;
    const annotations = isObject(layer.annotations) ? layer.annotations : {};
    try {
      const payload = await blob(digest, BUNDLE_LIMITS.bytes);
      const document = type === SIGNATURE_LAYER ? payload : null;
      const bundle = bundleOrError(payload, annotations, document !== null, name);
      found.push({ where: name, bundle, document });
    } catch (thrown) {
      // As with a bundle: one layer that cannot be had is one broken signature, unless nothing can be had any more.
      if (!(thrown instanceof SallyportError) || thrown.code === 'SP-STORE-LIMIT') throw thrown;
      found.push({ where: name, bundle: thrown, document: null });
    }
  }
  return found;
}

function bundleOrError(payload: Buffer, annotations: Json, simple: boolean, where: string): Found['bundle'] {
  try {
    return {
      version: '0.1',
      signer: signerOf(textOf(annotations['dev.sigstore.cosign/certificate'])),
      entries: entriesOf(textOf(annotations['dev.sigstore.cosign/bundle'])),
      timestamps: timestampsOf(textOf(annotations['dev.sigstore.cosign/rfc3161timestamp'])),
      content: simple ? simpleContent(payload, annotations) : envelopeContent(payload, where),
    };
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown;
    if (thrown instanceof FieldError || thrown instanceof SyntaxError)
      return malformed(where, 'a signature of cosign', thrown.message);
    throw thrown;
  }
}

function simpleContent(payload: Buffer, annotations: Json): Bundle['content'] {
  const signature = new Fields(annotations, '').bytes('dev.cosignproject.cosign/signature', 4096);
  return { kind: 'message', algorithm: 'sha256', digest: sha256(payload), signature };
}

function envelopeContent(bytes: Buffer, where: string): Bundle['content'] {
  const fields = new Fields(objectIn(bytes, where), '');
  const [signature, ...more] = fields.objects('signatures', 8);
  if (signature === undefined || more.length > 0)
    throw new FieldError('signatures', 'one signature', `${more.length + 1}`);
  return {
    kind: 'dsse',
    payload: fields.bytes('payload', BUNDLE_LIMITS.payload),
    payloadType: fields.text('payloadType', 200),
    signature: signature.bytes('sig', 4096),
    envelope: bytes,
  };
}

function signerOf(pem: string | undefined): Bundle['signer'] {
  if (pem === undefined) return { kind: 'key', hint: '' };
  const match = /^-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/u.exec(pem);
  if (match === null) throw new FieldError('certificate', 'one certificate in PEM', 'something else');
  return { kind: 'certificate', leaf: Buffer.from(match[1] ?? '', 'base64'), others: [] };
}

/** Rekor's answer as cosign kept it: the entry with its signed timestamp, without an inclusion proof. */
function entriesOf(text: string | undefined): LogEntry[] {
  if (text === undefined) return [];
  const fields = new Fields(JSON.parse(text), 'bundle');
  const payload = fields.object('Payload');
  const body = payload.bytes('body', BUNDLE_LIMITS.body);
  const entry = objectIn(body, 'bundle.Payload.body');
  const logId = payload.text('logID', 128);
  if (!/^[0-9a-f]{64}$/u.test(logId)) throw new FieldError('bundle.Payload.logID', '64 hex digits', logId);
  return [
    {
      logIndex: payload.integer('logIndex'),
      logId: Buffer.from(logId, 'hex'),
      kind: textOf(entry.kind) ?? '',
      version: textOf(entry.apiVersion) ?? '',
      integratedTime: payload.integer('integratedTime'),
      signedEntryTimestamp: fields.bytes('SignedEntryTimestamp', 2048),
      proof: null,
      body,
    },
  ];
}

function timestampsOf(text: string | undefined): Buffer[] {
  if (text === undefined) return [];
  return [new Fields(JSON.parse(text), 'rfc3161timestamp').bytes('SignedRFC3161Timestamp', 64 * 1024)];
}

/** The image that a simple signing document is about (containers/image: docs/containers-signature.5.md). */
export function imageIn(document: Buffer): string | null {
  try {
    const value = objectIn(document, '');
    const critical = isObject(value.critical) ? value.critical : {};
    const image = isObject(critical.image) ? critical.image : {};
    return critical.type === 'cosign container image signature' ||
      critical.type === 'atomic container signature'
      ? (textOf(image['docker-manifest-digest']) ?? null)
      : null;
  } catch (thrown) {
    if (thrown instanceof SallyportError) return null;
    throw thrown;
  }
}
