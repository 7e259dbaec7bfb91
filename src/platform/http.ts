import pRetry, { AbortError } from 'p-retry';
import { SallyportError } from '../model/error.ts';
import { type HttpRequest, type HttpResponse, sendRequest } from './http-request.ts';

/** The only way to the network. */
export interface Http {
  /** The body of a GET over https. Throws SP-HTTP; SP-OFFLINE where the network is not to be used. */
  get(url: string, limits: { bytes: number; timeout: number }): Promise<Buffer>;
  /** One request to a server that the user named, with its answer as it is. Throws SP-HTTP, SP-OFFLINE. */
  send(request: HttpRequest): Promise<HttpResponse>;
}

/** Worth another try: the request may be repeated and the server may recover (RFC 9110, 15.5.9, 15.6; RFC 6585). */
const RETRYABLE = new Set([408, 425, 429, 500, 502, 503, 504]);
const RETRIES = 3;
const MAX_REDIRECTS = 3;

export const offlineHttp: Http = {
  get: async (url) => {
    throw refused(url, 'keep a copy of the file on disk and name its path');
  },
  send: async ({ url }) => {
    throw refused(url, 'this needs the server: leave --offline out');
  },
};

function refused(url: string, next: string): SallyportError {
  return new SallyportError({
    code: 'SP-OFFLINE',
    message: 'the network is not to be used (--offline)',
    found: url,
    next,
  });
}

export const networkHttp: Http = {
  send: sendRequest,
  get: async (url, limits) =>
    await pRetry(async () => await attempt(new URL(url), limits, MAX_REDIRECTS), {
      retries: RETRIES,
      minTimeout: 500,
      maxTimeout: 5_000,
      randomize: true,
    }),
};

async function attempt(
  url: URL,
  limits: { bytes: number; timeout: number },
  redirects: number,
): Promise<Buffer> {
  if (url.protocol !== 'https:') throw fatal(url, 'only https is fetched', url.protocol);
  let response: Response;
  try {
    response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(limits.timeout) });
  } catch (cause) {
    throw failure(url, 'no answer', (cause as Error).message, cause);
  }
  const location = response.headers.get('location');
  if (response.status >= 300 && response.status < 400 && location !== null) {
    if (redirects === 0) throw fatal(url, 'too many redirects', location);
    return await attempt(new URL(location, url), limits, redirects - 1);
  }
  if (RETRYABLE.has(response.status)) throw failure(url, 'the server failed', `HTTP ${response.status}`);
  if (!response.ok) throw fatal(url, 'the server refused', `HTTP ${response.status}`);
  return await body(url, response, limits.bytes);
}

async function body(url: URL, response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return Buffer.alloc(0);
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) throw fatal(url, 'the answer is too large', `more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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

function fatal(url: URL, message: string, found: string): AbortError {
  return new AbortError(failure(url, message, found));
}
