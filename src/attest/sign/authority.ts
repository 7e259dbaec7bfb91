import { isObject, textOf } from '../../model/json/values.ts';
import { type Http, jsonObjectIn } from '../../platform/http.ts';
import type { KeyHolder } from './key.ts';
import { askService, type NamedService, serviceFailed } from './service.ts';
import type { IdentityToken } from './token.ts';

const BYTES = 1024 * 1024;

/**
 * A certificate for `key` from Fulcio's interface v2 (fulcio.proto, CreateSigningCertificate), in PEM. The request proves
 * that the key is held by signing the token's subject. Throws SP-SIGN-CERTIFICATE.
 */
export async function certify(
  key: KeyHolder,
  { raw, claims }: IdentityToken,
  url: string,
  http: Http,
): Promise<string> {
  const service: NamedService = { code: 'SP-SIGN-CERTIFICATE', what: 'the certificate authority', url };
  const subject = textOf(claims.email) ?? textOf(claims.sub);
  if (subject === undefined) throw serviceFailed(service, 'an identity token without a subject', null);
  if (claims.email !== undefined && claims.email_verified !== true)
    throw serviceFailed(service, 'an identity token whose address nobody verified', null);
  const proof = await key.sign(Buffer.from(subject));
  const content = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const response = await askService(
    service,
    {
      method: 'POST',
      url: `${url}/api/v2/signingCert`,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({
        credentials: { oidcIdentityToken: raw },
        publicKeyRequest: {
          publicKey: { algorithm: 'ECDSA', content },
          proofOfPossession: proof.toString('base64'),
        },
      }),
      bytes: BYTES,
    },
    http,
  );
  const certificate = certificateIn(response.body);
  if (certificate === null) throw serviceFailed(service, 'an answer without a certificate', null);
  return certificate;
}

/** The leaf, which comes first; whether its timestamp of the certificate log is in it or beside it is not asked here. */
function certificateIn(body: Buffer): string | null {
  const answer = jsonObjectIn(body);
  const signed = answer?.signedCertificateEmbeddedSct ?? answer?.signedCertificateDetachedSct;
  const chain = isObject(signed) && isObject(signed.chain) ? signed.chain.certificates : null;
  const leaf: unknown = Array.isArray(chain) ? chain[0] : null;
  return typeof leaf === 'string' && leaf.includes('-----BEGIN CERTIFICATE-----') ? leaf : null;
}
