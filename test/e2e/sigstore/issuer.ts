import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

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

/** An OpenID issuer with two kinds of identity: workflows under `/github`, people under `/email`. */
export class Issuer {
  readonly #server: Server;
  readonly #key = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #url = '';

  private constructor() {
    this.#server = createServer((request, response) => {
      const match = /^\/(github|email)(\/.*)$/u.exec(request.url ?? '');
      const issuer = `${this.#url}/${match?.[1]}`;
      const jwk = {
        ...this.#key.publicKey.export({ format: 'jwk' }),
        kid: 'k1',
        use: 'sig',
        alg: 'ES256',
      };
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
        '/token': { value: this.token('github') },
      };
      const path = (match?.[2] ?? '').split('?')[0] ?? '';
      const found = documents[path];
      response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(found ?? {}));
    });
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve));
    issuer.#url = `http://127.0.0.1:${(issuer.#server.address() as AddressInfo).port}`;
    return issuer;
  }

  get url(): string {
    return this.#url;
  }

  token(kind: 'github' | 'email', overrides: Record<string, string | number> = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const own =
      kind === 'github' ? githubClaims : { sub: 'alice', email: 'alice@acme.test', email_verified: true };
    const claims = {
      iss: `${this.#url}/${kind}`,
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
      key: this.#key.privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${body}.${signature.toString('base64url')}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
