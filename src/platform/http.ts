import { SallyportError } from '../model/error.ts';
import { isObject, type Json } from '../model/json/values.ts';

/** The only way to the network. */
export interface Http {
  /** The body of a GET over https. Throws SP-HTTP; SP-OFFLINE where the network is not to be used. */
  get(url: string, limits: { bytes: number; timeout: number }): Promise<Buffer>;
  /**
   * One exchange whose answer the caller judges, whatever its status. Throws SP-HTTP where no whole answer came,
   * SP-OFFLINE where the network is not to be used.
   */
  request(request: HttpRequest): Promise<HttpResponse>;
}

export interface HttpRequest {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** https; http to this machine itself, and to others where `plain` says so. */
  url: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: Uint8Array | string | undefined;
  /** Bytes of the answer that are taken, more is an error; milliseconds for each try. */
  limits: { bytes: number; timeout: number };
  /** Further tries where no answer came or one that may pass; 3 where nothing is said. */
  retries?: number;
  /**
   * How many redirects of a GET or HEAD are followed, 3 where nothing is said. Headers never go along to another host.
   * With 0, and for every other method, the redirect is the answer.
   */
  redirects?: number;
  /** http to another machine too, as inside a cluster. */
  plain?: boolean;
  /** PEM certificates to trust instead of the system's. */
  ca?: string | undefined;
}

export interface HttpResponse {
  status: number;
  /** Where it came from in the end. */
  url: string;
  header(name: string): string | null;
  body: Buffer;
}

/** The JSON object that a body is; null for anything else. */
export function jsonObjectIn(body: Buffer): Json | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** Worth another try: the request may be repeated and the server may recover (RFC 9110, 15.5.9, 15.6; RFC 6585). */
const RETRYABLE = new Set([408, 425, 429, 500, 502, 503, 504]);
const RETRIES = 3;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 5_000;
const MAX_REDIRECTS = 3;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

export const offlineHttp: Http = {
  get: async (url) => {
    throw offline(url, 'keep a copy of the file on disk and name its path');
  },
  request: async ({ url }) => {
    throw offline(url, 'this needs the server: leave --offline out');
  },
};

export const networkHttp: Http = {
  get: async (url, limits) => {
    const response = await send({ method: 'GET', url, limits }, (hop) => hop.protocol === 'https:');
    const { status, body } = response;
    if (status >= 200 && status < 300) return body;
    const message = RETRYABLE.has(status) ? 'the server failed' : 'the server refused';
    throw failure(new URL(response.url), message, `HTTP ${status}`);
  },
  request: async (request) =>
    await send(
      request,
      ({ protocol, hostname }) =>
        protocol === 'https:' || (protocol === 'http:' && (request.plain === true || LOOPBACK.has(hostname))),
    ),
};

async function send(request: HttpRequest, mayAsk: (url: URL) => boolean): Promise<HttpResponse> {
  const retries = request.retries ?? RETRIES;
  try {
    const { default: pRetry } = await import('p-retry');
    return await pRetry(
      async (attempt) => {
        const response = await follow(request, mayAsk);
        if (attempt <= retries && RETRYABLE.has(response.status))
          throw new Error(`HTTP ${response.status} from ${new URL(response.url).host}`);
        return response;
      },
      {
        retries,
        minTimeout: FIRST_PAUSE,
        maxTimeout: LONGEST_PAUSE,
        randomize: true,
        shouldRetry: ({ error }) => !(error instanceof SallyportError),
      },
    );
  } catch (error) {
    throw unwrapped(error, request.url);
  }
}

/** Throws SallyportError for what another try would not change, else what the exchange throws. */
async function follow(request: HttpRequest, mayAsk: (url: URL) => boolean): Promise<HttpResponse> {
  // Loaded with the first request: most runs make none, and the clients of Node cost as much as all the rest of a start.
  const { exchange, TooLarge } = await import('./http-exchange.ts');
  const { method, limits, body, ca } = request;
  const most = method === 'GET' || method === 'HEAD' ? (request.redirects ?? MAX_REDIRECTS) : 0;
  let url = new URL(request.url);
  let headers = request.headers ?? {};
  for (let followed = 0; ; followed += 1) {
    if (!mayAsk(url)) throw failure(url, 'only https is spoken here', url.protocol);
    const answer = await exchange(url, { method, headers, body, limits, ca }).catch((error: unknown) => {
      throw error instanceof TooLarge ? failure(url, 'the answer is too large', error.message, error) : error;
    });
    const { status, headers: received } = answer;
    const location = status >= 300 && status < 400 && status !== 304 ? received.location : undefined;
    if (location === undefined || most === 0) {
      const header = (name: string) => {
        const value = received[name.toLowerCase()];
        return value === undefined ? null : String(value);
      };
      return { status, url: url.href, header, body: answer.body };
    }
    if (followed === most || !URL.canParse(location, url.href))
      throw failure(url, 'too many redirects', location.slice(0, 300));
    const next = new URL(location, url);
    // What is reached over https could else have this machine's own services asked, which speak http.
    if (url.protocol === 'https:' && next.protocol !== 'https:')
      throw failure(url, 'a redirect from https to something else', next.protocol);
    if (next.origin !== url.origin) headers = {};
    url = next;
  }
}

function unwrapped(error: unknown, url: string): SallyportError {
  if (error instanceof SallyportError) return error;
  return failure(new URL(url), 'no answer', (error as Error).message, error);
}

function offline(url: string, next: string): SallyportError {
  return new SallyportError({
    code: 'SP-OFFLINE',
    message: 'the network is not to be used (--offline)',
    found: url,
    next,
  });
}

function failure(url: URL, message: string, found: string, cause?: unknown): SallyportError {
  return new SallyportError(
    {
      code: 'SP-HTTP',
      message: `${url.host}: ${message}`,
      found,
      next: 'try again later, or work from a file',
    },
    { cause },
  );
}
