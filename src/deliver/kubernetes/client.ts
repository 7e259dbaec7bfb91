import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import { Renewing } from '../../platform/credentials/renewing.ts';
import { commandToken, githubToken, givenToken } from '../../platform/credentials/token.ts';

type Sources = Pick<KubernetesPlan, 'tokenFrom' | 'tokenFile' | 'tokenCommand' | 'tokenAudience'>;

const IN_POD = '/var/run/secrets/kubernetes.io/serviceaccount';
const TIMEOUT = 5_000;
const MAX_BYTES = 8 * 1024 * 1024;

export interface KubernetesPlan {
  server?: string | undefined;
  tokenFrom?: string | undefined;
  tokenFile?: string | undefined;
  tokenCommand?: readonly string[] | undefined;
  tokenAudience?: string | undefined;
  caFile?: string | undefined;
}

/** An object of the API, as far as every kind has it. */
export interface KubernetesObject {
  metadata: { name: string; resourceVersion: string; annotations?: Record<string, string> };
  [field: string]: unknown;
}

export interface PatchOperation {
  op: 'test' | 'add' | 'replace';
  path: string;
  value: unknown;
}

/** The few calls of the Kubernetes API that a canary needs. */
export class Kubernetes {
  readonly #plan: KubernetesPlan;
  readonly #context: Context;
  readonly #token: Renewing<string>;

  constructor(plan: KubernetesPlan, context: Context) {
    this.#plan = plan;
    this.#context = context;
    this.#token = tokenOf(plan, context);
  }

  /** Why the token will not last until a rollback, or null. */
  ending(): string | null {
    return this.#token.ending();
  }

  async get(path: string): Promise<KubernetesObject> {
    return await this.#call('GET', path, null);
  }

  /** Replaces an object; SP-KUBERNETES-CONFLICT where its resourceVersion is not the newest. */
  async put(path: string, body: KubernetesObject): Promise<KubernetesObject> {
    return await this.#call('PUT', path, { type: 'application/json', body });
  }

  /** RFC 6902. A `test` that fails is SP-KUBERNETES-CONFLICT: the API answers 422 (or 409). */
  async patch(path: string, operations: readonly PatchOperation[]): Promise<KubernetesObject> {
    return await this.#call('PATCH', path, { type: 'application/json-patch+json', body: operations });
  }

  /** RFC 7386. */
  async merge(path: string, body: unknown): Promise<KubernetesObject> {
    return await this.#call('PATCH', path, { type: 'application/merge-patch+json', body });
  }

  async #call(
    method: 'GET' | 'PUT' | 'PATCH',
    path: string,
    sent: { type: string; body: unknown } | null,
  ): Promise<KubernetesObject> {
    const { server, token, ca } = await this.#access();
    const response = await this.#context.http.request({
      method,
      url: `${server}${path}`,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(sent === null ? {} : { 'content-type': sent.type }),
      },
      body: sent === null ? undefined : JSON.stringify(sent.body),
      limits: { bytes: MAX_BYTES, timeout: TIMEOUT },
      // Whoever calls decides whether to try again: the object may be another by then.
      retries: 0,
      redirects: 0,
      ca,
    });
    const text = response.body.toString('utf8');
    if (response.status === 200 || response.status === 201) return readObject(text, path);
    const conflict = response.status === 409 || (response.status === 422 && method === 'PATCH');
    throw new SallyportError({
      code: conflict ? 'SP-KUBERNETES-CONFLICT' : 'SP-KUBERNETES',
      message: conflict ? 'the object was changed meanwhile' : 'the Kubernetes API refused',
      place: { path },
      expected: 'HTTP 200',
      found: `HTTP ${response.status} ${message(text)}`,
    });
  }

  async #access(): Promise<{ server: string; token: string; ca: string | undefined }> {
    const { env, files } = this.#context;
    const { server, caFile } = this.#plan;
    const host = env.KUBERNETES_SERVICE_HOST;
    const found =
      server ?? (host === undefined ? undefined : `https://${host}:${env.KUBERNETES_SERVICE_PORT ?? 443}`);
    if (found === undefined) {
      throw new SallyportError({
        code: 'SP-KUBERNETES',
        message: 'no API server is named, and this is no pod',
        expected: '`server` in the plan',
      });
    }
    const token = await this.#token.get();
    const authority = caFile ?? (server === undefined ? `${IN_POD}/ca.crt` : undefined);
    const ca =
      authority === undefined ? undefined : (await files.read(authority, 1024 * 1024)).toString('utf8');
    return { server: found.replace(/\/$/u, ''), token, ca };
  }
}

/**
 * A file is read at each call: the kubelet, or a step of the job, may have renewed it. The others are asked again before
 * the token ends.
 */
function tokenOf(sources: Sources, context: Context): Renewing<string> {
  const { tokenFrom, tokenFile, tokenCommand, tokenAudience } = sources;
  const now = () => context.clock.now().getTime();
  const name = 'the token for the Kubernetes API';
  if (tokenCommand !== undefined)
    return new Renewing(name, async () => await commandToken(tokenCommand, context), now);
  if (tokenAudience !== undefined)
    return new Renewing(name, async () => await githubToken(tokenAudience, context), now);
  const from = tokenFrom === undefined ? { file: tokenFile ?? `${IN_POD}/token` } : { variable: tokenFrom };
  return new Renewing(name, async () => await givenToken(from, context), now, true);
}

function readObject(text: string, path: string): KubernetesObject {
  try {
    const value = JSON.parse(text) as KubernetesObject;
    if (typeof value?.metadata?.resourceVersion === 'string' && value.metadata.resourceVersion !== '')
      return value;
  } catch {
    // Said below: an answer that is not JSON is no object either.
  }
  throw new SallyportError({
    code: 'SP-KUBERNETES',
    message: 'the answer is no object of the Kubernetes API',
    place: { path },
    found: text.slice(0, 200),
  });
}

function message(text: string): string {
  try {
    const status = JSON.parse(text) as { message?: unknown };
    return typeof status.message === 'string' ? status.message.slice(0, 300) : '';
  } catch {
    return text.slice(0, 200);
  }
}
