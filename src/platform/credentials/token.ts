import { SallyportError } from '../../model/error.ts';
import { isObject } from '../../model/json/values.ts';
import type { Context } from '../context.ts';
import type { Issued } from './renewing.ts';
import { askRunner } from './runner.ts';

const MAX_TOKEN = 64 * 1024;

/** When a JSON Web Token ends (RFC 7519, `exp`), in milliseconds since 1970; null for anything else. Not verified. */
export function tokenExpiry(token: string): number | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isObject(claims) && typeof claims.exp === 'number' ? claims.exp * 1000 : null;
  } catch {
    return null;
  }
}

/** An identity token of this job for an audience, by the runner's token service. Throws SP-CREDENTIAL, SP-HTTP. */
export async function githubToken(audience: string, context: Context): Promise<Issued<string>> {
  const answer = await askRunner(audience, context);
  if (answer === null) throw lacking('the job has no identity', 'a job with `permissions: id-token: write`');
  if ('refused' in answer)
    throw lacking('the runner gave no identity token', 'HTTP 200 with a token', answer.refused);
  return { value: answer.token, expires: tokenExpiry(answer.token) };
}

/**
 * What a program prints: an ExecCredential of client.authentication.k8s.io, as the helpers of clusters write it. It gets
 * the whole environment, since credentials are what it is for. Throws SP-CREDENTIAL.
 */
export async function commandToken(argv: readonly string[], context: Context): Promise<Issued<string>> {
  const printed = await printedBy(argv, context);
  const body = jsonOf(printed);
  const status = isObject(body) && body.kind === 'ExecCredential' ? body.status : null;
  if (!isObject(status) || typeof status.token !== 'string' || status.token === '')
    throw lacking(`${argv[0]} printed no credential`, 'an ExecCredential with status.token');
  const ends =
    typeof status.expirationTimestamp === 'string' ? Date.parse(status.expirationTimestamp) : Number.NaN;
  return { value: status.token, expires: Number.isNaN(ends) ? tokenExpiry(status.token) : ends };
}

/** A token from a file or an environment variable, as it is now. Throws SP-CREDENTIAL, SP-FILE-*. */
export async function givenToken(
  from: { file: string } | { variable: string },
  context: Context,
): Promise<Issued<string>> {
  const text =
    'file' in from
      ? (await context.files.read(from.file, MAX_TOKEN)).toString('utf8')
      : context.env[from.variable];
  const token = text?.trim() ?? '';
  if (token === '') {
    throw lacking('there is no token', `it in ${'file' in from ? from.file : `$${from.variable}`}`);
  }
  return { value: token, expires: tokenExpiry(token) };
}

/** The output of a program that ends well. Nothing of it stands in a message: it may be a secret. */
export async function printedBy(argv: readonly string[], context: Context): Promise<string> {
  const [file = '', ...args] = argv;
  const env = Object.fromEntries(
    Object.entries(context.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const outcome = await context.run({
    file,
    args,
    cwd: context.cwd,
    env,
    timeout: 30_000,
    maxOutput: MAX_TOKEN,
  });
  if (outcome.code === 0 && outcome.ended === 'exit') return outcome.stdout.toString('utf8');
  throw lacking(`${file} gave no credential`, 'exit code 0', `${outcome.ended}, exit code ${outcome.code}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function lacking(message: string, expected: string, found?: string): SallyportError {
  return new SallyportError({ code: 'SP-CREDENTIAL', message, expected, found });
}
