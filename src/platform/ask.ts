import { SallyportError } from '../model/error.ts';

/** One request that may carry a credential in its headers. */
export interface Question {
  method: 'GET' | 'POST';
  /** https only. Nothing secret stands in it: errors name its host. */
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  /** Bytes of the answer that are read, milliseconds until it is given up. */
  limits: { bytes: number; timeout: number };
}

export interface Answer {
  status: number;
  body: Buffer;
}

/**
 * Asks one server once. A redirect is an answer like any other and is not followed, so that what the request carries
 * goes to that host alone. Throws SP-HTTP where there is no answer; what was sent is in no error.
 */
export type Ask = (question: Question) => Promise<Answer>;

/** `connect`: how a request goes out; a test leads it to a server of its own. */
export function asker(connect: typeof fetch = fetch): Ask {
  return async ({ method, url, headers, body, limits }) => {
    const { host, protocol } = new URL(url);
    if (protocol !== 'https:') throw failure(host, 'only https is asked', protocol);
    try {
      const response = await connect(url, {
        method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(limits.timeout),
        ...(body === undefined ? {} : { body }),
      });
      return { status: response.status, body: await start(response, limits.bytes) };
    } catch (cause) {
      const { name, cause: deeper } = cause as Error & { cause?: { code?: unknown } };
      // The message of an invalid header quotes it: only the kind of failure is told.
      throw failure(host, 'no answer', typeof deeper?.code === 'string' ? deeper.code : name);
    }
  };
}

/** The beginning of an answer: more than is allowed is left, since a verdict stands at its start. */
async function start(response: Response, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (response.body === null) return Buffer.alloc(0);
  for await (const chunk of response.body) {
    chunks.push(chunk.subarray(0, limit - size));
    size += chunk.length;
    if (size >= limit) break;
  }
  return Buffer.concat(chunks);
}

function failure(host: string, message: string, found: string): SallyportError {
  return new SallyportError({ code: 'SP-HTTP', message: `${host}: ${message}`, found });
}
