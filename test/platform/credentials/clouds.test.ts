import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { azureToken } from '../../../src/platform/credentials/azure.ts';
import { googleToken } from '../../../src/platform/credentials/google.ts';
import { Cloud, type Service } from '../../attest/kms/cloud.ts';
import { temporaryFolder, testContext } from '../../gate/support.ts';

const clouds: Cloud[] = [];
afterEach(() => {
  for (const cloud of clouds.splice(0)) cloud.stop();
});

async function world(services: Record<string, Service>, env: Record<string, string>) {
  const cloud = await new Cloud(services).start();
  clouds.push(cloud);
  return { cloud, context: testContext({ env, http: cloud.http }) };
}

const NOW = Date.parse('2026-06-01T12:00:00Z');
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
const form = (body: string) => Object.fromEntries(new URLSearchParams(body));
const file = (content: object) => {
  const path = join(temporaryFolder(), 'credentials.json');
  writeFileSync(path, JSON.stringify(content));
  return { GOOGLE_APPLICATION_CREDENTIALS: path };
};
const RUNNER = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://runner.example/token?api-version=2.0',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner-bearer',
};
const runner: Service = ({ path, headers }) =>
  headers.authorization === 'Bearer runner-bearer'
    ? { body: { value: `identity for ${new URL(path, 'https://x').searchParams.get('audience')}` } }
    : { status: 401, body: {} };

