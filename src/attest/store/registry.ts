import { SallyportError } from '../../model/error.ts';
import { isObject, textOf } from '../../model/json/values.ts';
import type { Context } from '../../platform/context.ts';
import type { HttpRequest, HttpResponse } from '../../platform/http.ts';
import { sha256 } from '../encoding/x509.ts';
import type { Budget } from './budget.ts';
import { type Credentials, credentialsFor } from './credentials.ts';
import type { Reference } from './reference.ts';

const TIMEOUT = 30_000;
const MAX_MANIFEST = 4 * 1024 * 1024;
const MANIFEST_TYPES = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];

export interface Manifest {
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

type Action = 'pull' | 'pull,push';

/**
 * The few requests of the OCI distribution specification 1.1 that signatures need, for one repository. Every byte is
 * checked against its digest. Credentials go to the registry and to its own token service, to nobody else.
 */
export class RegistryClient {
  readonly reference: Reference;
  readonly #context: Context;
  readonly #base: string;
  /** The header for an action, once the registry has said what it wants. */
  readonly #authorization: Map<Action, string>;
  readonly #held: { credentials: Promise<Credentials | null> | null };
  readonly #budget: Budget | null;

  /** With `like`, what another client of the same repository has learned of its registry; with `budget`, no more than that. */
  constructor(reference: Reference, context: Context, like?: RegistryClient, budget?: Budget) {
    this.reference = reference;
    this.#context = context;
    this.#authorization = like === undefined ? new Map() : like.#authorization;
    this.#held = like === undefined ? { credentials: null } : like.#held;
    this.#budget = budget ?? null;
    const scheme = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/u.test(reference.registry) ? 'http' : 'https';
    this.#base = `${scheme}://${reference.registry}`;
  }

  /** The same registry, for one piece of work that may not cost more than this. */
  within(budget: Budget): RegistryClient {
    return new RegistryClient(this.reference, this.#context, this, budget);
  }

  /** A manifest by tag or digest; null where there is none. */
  async manifest(reference: string): Promise<Manifest | null> {
    const response = await this.#ask('pull', {
      method: 'GET',
      path: `manifests/${reference}`,
      headers: { accept: MANIFEST_TYPES.join(', ') },
      bytes: MAX_MANIFEST,
    });
    if (response.status === 404) return null;
    this.#require(response, [200], `manifest ${reference}`);
    const digest = `sha256:${sha256(response.body).toString('hex')}`;
    if (reference.startsWith('sha256:')) requireDigest(reference, digest, this.reference);
    const mediaType = (response.header('content-type') ?? '').split(';')[0]?.trim() ?? '';
    return { digest, mediaType, bytes: response.body };
  }

  /** A blob of at most `limit` bytes. */
  async blob(digest: string, limit: number): Promise<Buffer> {
    const response = await this.#ask('pull', { method: 'GET', path: `blobs/${digest}`, bytes: limit });
    this.#require(response, [200], `blob ${digest}`);
    requireDigest(digest, `sha256:${sha256(response.body).toString('hex')}`, this.reference);
    return response.body;
  }

