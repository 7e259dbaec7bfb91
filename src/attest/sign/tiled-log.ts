import { createPublicKey } from 'node:crypto';
import type { TransparencyLogEntry } from '@sigstore/bundle';
import type { Http } from '../../platform/http.ts';
import { BUNDLE_TYPE, bundleOf } from '../verify/bundle.ts';
import { askService, type NamedService, serviceFailed } from './service.ts';

/** What a log entry is made of: the digest of the signed bytes, the signature, and certificate or key in PEM. */
export interface EntryRequest {
  digest: Buffer;
  signature: Buffer;
  /** PEM of a certificate or a public key. */
  verifier: string;
}

const BYTES = 1024 * 1024;

/**
 * Adds a hashedrekord 0.0.2 to a Rekor v2 log (rekor-tiles, api/proto/rekor/v2). An envelope is logged by the digest of
 * its pre-authentication encoding. The answer comes when a checkpoint covers the entry. Throws SP-SIGN-LOG.
 */
export async function addToTiledLog(
  url: string,
  request: EntryRequest,
  http: Http,
): Promise<TransparencyLogEntry> {
  const body = {
    hashedRekordRequestV002: {
      digest: request.digest.toString('base64'),
      signature: {
        content: request.signature.toString('base64'),
        verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', ...verifierOf(request.verifier) },
      },
    },
  };
  const service: NamedService = { code: 'SP-SIGN-LOG', what: 'the transparency log', url };
  const response = await askService(
    service,
    {
      method: 'POST',
      url: `${url}/api/v2/log/entries`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      bytes: BYTES,
    },
    http,
  );
  try {
    return entryOf(JSON.parse(response.body.toString('utf8')), url);
  } catch (cause) {
    throw serviceFailed(service, `an answer that cannot be read: ${(cause as Error).message}`, null);
  }
}

/** The answer is held to the same format as the entry of a bundle. */
function entryOf(value: unknown, url: string): TransparencyLogEntry {
  const [entry] = bundleOf(
    {
      mediaType: BUNDLE_TYPE,
      verificationMaterial: { publicKey: {}, tlogEntries: [value] },
      messageSignature: { messageDigest: { algorithm: 'SHA2_256', digest: 'AA==' }, signature: 'AA==' },
    },
    url,
  ).entries;
  if (entry === undefined || entry.proof === null) throw new Error('no inclusion proof');
  const { proof } = entry;
  return {
    logIndex: String(entry.logIndex),
    logId: { keyId: entry.logId },
    kindVersion: { kind: entry.kind, version: entry.version },
    integratedTime: '0',
    inclusionPromise: undefined,
    inclusionProof: {
      logIndex: String(proof.logIndex),
      rootHash: proof.rootHash,
      treeSize: String(proof.treeSize),
      hashes: proof.hashes,
      checkpoint: { envelope: proof.checkpoint },
    },
    canonicalizedBody: entry.body,
  } as TransparencyLogEntry;
}

/** Certificate or key as the log writes them. */
export function verifierOf(pem: string): Record<string, unknown> {
  if (pem.includes('BEGIN CERTIFICATE')) {
    const der = pem.replace(/-----[A-Z ]+-----|\s/gu, '');
    return { x509Certificate: { rawBytes: der } };
  }
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  return { publicKey: { rawBytes: der.toString('base64') } };
}
