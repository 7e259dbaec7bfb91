import { join } from 'node:path';
import { SallyportError } from '../../model/error.ts';
import { parseJson } from '../../model/json/parse.ts';
import { isObject, type Json, textOf } from '../../model/json/values.ts';
import type { Context } from '../../platform/context.ts';
import { toolEnvironment } from '../../platform/process.ts';

export type Credentials = { user: string; password: string } | { identityToken: string };

const LIMIT = 1024 * 1024;
const HELPER = /^[A-Za-z0-9_.-]{1,64}$/u;

/** What docker's config says for a registry: a helper for it, the store for all, or what stands in the file; or null. */
export async function credentialsFor(registry: string, context: Context): Promise<Credentials | null> {
  const config = await readConfig(context);
  if (config === null) return null;
  const names =
    registry === 'registry-1.docker.io'
      ? ['https://index.docker.io/v1/', 'docker.io', registry]
      : [registry, `https://${registry}`];
  const auths = isObject(config.auths) ? config.auths : {};
  const helpers = isObject(config.credHelpers) ? config.credHelpers : {};
  for (const name of names) {
    const helper =
      (Object.hasOwn(helpers, name) ? textOf(helpers[name]) : undefined) ?? textOf(config.credsStore);
    const stored = Object.hasOwn(auths, name) ? auths[name] : undefined;
    const found = helper === undefined ? inFile(stored) : await fromHelper(helper, name, context);
    if (found !== null) return found;
  }
  return null;
}

async function readConfig(context: Context): Promise<Json | null> {
  const folder = context.env.DOCKER_CONFIG ?? join(context.env.HOME ?? '/', '.docker');
  const path = join(folder, 'config.json');
  if (!(await context.files.exists(path))) return null;
  const config = parseJson(await context.files.read(path, LIMIT), path, {
    bytes: LIMIT,
    depth: 8,
    string: LIMIT,
  });
  return isObject(config) ? config : null;
}

function inFile(entry: unknown): Credentials | null {
  if (!isObject(entry)) return null;
  const identityToken = textOf(entry.identitytoken);
  if (identityToken !== undefined) return { identityToken };
  const [user, password] = [textOf(entry.username), textOf(entry.password)];
  if (user !== undefined && password !== undefined) return { user, password };
  const text = Buffer.from(textOf(entry.auth) ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** docker-credential-helpers' protocol: the server's name in, a document with the secret out. */
async function fromHelper(helper: string, name: string, context: Context): Promise<Credentials | null> {
  if (!HELPER.test(helper)) throw failed(helper, 'a name that is none of a program');
  const outcome = await context.run({
    file: `docker-credential-${helper}`,
    args: ['get'],
    cwd: context.cwd,
    env: { ...toolEnvironment(context.env) },
    timeout: 30_000,
    maxOutput: 64 * 1024,
    input: name,
  });
  // Helpers answer a name that they do not know with 1 and a sentence: then there are no credentials.
  if (outcome.code !== 0) {
    if (outcome.stdout.includes('credentials not found')) return null;
    throw failed(helper, outcome.ended === 'exit' ? `exit code ${outcome.code}` : outcome.ended);
  }
  const answer = parseJson(outcome.stdout, `docker-credential-${helper}`, {
    bytes: 64 * 1024,
    depth: 4,
    string: 32 * 1024,
  });
  const [user, secret] = isObject(answer) ? [textOf(answer.Username), textOf(answer.Secret)] : [];
  if (secret === undefined) return null;
  return user === undefined || user === '<token>' ? { identityToken: secret } : { user, password: secret };
}

function failed(helper: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-REGISTRY-CREDENTIALS',
    message: `the credential helper ${helper.slice(0, 64)} of docker’s config failed`,
    expected: 'credentials, or that there are none',
    found,
  });
}
