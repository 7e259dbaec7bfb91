import type { Http } from '../../platform/http.ts';
import { sha256 } from '../encoding/x509.ts';
import { askService, type NamedService } from './service.ts';

const BYTES = 64 * 1024;
const PATH = '/api/v1/timestamp';

/**
 * An RFC 3161 answer about a signature, by the JSON request of Sigstore's timestamp authority (openapi.yaml,
 * getTimestampResponse). An address without a path gets the usual one. Throws SP-SIGN-TIMESTAMP.
 */
export async function timestampOf(signature: Buffer, url: string, http: Http): Promise<Buffer> {
  const service: NamedService = { code: 'SP-SIGN-TIMESTAMP', what: 'the timestamp authority', url };
  const response = await askService(
    service,
    {
      method: 'POST',
      url: new URL(url).pathname === '/' ? new URL(PATH, url).href : url,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        artifactHash: sha256(signature).toString('base64'),
        hashAlgorithm: 'sha256',
      }),
      bytes: BYTES,
    },
    http,
  );
  return response.body;
}
