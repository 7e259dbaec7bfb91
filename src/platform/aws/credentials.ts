import { isObject } from '../../model/json/values.ts';
import type { Context } from '../context.ts';
import { type Issued, Renewing } from '../credentials/renewing.ts';
import { githubToken, givenToken, lacking, printedBy } from '../credentials/token.ts';
import type { AwsCredentials } from './signature.ts';
import { readXml, textAt } from './xml.ts';

export interface AwsAccess {
  region: string;
  /** Where the service is, instead of its public address. */
  endpoint?: string | undefined;
  roleArn?: string | undefined;
  credentialCommand?: readonly string[] | undefined;
}

const HOUR = 3_600;
const LIMITS = { bytes: 256 * 1024, timeout: 10_000 };

/**
 * Credentials by the plan: of a role that this job's identity may take (AssumeRoleWithWebIdentity), of a program that
 * prints them as `credential_process` does, or of the environment. Renewed before they end.
 */
export function awsCredentials(access: AwsAccess, context: Context): Renewing<AwsCredentials> {
  const now = () => context.clock.now().getTime();
  const issue = async (): Promise<Issued<AwsCredentials>> => {
    if (access.roleArn !== undefined) return await assumeRole(access.roleArn, access, context);
    if (access.credentialCommand !== undefined)
      return fromProcess(await printedBy(access.credentialCommand, context));
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = context.env;
    if (!accessKeyId || !secretAccessKey)
      throw lacking(
        'there are no AWS credentials',
        '`roleArn` or `credentialCommand` in the plan, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      );
    const sessionToken = context.env.AWS_SESSION_TOKEN;
    return { value: { accessKeyId, secretAccessKey, sessionToken }, expires: null };
  };
  return new Renewing('the AWS credential', issue, now);
}

/** The web identity is the runner's, or in a cluster the file that AWS_WEB_IDENTITY_TOKEN_FILE names. */
async function assumeRole(
  role: string,
  access: AwsAccess,
  context: Context,
): Promise<Issued<AwsCredentials>> {
  const file = context.env.AWS_WEB_IDENTITY_TOKEN_FILE;
  const { value: token } =
    file === undefined || file === ''
      ? await githubToken('sts.amazonaws.com', context)
      : await givenToken({ file }, context);
  const url = access.endpoint ?? `https://sts.${access.region}.${domainOf(access.region)}/`;
  const answer = await context.http.request({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: 'sallyport',
      WebIdentityToken: token,
      DurationSeconds: String(HOUR),
    }).toString(),
    limits: LIMITS,
    retries: 1,
    redirects: 0,
  });
  const xml = readXml(answer.body.toString('utf8'), 'AWS STS');
  if (answer.status !== 200)
    throw lacking(
      'the role could not be taken',
      'HTTP 200',
      `HTTP ${answer.status} ${textAt(xml, 'ErrorResponse', 'Error', 'Code') ?? ''}`,
    );
  const at = (name: string) =>
    textAt(xml, 'AssumeRoleWithWebIdentityResponse', 'AssumeRoleWithWebIdentityResult', 'Credentials', name);
  return checked(at('AccessKeyId'), at('SecretAccessKey'), at('SessionToken'), at('Expiration'));
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
function fromProcess(printed: string): Issued<AwsCredentials> {
  let body: unknown = null;
  try {
    body = JSON.parse(printed);
  } catch {
    // Refused below, without a word of what was printed.
  }
  if (!isObject(body) || body.Version !== 1)
    throw lacking('the program printed no AWS credentials', 'JSON with Version 1');
  return checked(body.AccessKeyId, body.SecretAccessKey, body.SessionToken, body.Expiration);
}

function checked(id: unknown, secret: unknown, session: unknown, ends: unknown): Issued<AwsCredentials> {
  if (typeof id !== 'string' || typeof secret !== 'string' || id === '' || secret === '')
    throw lacking('the AWS credentials are not whole', 'an access key and its secret');
  const expires = typeof ends === 'string' ? Date.parse(ends) : Number.NaN;
  return {
    value: {
      accessKeyId: id,
      secretAccessKey: secret,
      sessionToken: typeof session === 'string' && session !== '' ? session : undefined,
    },
    expires: Number.isNaN(expires) ? null : expires,
  };
}

/** China's regions have a domain of their own. */
export function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}
