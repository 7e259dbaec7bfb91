import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const SHA = 'a'.repeat(40);
const WORKFLOW = 'acme/payments/.github/workflows/release.yml@refs/heads/main';

/** The claims of a workflow's token on a hosted runner. */
export const githubClaims: Readonly<Record<string, string>> = {
  sub: 'repo:acme/payments:ref:refs/heads/main',
  repository: 'acme/payments',
  repository_id: '123456',
  repository_owner: 'acme',
  repository_owner_id: '654321',
  repository_visibility: 'private',
  sha: SHA,
  ref: 'refs/heads/main',
  ref_type: 'branch',
  ref_protected: 'true',
  workflow: 'release',
  workflow_ref: WORKFLOW,
  workflow_sha: SHA,
  job_workflow_ref: WORKFLOW,
  job_workflow_sha: SHA,
  run_id: '42',
  run_number: '7',
  run_attempt: '1',
  event_name: 'push',
  runner_environment: 'github-hosted',
  actor: 'alice',
  actor_id: '1001',
  base_ref: '',
  head_ref: '',
};

/**
 * An OpenID issuer with two kinds of identity: workflows under `/github`, people under `/email`. It answers from a thread
 * of its own, since a suite that waits for a program blocks its thread.
 */
export class Issuer {
  readonly url: string;
  readonly #worker: Worker;
  readonly #key: string;

  private constructor(url: string, worker: Worker, key: string) {
    this.url = url;
    this.#worker = worker;
    this.#key = key;
  }

  static async start(): Promise<Issuer> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const worker = new Worker(new URL(import.meta.url), { workerData: { issuerKey: key } });
    const url = await new Promise<string>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    return new Issuer(url, worker, key);
  }

  token(kind: 'github' | 'email', overrides: Record<string, string | number> = {}): string {
    return tokenOf(this.url, this.#key, kind, overrides);
  }

  stop(): void {
    void this.#worker.terminate();
  }
}

function tokenOf(
  url: string,
  key: string,
  kind: 'github' | 'email',
  overrides: Record<string, string | number>,
): string {
  const now = Math.floor(Date.now() / 1000);
  const own =
    kind === 'github' ? githubClaims : { sub: 'alice', email: 'alice@acme.test', email_verified: true };
  const claims = {
    iss: `${url}/${kind}`,
    aud: 'sigstore',
    iat: now,
    nbf: now - 5,
    exp: now + 600,
    jti: randomUUID(),
    ...own,
    ...overrides,
  };
  const body = `${encode({ alg: 'ES256', typ: 'JWT', kid: 'k1' })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(body), {
    key: createPrivateKey(key),
    dsaEncoding: 'ieee-p1363',
  });
  return `${body}.${signature.toString('base64url')}`;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function serve(key: string): void {
  const jwk = { ...createPublicKey(key).export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'ES256' };
  let url = '';
  const server = createServer((request, response) => {
    const match = /^\/(github|email)(\/[^?]*)/u.exec(request.url ?? '');
    const issuer = `${url}/${match?.[1]}`;
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': {
        issuer,
        jwks_uri: `${issuer}/jwks`,
        authorization_endpoint: `${issuer}/auth`,
        token_endpoint: `${issuer}/token`,
        response_types_supported: ['id_token'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['ES256'],
      },
      '/jwks': { keys: [jwk] },
      // What a runner asks for: ACTIONS_ID_TOKEN_REQUEST_URL.
      '/token': { value: tokenOf(url, key, 'github', {}) },
    };
    const found = documents[match?.[2] ?? ''];
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(found ?? {}));
  });
  server.listen(0, '127.0.0.1', () => {
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    parentPort?.postMessage(url);
  });
}

const { issuerKey } = (workerData ?? {}) as { issuerKey?: string };
if (!isMainThread && issuerKey !== undefined) serve(issuerKey);