  /** The pages of the referrers API, one document each; null where the registry does not have it. */
  async referrers(digest: string, maxPages: number): Promise<unknown[] | null> {
    const pages: unknown[] = [];
    for (let path: string | null = `referrers/${digest}`; path !== null; ) {
      if (pages.length >= maxPages)
        throw this.#error('SP-STORE-LIMIT', 'too many referrers', `more than ${maxPages} pages`);
      const response: HttpResponse = await this.#ask('pull', { method: 'GET', path, bytes: MAX_MANIFEST });
      if (response.status === 404 && pages.length === 0) return null;
      this.#require(response, [200], 'the list of referrers');
      pages.push(this.#json(response));
      path = this.#nextPage(response);
    }
    return pages;
  }

  /** Uploads a blob unless it is there. */
  async putBlob(bytes: Buffer): Promise<string> {
    const digest = `sha256:${sha256(bytes).toString('hex')}`;
    const there = await this.#ask('pull,push', { method: 'HEAD', path: `blobs/${digest}`, bytes: 0 });
    if (there.status === 200) return digest;
    const started = await this.#ask('pull,push', {
      method: 'POST',
      path: 'blobs/uploads/',
      bytes: 64 * 1024,
    });
    this.#require(started, [202], 'the start of an upload');
    const location = started.header('location') ?? '';
    if (!URL.canParse(location, `${this.#base}/`))
      throw this.#error('SP-REGISTRY', 'the registry named no place for an upload', location);
    const place = new URL(location, started.url);
    if (place.origin !== new URL(this.#base).origin)
      throw this.#error('SP-REGISTRY', 'the registry wants the upload to go to another host', place.origin);
    place.searchParams.set('digest', digest);
    const done = await this.#ask('pull,push', {
      method: 'PUT',
      path: place.href,
      headers: { 'content-type': 'application/octet-stream' },
      body: bytes,
      bytes: 64 * 1024,
    });
    this.#require(done, [201], `the upload of ${digest}`);
    return digest;
  }

  /** Writes a manifest under its digest or a tag; whether the registry itself lists it with its subject is returned. */
  async putManifest(reference: string, mediaType: string, bytes: Buffer): Promise<{ listed: boolean }> {
    const response = await this.#ask('pull,push', {
      method: 'PUT',
      path: `manifests/${reference}`,
      headers: { 'content-type': mediaType },
      body: bytes,
      bytes: 64 * 1024,
    });
    this.#require(response, [201], `manifest ${reference}`);
    return { listed: response.header('oci-subject') !== null };
  }

  #nextPage(response: HttpResponse): string | null {
    const link = response.header('link');
    const match = link === null ? null : /^<([^>]{1,4000})>;\s*rel="?next"?/u.exec(link);
    if (match === null) return null;
    const next = URL.canParse(match[1] ?? '', response.url) ? new URL(match[1] ?? '', response.url) : null;
    if (next?.origin !== new URL(this.#base).origin)
      throw this.#error(
        'SP-REGISTRY',
        'the list of referrers goes on at another host',
        next?.origin ?? 'no address',
      );
    return next.href;
  }

  #json(response: HttpResponse): unknown {
    try {
      return JSON.parse(response.body.toString('utf8'));
    } catch {
      throw this.#error('SP-REGISTRY', 'the registry’s answer cannot be read', 'no JSON');
    }
  }

  async #ask(
    action: Action,
    request: {
      method: HttpRequest['method'];
      path: string;
      headers?: Record<string, string>;
      body?: Buffer;
      bytes: number;
    },
  ): Promise<HttpResponse> {
    const url = request.path.startsWith('http')
      ? request.path
      : `${this.#base}/v2/${this.reference.repository}/${request.path}`;
    const send = async (): Promise<HttpResponse> => {
      const authorization = this.#authorization.get(action);
      const response = await this.#context.http.request({
        method: request.method,
        url,
        headers: { ...request.headers, ...(authorization === undefined ? {} : { authorization }) },
        ...(request.body === undefined ? {} : { body: request.body }),
        limits: { bytes: request.bytes, timeout: this.#budget?.timeout() ?? TIMEOUT },
      });
      this.#budget?.spend(response.body.length);
      return response;
    };
    const first = await send();
    if (first.status !== 401) return first;
    this.#authorization.set(action, await this.#authorize(action, first.header('www-authenticate') ?? ''));
    return await send();
  }

  async #authorize(action: Action, challenge: string): Promise<string> {
    this.#held.credentials ??= credentialsFor(this.reference.registry, this.#context);
    const credentials = await this.#held.credentials;
    const basic =
      credentials !== null && 'user' in credentials
        ? `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`
        : null;
    if (/^basic\b/iu.test(challenge)) {
      if (basic !== null) return basic;
      throw this.#error('SP-REGISTRY-AUTH', 'the registry wants credentials, and there are none', 'HTTP 401');
    }
    const parameters = new Map(
      [...challenge.slice(0, 4000).matchAll(/([a-z]+)="([^"]*)"/giu)].map(([, name, value]) => [name, value]),
    );
    const realm = parameters.get('realm') ?? '';
    if (!/^bearer\b/iu.test(challenge) || !URL.canParse(realm))
      throw this.#error(
        'SP-REGISTRY-AUTH',
        'the registry’s way to log in is not known',
        challenge.slice(0, 100),
      );
    const url = new URL(realm);
    const own = isSameParty(url, new URL(this.#base));
    if (!own && this.#base.startsWith('https:') && url.protocol !== 'https:')
      throw this.#error('SP-REGISTRY-AUTH', 'the registry’s token service does not speak https', url.origin);
    if (credentials !== null && !own)
      throw this.#error(
        'SP-REGISTRY-AUTH',
        'the registry wants its credentials sent to another party',
        url.host,
      );
    url.searchParams.set('scope', `repository:${this.reference.repository}:${action}`);
    const named = parameters.get('service');
    if (named !== undefined) url.searchParams.set('service', named);
    const response = await this.#context.http.request({
      ...(credentials !== null && 'identityToken' in credentials
        ? exchange(url, credentials.identityToken, named ?? '')
        : { method: 'GET', url: url.href, headers: basic === null ? {} : { authorization: basic } }),
      limits: { bytes: 256 * 1024, timeout: this.#budget?.timeout() ?? TIMEOUT },
    });
    if (response.status !== 200)
      throw this.#error(
        'SP-REGISTRY-AUTH',
        'the registry’s token service refused',
        `HTTP ${response.status}`,
      );
    const answer = this.#json(response);
    const token = isObject(answer) ? (textOf(answer.token) ?? textOf(answer.access_token)) : undefined;
    if (token === undefined)
      throw this.#error('SP-REGISTRY-AUTH', 'the registry’s token service gave no token', 'nothing');
    return `Bearer ${token}`;
  }

  #require(response: HttpResponse, accepted: readonly number[], what: string): void {
    if (accepted.includes(response.status)) return;
    const denied = response.status === 401 || response.status === 403;
    throw this.#error(
      denied ? 'SP-REGISTRY-AUTH' : 'SP-REGISTRY',
      denied ? `the registry does not allow it: ${what}` : `the registry did not give ${what}`,
      `HTTP ${response.status}`,
    );
  }

  #error(code: string, message: string, found: string): SallyportError {
    const denied = code === 'SP-REGISTRY-AUTH';
    return new SallyportError({
      code,
      message: `${this.reference.registry}/${this.reference.repository}: ${message}`,
      found: found.slice(0, 300),
      next: denied
        ? 'log in with `docker login`, or give the job access to the repository'
        : 'try again later; what a registry does not give counts as unknown',
    });
  }
}

/** The OAuth2 form of a token request, for credentials that are a token themselves (distribution: docs/spec/auth/oauth.md). */
function exchange(url: URL, identityToken: string, service: string): Omit<HttpRequest, 'limits'> {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'sallyport',
    refresh_token: identityToken,
    service,
    scope: url.searchParams.get('scope') ?? '',
  });
  return {
    method: 'POST',
    url: `${url.origin}${url.pathname}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
  };
}

/** The registry itself, or a sibling under the same name, as Docker Hub's `auth.docker.io` is. */
function isSameParty(realm: URL, registry: URL): boolean {
  if (realm.origin === registry.origin) return true;
  if (realm.protocol !== 'https:' || registry.protocol !== 'https:') return false;
  const parent = (host: string) => host.split('.').slice(-2).join('.');
  return registry.hostname.split('.').length > 2 && parent(realm.hostname) === parent(registry.hostname);
}

function requireDigest(expected: string, found: string, reference: Reference): void {
  if (expected === found) return;
  throw new SallyportError({
    code: 'SP-STORE-DIGEST',
    message: `${reference.registry}/${reference.repository} gave something else than what was asked for`,
    expected,
    found,
    next: 'do not trust this registry: bytes by digest can only differ if somebody changed them',
  });
}
