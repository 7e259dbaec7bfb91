import { type Asked, foreign, key, pem, type Service, signDigest, spki } from './cloud.ts';

type Pair = ReturnType<typeof key>;

/** What a service does wrong; `right` where it does nothing wrong. */
export type Manner =
  | 'right'
  | 'other-type'
  | 'not-for-signing'
  | 'no-key'
  | 'foreign-signature'
  | 'another-digest'
  | 'no-signature'
  | 'denied'
  | 'rubbish'
  | 'redirect';

/** A key service as its vendor documents it, with a key that is rotated right after its public half was given. */
export interface Stood {
  reference: string;
  env: Record<string, string>;
  /** What must go to the service itself alone. */
  secrets: string[];
  services: (pair: Pair, manner: Manner) => Record<string, Service>;
}

const ELSEWHERE = 'elsewhere.example';
const bodyOf = ({ body }: Asked) => JSON.parse(body) as Record<string, never>;

/** The answers that every vendor gives in the same way, or null. */
function common(manner: Manner, denied: object) {
  if (manner === 'denied') return { status: 403, body: denied };
  if (manner === 'rubbish') return { body: '<html>' };
  if (manner === 'redirect') return { status: 307, headers: { location: `https://${ELSEWHERE}/` }, body: {} };
  return null;
}

function signatureBy(pair: Pair, manner: Manner, digest: Buffer, format: 'der' | 'compact'): Buffer {
  if (manner === 'no-signature') return Buffer.from('no signature');
  if (manner === 'another-digest') return signDigest(pair, Buffer.alloc(32, 7), format);
  if (manner === 'foreign-signature')
    return format === 'der' ? foreign(digest) : signDigest(key(), digest, format);
  return signDigest(pair, digest, format);
}

const ARN = 'arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab';
export const aws: Stood = {
  reference: 'awskms:///alias/release',
  env: { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'aws-hidden' },
  secrets: ['aws-hidden', 'AWS4-HMAC-SHA256'],
  services: (pair, manner) => ({
    'kms.eu-central-1.amazonaws.com': (asked) => {
      const all = common(manner, { __type: 'AccessDeniedException', message: 'not yours' });
      if (all !== null) return all;
      const { authorization = '', 'x-amz-target': target } = asked.headers;
      if (!/AKID\/\d{8}\/eu-central-1\/kms\/aws4_request/u.test(String(authorization)))
        return { status: 400, body: { __type: 'IncompleteSignature' } };
      const body = bodyOf(asked);
      if (target === 'TrentService.GetPublicKey') {
        if (body.KeyId !== 'alias/release') return { status: 400, body: { __type: 'NotFoundException' } };
        return {
          body: {
            KeyId: ARN,
            KeySpec: manner === 'other-type' ? 'ECC_SECG_P256K1' : 'ECC_NIST_P256',
            KeyUsage: manner === 'not-for-signing' ? 'KEY_AGREEMENT' : 'SIGN_VERIFY',
            PublicKey: manner === 'no-key' ? 'AAAA' : spki(pair.publicKey).toString('base64'),
            SigningAlgorithms: manner === 'other-type' ? ['ECDSA_SHA_384'] : ['ECDSA_SHA_256'],
          },
        };
      }
      const { KeyId, Message, MessageType, SigningAlgorithm } = body;
      if (target !== 'TrentService.Sign' || KeyId !== ARN || MessageType !== 'DIGEST')
        return { status: 400, body: { __type: 'ValidationException' } };
      const signature = signatureBy(pair, manner, Buffer.from(Message ?? '', 'base64'), 'der');
      return { body: { KeyId: ARN, Signature: signature.toString('base64'), SigningAlgorithm } };
    },
  }),
};

