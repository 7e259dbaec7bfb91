import { createPrivateKey, sign } from 'node:crypto';
import { resolve } from 'node:path';
import { isObject, type Json, textOf } from '../../model/json/values.ts';
import type { Context } from '../context.ts';
import { type HttpRequest, jsonObjectIn } from '../http.ts';
import type { Issued } from './renewing.ts';
import { githubToken, givenToken, lacking } from './token.ts';

const LIMITS = { bytes: 256 * 1024, timeout: 10_000 };
const METADATA = 'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token';
const HOUR = 3_600;

/**
 * An access token of Google Cloud for a scope: CLOUDSDK_AUTH_ACCESS_TOKEN; what GOOGLE_APPLICATION_CREDENTIALS says (a
 * service account's key, or an identity of elsewhere that is exchanged, https://google.aip.dev/auth/4117); else that of
 * the machine. Throws SP-CREDENTIAL, SP-HTTP, SP-FILE-*.
 */
export async function googleToken(scope: string, context: Context): Promise<Issued<string>> {
  const { CLOUDSDK_AUTH_ACCESS_TOKEN: given = '', GOOGLE_APPLICATION_CREDENTIALS: path = '' } = context.env;
  if (given !== '') return { value: given, expires: null };
  if (path === '') return await ofMachine(context);
  const bytes = await context.files.read(resolve(context.cwd, path), LIMITS.bytes);
  const file = jsonObjectIn(bytes);
  if (file?.type === 'service_account') return await ofServiceAccount(file, scope, context);
  if (file?.type === 'external_account') return await ofElsewhere(file, scope, context);
  throw lacking(
    'GOOGLE_APPLICATION_CREDENTIALS cannot be used',
    'a file of the type service_account or external_account',
    textOf(file?.type) ?? 'something else',
  );
}

async function ofServiceAccount(file: Json, scope: string, context: Context): Promise<Issued<string>> {
  const url = ownAddress(file.token_uri, 'token_uri');
  const now = Math.floor(context.clock.now().getTime() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: textOf(file.client_email), scope, aud: url, iat: now, exp: now + HOUR };
  const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: textOf(file.private_key_id) })}.${part(claims)}`;
  let signature: Buffer;
  try {
    signature = sign('sha256', Buffer.from(signed), createPrivateKey(textOf(file.private_key) ?? ''));
  } catch {
    throw lacking('the service account has no key', 'a private key in PEM');
  }
  return await exchanged(
    url,
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: `${signed}.${signature.toString('base64url')}`,
    },
    context,
  );
}

/** Workload identity federation: the token of the CI for one of Google, and that for one of a service account. */
async function ofElsewhere(file: Json, scope: string, context: Context): Promise<Issued<string>> {
  const url = ownAddress(file.token_url, 'token_url');
  const audience = textOf(file.audience) ?? '';
  const account = file.service_account_impersonation_url;
  const own = await exchanged(
    url,
    {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience,
      // Of another account's token only the right to ask for it is needed.
      scope: account === undefined ? scope : 'https://www.googleapis.com/auth/cloud-platform',
      subject_token: await subjectToken(file.credential_source, audience, context),
      subject_token_type: textOf(file.subject_token_type) ?? 'urn:ietf:params:oauth:token-type:jwt',
    },
    context,
  );
  if (account === undefined) return own;
  const answer = await ask(
    {
      method: 'POST',
      url: ownAddress(account, 'service_account_impersonation_url'),
      headers: { authorization: `Bearer ${own.value}`, 'content-type': 'application/json' },
      body: JSON.stringify({ scope: [scope], lifetime: `${HOUR}s` }),
    },
    context,
  );
  const ends = Date.parse(textOf(answer.expireTime) ?? '');
  return tokenIn(answer.accessToken, Number.isNaN(ends) ? null : ends);
}

/**
 * The CI's own token: from a file, or from the runner, whose address such files repeat. It is asked by what the runner
 * itself says of it, so that a file cannot send its bearer elsewhere.
 */
async function subjectToken(source: unknown, audience: string, context: Context): Promise<string> {
  if (!isObject(source)) throw lacking('the credentials name no source', 'credential_source');
  const format = isObject(source.format) ? source.format : {};
  const path = textOf(source.file);
  if (path === undefined) {
    if (textOf(source.url) !== undefined) return (await githubToken(`https:${audience}`, context)).value;
    throw lacking('the source of the credentials is not known', 'a file, or the address of the runner');
  }
  const { value } = await givenToken({ file: resolve(context.cwd, path) }, context);
  if (format.type !== 'json') return value;
  const token = textOf(jsonObjectIn(Buffer.from(value))?.[textOf(format.subject_token_field_name) ?? '']);
  if (token === undefined) throw lacking('the file of the credentials holds no token', 'the field it names');
  return token;
}

async function ofMachine(context: Context): Promise<Issued<string>> {
  const answer = await ask(
    {
      method: 'GET',
      url: METADATA,
      headers: { 'metadata-flavor': 'Google' },
      limits: { ...LIMITS, timeout: 3_000 },
      retries: 0,
      plain: true,
    },
    context,
  ).catch(() => {
    throw lacking(
      'there are no credentials for Google Cloud',
      'GOOGLE_APPLICATION_CREDENTIALS, or a machine of Google Cloud with a service account',
    );
  });
  return tokenIn(answer.access_token, endOf(answer, context));
}

async function exchanged(
  url: string,
  form: Record<string, string>,
  context: Context,
): Promise<Issued<string>> {
  const answer = await ask(
    {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    },
    context,
  );
  return tokenIn(answer.access_token, endOf(answer, context));
}

/** Nothing of the answer stands in a message: it may be a token. */
async function ask(
  request: Omit<HttpRequest, 'limits'> & { limits?: HttpRequest['limits'] },
  { http }: Context,
): Promise<Json> {
  const { status, body } = await http.request({ limits: LIMITS, retries: 1, redirects: 0, ...request });
  const answer = status === 200 ? jsonObjectIn(body) : null;
  if (answer === null) throw lacking('Google gave no token', 'HTTP 200 with a token', `HTTP ${status}`);
  return answer;
}

function tokenIn(value: unknown, expires: number | null): Issued<string> {
  if (typeof value === 'string' && value !== '') return { value, expires };
  throw lacking('Google gave no token', 'an access token', 'none');
}

function endOf(answer: Json, { clock }: Context): number | null {
  const seconds = answer.expires_in;
  return typeof seconds === 'number' ? clock.now().getTime() + seconds * 1000 : null;
}

/** A file of credentials is configuration that people pass around: what it names must be Google's. */
function ownAddress(value: unknown, name: string): string {
  const text = textOf(value) ?? '';
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'https:' && url.hostname.endsWith('.googleapis.com')) return url.href;
  throw lacking(
    `${name} of the credentials is not Google’s`,
    'https://…googleapis.com/…',
    text.slice(0, 200),
  );
}