describe('a token of Google Cloud', () => {
  it('is asked for with the key of a service account', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const account = {
      type: 'service_account',
      client_email: 'release@acme.iam.gserviceaccount.com',
      private_key_id: 'k1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      token_uri: 'https://oauth2.googleapis.com/token',
    };
    const services: Record<string, Service> = {
      'oauth2.googleapis.com': ({ body }) => {
        const { assertion = '', grant_type: type } = form(body);
        const [header = '', claims = '', signature = ''] = assertion.split('.');
        const said = JSON.parse(Buffer.from(claims, 'base64url').toString());
        const good =
          type === 'urn:ietf:params:oauth:grant-type:jwt-bearer' &&
          verify(
            'sha256',
            Buffer.from(`${header}.${claims}`),
            createPublicKey(publicKey.export({ type: 'spki', format: 'pem' })),
            Buffer.from(signature, 'base64url'),
          ) &&
          said.iss === account.client_email &&
          said.scope === SCOPE &&
          said.aud === account.token_uri &&
          said.exp - said.iat === 3600;
        return good ? { body: { access_token: 'g', expires_in: 3599 } } : { status: 400, body: {} };
      },
    };
    const { context } = await world(services, file(account));
    expect(await googleToken(SCOPE, context)).toEqual({ value: 'g', expires: NOW + 3_599_000 });
    const broken = await world(services, file({ ...account, private_key: 'none' }));
    await expect(googleToken(SCOPE, broken.context)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
  });

  const audience =
    '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/github';
  const elsewhere = {
    type: 'external_account',
    audience,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    service_account_impersonation_url:
      'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/release@acme.iam.gserviceaccount.com:generateAccessToken',
    credential_source: {
      url: 'https://evil.example/token',
      headers: { Authorization: 'Bearer runner-bearer' },
      format: { type: 'json', subject_token_field_name: 'value' },
    },
  };
  const services: Record<string, Service> = {
    'runner.example': runner,
    'sts.googleapis.com': ({ body }) => {
      const { subject_token: token, audience: of } = form(body);
      return token === `identity for https:${audience}` && of === audience
        ? { body: { access_token: 'federated', expires_in: 3600 } }
        : { status: 400, body: {} };
    },
    'iamcredentials.googleapis.com': ({ body, headers }) =>
      headers.authorization === 'Bearer federated' && JSON.parse(body).scope[0] === SCOPE
        ? { body: { accessToken: 'account', expireTime: '2026-06-01T13:00:00Z' } }
        : { status: 403, body: {} },
  };

  it('is exchanged for the identity of a job, which is asked for at the runner alone', async () => {
    const { cloud, context } = await world(services, { ...file(elsewhere), ...RUNNER });
    expect(await googleToken(SCOPE, context)).toEqual({ value: 'account', expires: NOW + 3_600_000 });
    expect(cloud.asked.map(({ host }) => host)).not.toContain('evil.example');
  });

  it.each([
    ['another token service', { token_url: 'https://sts.googleapis.com.evil.example/v1/token' }],
    ['one in clear', { token_url: 'http://sts.googleapis.com/v1/token' }],
    ['another service for the account', { service_account_impersonation_url: 'https://evil.example/' }],
    ['a program as the source', { credential_source: { executable: { command: 'sh' } } }],
    ['another type', { type: 'authorized_user' }],
  ])('is not asked for by a file that names %s', async (_name, change) => {
    const { cloud, context } = await world(services, { ...file({ ...elsewhere, ...change }), ...RUNNER });
    await expect(googleToken(SCOPE, context)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
    expect(cloud.asked.every(({ host }) => host in services)).toBe(true);
  });

  it('is that of the machine where nothing else is said', async () => {
    const metadata: Service = ({ headers }) =>
      headers['metadata-flavor'] === 'Google'
        ? { body: { access_token: 'm', expires_in: 10 } }
        : { status: 403, body: {} };
    const { context } = await world({ 'metadata.google.internal': metadata }, {});
    expect(await googleToken(SCOPE, context)).toEqual({ value: 'm', expires: NOW + 10_000 });
    const none = await world({}, {});
    await expect(googleToken(SCOPE, none.context)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
  });
});

describe('a token of Azure', () => {
  const scope = 'https://vault.azure.net/.default';
  const authority = 'https://login.microsoftonline.com';
  const app = { AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_ID: 'client' };
  const login = (assertion: string): Record<string, Service> => ({
    'runner.example': runner,
    'login.microsoftonline.com': ({ body, path }) => {
      const sent = form(body);
      const good =
        path === '/tenant/oauth2/v2.0/token' &&
        sent.client_id === 'client' &&
        sent.client_assertion === assertion &&
        sent.client_assertion_type === 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
      return good ? { body: { access_token: 'a', expires_in: 60 } } : { status: 401, body: {} };
    },
  });

  it('is proven by the identity of a job, or by the token of a file', async () => {
    const job = await world(login('identity for api://AzureADTokenExchange'), { ...app, ...RUNNER });
    const issued = { value: 'a', expires: NOW + 60_000 };
    expect(await azureToken(scope, authority, job.context)).toEqual(issued);
    const path = join(temporaryFolder(), 'token');
    writeFileSync(path, 'of the pod\n');
    const pod = await world(login('of the pod'), { ...app, AZURE_FEDERATED_TOKEN_FILE: path });
    expect(await azureToken(scope, authority, pod.context)).toEqual(issued);
    const other = await world(login('of another pod'), { ...app, AZURE_FEDERATED_TOKEN_FILE: path });
    const refused = azureToken(scope, authority, other.context);
    await expect(refused).rejects.toMatchObject({ code: 'SP-CREDENTIAL', problem: { found: 'HTTP 401' } });
  });

  it('is that of the machine where no application is named', async () => {
    const metadata: Service = ({ headers, path }) =>
      headers.metadata === 'true' && path.includes('resource=https%3A%2F%2Fvault.azure.net')
        ? { body: { access_token: 'm', expires_in: '60' } }
        : { status: 400, body: {} };
    const { context } = await world({ '169.254.169.254': metadata }, {});
    expect(await azureToken(scope, authority, context)).toEqual({ value: 'm', expires: NOW + 60_000 });
    const none = await world({}, {});
    await expect(azureToken(scope, authority, none.context)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
    const half = await world({}, { AZURE_TENANT_ID: 'tenant' });
    await expect(azureToken(scope, authority, half.context)).rejects.toMatchObject({ code: 'SP-CREDENTIAL' });
  });
});