const GOOGLE_KEY = 'projects/acme/locations/europe/keyRings/release/cryptoKeys/sign';
export const google: Stood = {
  reference: `gcpkms://${GOOGLE_KEY}`,
  env: { CLOUDSDK_AUTH_ACCESS_TOKEN: 'google-hidden' },
  secrets: ['google-hidden'],
  services: (pair, manner) => ({
    'cloudkms.googleapis.com': (asked) => {
      const all = common(manner, { error: { code: 403, message: 'not yours', status: 'PERMISSION_DENIED' } });
      if (all !== null) return all;
      const { headers, path, method } = asked;
      if (headers.authorization !== 'Bearer google-hidden') return { status: 401, body: {} };
      const [resource = '', query = ''] = path.replace(/^\/v1\//u, '').split('?');
      const version = (number: number, state = 'ENABLED') => ({
        name: `${GOOGLE_KEY}/cryptoKeyVersions/${number}`,
        state,
      });
      if (resource === `${GOOGLE_KEY}/cryptoKeyVersions`)
        return query.includes('pageToken=more')
          ? { body: { cryptoKeyVersions: [version(10), version(11, 'DISABLED')] } }
          : { body: { cryptoKeyVersions: [version(2), version(9)], nextPageToken: 'more' } };
      if (resource === `${GOOGLE_KEY}/cryptoKeyVersions/10/publicKey`)
        return {
          body: {
            pem: manner === 'no-key' ? 'none' : pem(pair.publicKey),
            algorithm:
              manner === 'other-type'
                ? 'EC_SIGN_P384_SHA384'
                : manner === 'not-for-signing'
                  ? 'RSA_DECRYPT_OAEP_2048_SHA256'
                  : 'EC_SIGN_P256_SHA256',
            name: `${GOOGLE_KEY}/cryptoKeyVersions/10`,
          },
        };
      if (method !== 'POST' || resource !== `${GOOGLE_KEY}/cryptoKeyVersions/10:asymmetricSign`)
        return { status: 404, body: { error: { message: 'not found' } } };
      const { sha256 = '' } = bodyOf(asked).digest as unknown as { sha256?: string };
      const signature = signatureBy(pair, manner, Buffer.from(sha256, 'base64'), 'der');
      return { body: { signature: signature.toString('base64'), name: resource } };
    },
  }),
};

const AZURE_VERSION = '5f1d0c0a4f6b4f0e8a3c6f2b1f7d9e11';
export const azure: Stood = {
  reference: 'azurekms://acme.vault.azure.net/release',
  env: { AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_ID: 'client', AZURE_CLIENT_SECRET: 'azure-hidden' },
  secrets: ['azure-hidden', 'azure-token'],
  services: (pair, manner) => ({
    'login.microsoftonline.com': ({ body, path }) => {
      const form = Object.fromEntries(new URLSearchParams(body));
      const good =
        path === '/tenant/oauth2/v2.0/token' &&
        form.grant_type === 'client_credentials' &&
        form.scope === 'https://vault.azure.net/.default' &&
        form.client_secret === 'azure-hidden';
      return good ? { body: { access_token: 'azure-token', expires_in: 3599 } } : { status: 400, body: {} };
    },
    'acme.vault.azure.net': (asked) => {
      const all = common(manner, { error: { code: 'Forbidden', message: 'not yours' } });
      if (all !== null) return all;
      const { headers, path } = asked;
      if (headers.authorization !== 'Bearer azure-token') return { status: 401, body: {} };
      const { x, y } = pair.publicKey.export({ format: 'jwk' });
      const kid = `https://acme.vault.azure.net/keys/release/${AZURE_VERSION}`;
      if (path === '/keys/release?api-version=7.4') {
        const crv = manner === 'other-type' ? 'P-256K' : 'P-256';
        const key_ops = manner === 'not-for-signing' ? ['wrapKey'] : ['sign', 'verify'];
        const point = manner === 'no-key' ? { x: 'AA', y: 'AA' } : { x, y };
        return {
          body: { key: { kid, kty: 'EC-HSM', crv, key_ops, ...point }, attributes: { enabled: true } },
        };
      }
      if (path !== `/keys/release/${AZURE_VERSION}/sign?api-version=7.4`) return { status: 404, body: {} };
      const { alg, value } = bodyOf(asked);
      if (alg !== 'ES256') return { status: 400, body: {} };
      const signature = signatureBy(pair, manner, Buffer.from(value ?? '', 'base64url'), 'compact');
      return { body: { kid, value: signature.toString('base64url') } };
    },
  }),
};

export const vault: Stood = {
  reference: 'hashivault://release-key',
  env: { VAULT_ADDR: 'https://vault.acme.example', VAULT_TOKEN: 'vault-hidden', VAULT_NAMESPACE: 'team' },
  secrets: ['vault-hidden'],
  services: (pair, manner) => {
    const given = pem(pair.publicKey);
    return {
      'vault.acme.example': (asked) => {
        const all = common(manner, { errors: ['permission denied'] });
        if (all !== null) return all;
        const { headers, path, method } = asked;
        if (headers['x-vault-token'] !== 'vault-hidden' || headers['x-vault-namespace'] !== 'team')
          return { status: 403, body: { errors: ['permission denied'] } };
        if (method === 'GET' && path === '/v1/transit/keys/release-key')
          return {
            body: {
              data: {
                type:
                  manner === 'other-type'
                    ? 'ecdsa-p384'
                    : manner === 'not-for-signing'
                      ? 'aes256-gcm96'
                      : 'ecdsa-p256',
                latest_version: 3,
                keys: {
                  2: { public_key: pem(key().publicKey), name: 'P-256' },
                  3: { public_key: manner === 'no-key' ? '' : given, name: 'P-256' },
                },
              },
            },
          };
        const { input, prehashed, hash_algorithm, marshaling_algorithm, key_version } = bodyOf(asked);
        const good =
          path === '/v1/transit/sign/release-key' &&
          prehashed === true &&
          hash_algorithm === 'sha2-256' &&
          marshaling_algorithm === 'asn1' &&
          key_version === 3;
        if (!good) return { status: 400, body: { errors: ['invalid request'] } };
        const signature = signatureBy(pair, manner, Buffer.from(input ?? '', 'base64'), 'der');
        return { body: { data: { signature: `vault:v3:${signature.toString('base64')}`, key_version: 3 } } };
      },
    };
  },
};
