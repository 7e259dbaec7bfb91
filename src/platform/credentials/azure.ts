import type { Context } from '../context.ts';
import { jsonObjectIn } from '../http.ts';
import type { Issued } from './renewing.ts';
import { githubToken, givenToken, lacking } from './token.ts';

const LIMITS = { bytes: 256 * 1024, timeout: 10_000 };
/** The address of a machine's own metadata: nobody else can be there. */
const METADATA = 'http://169.254.169.254/metadata/identity/oauth2/token';

/** Azure's clouds: who gives tokens, and where vaults are. */
export const azureClouds = [
  { authority: 'https://login.microsoftonline.com', vaults: ['vault.azure.net', 'managedhsm.azure.net'] },
  {
    authority: 'https://login.microsoftonline.us',
    vaults: ['vault.usgovcloudapi.net', 'managedhsm.usgovcloudapi.net'],
  },
  {
    authority: 'https://login.partner.microsoftonline.cn',
    vaults: ['vault.azure.cn', 'managedhsm.azure.cn'],
  },
] as const;

/**
 * A token of Microsoft Entra for a scope: of the application AZURE_CLIENT_ID in AZURE_TENANT_ID, proven by
 * AZURE_FEDERATED_TOKEN_FILE, AZURE_CLIENT_SECRET or this job's identity; without them that of the machine's managed
 * identity. Throws SP-CREDENTIAL, SP-HTTP.
 */
export async function azureToken(
  scope: string,
  authority: string,
  context: Context,
): Promise<Issued<string>> {
  const { AZURE_TENANT_ID: tenant = '', AZURE_CLIENT_ID: client = '' } = context.env;
  if (tenant === '') return await managed(scope, client, context);
  if (!/^[A-Za-z0-9.-]{1,255}$/u.test(tenant) || client === '')
    throw lacking('the application in Azure is not named', 'AZURE_TENANT_ID and AZURE_CLIENT_ID');
  const body = new URLSearchParams({
    client_id: client,
    scope,
    grant_type: 'client_credentials',
    ...(await proof(context)),
  });
  const answer = await context.http.request({
    method: 'POST',
    url: `${authority}/${tenant}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: body.toString(),
    limits: LIMITS,
    retries: 1,
    redirects: 0,
  });
  return issued(answer, context);
}

async function proof(context: Context): Promise<Record<string, string>> {
  const { AZURE_FEDERATED_TOKEN_FILE: file = '', AZURE_CLIENT_SECRET: secret = '' } = context.env;
  if (file === '' && secret !== '') return { client_secret: secret };
  const { value } =
    file === ''
      ? await githubToken('api://AzureADTokenExchange', context)
      : await givenToken({ file }, context);
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: value,
  };
}

async function managed(scope: string, client: string, context: Context): Promise<Issued<string>> {
  const query = new URLSearchParams({
    'api-version': '2018-02-01',
    resource: scope.replace(/\/\.default$/u, ''),
    ...(client === '' ? {} : { client_id: client }),
  });
  const answer = await context.http
    .request({
      method: 'GET',
      url: `${METADATA}?${query}`,
      headers: { metadata: 'true' },
      limits: { ...LIMITS, timeout: 3_000 },
      retries: 0,
      redirects: 0,
      plain: true,
    })
    .catch(() => null);
  if (answer === null)
    throw lacking(
      'there are no credentials for Azure',
      'AZURE_TENANT_ID and AZURE_CLIENT_ID, or a machine with a managed identity',
    );
  return issued(answer, context);
}

/** Nothing of the answer stands in a message: it may be a token. */
function issued({ status, body }: { status: number; body: Buffer }, context: Context): Issued<string> {
  const value = jsonObjectIn(body);
  if (status !== 200 || typeof value?.access_token !== 'string')
    throw lacking('Azure gave no token', 'HTTP 200 with a token', `HTTP ${status}`);
  const seconds = Number(value.expires_in);
  const expires = Number.isFinite(seconds) ? context.clock.now().getTime() + seconds * 1000 : null;
  return { value: value.access_token, expires };
}
