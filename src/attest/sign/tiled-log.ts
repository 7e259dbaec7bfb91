import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Http, jsonObjectIn } from '../../platform/http.ts';
import { type LogEntry, logEntryOf } from '../verify/bundle.ts';
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
export async function addToTiledLog(url: string, request: EntryRequest, http: Http): Promise<LogEntry> {
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
    const entry = logEntryOf(jsonObjectIn(response.body), url);
    if (entry.proof === null) throw new Error('no inclusion proof');
    return entry;
  } catch (cause) {
    throw serviceFailed(service, cause, null);
  }
}

/** Certificate or key as the log writes them. */
export function verifierOf(pem: string): Record<string, unknown> {
  const der = derOf(pem);
  return 'certificate' in der
    ? { x509Certificate: { rawBytes: der.certificate.toString('base64') } }
    : { publicKey: { rawBytes: der.key.export({ type: 'spki', format: 'der' }).toString('base64') } };
}

/** What is in the PEM of a certificate or of a public key. */
export function derOf(pem: string): { certificate: Buffer } | { key: KeyObject } {
  return pem.includes('BEGIN CERTIFICATE')
    ? { certificate: Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/gu, ''), 'base64') }
    : { key: createPublicKey(pem) };
}
