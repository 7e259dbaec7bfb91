import type { IncomingHttpHeaders } from 'node:http';
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

/** What goes over the wire and comes back, once. */
export interface Exchange {
  method: string;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array | string | undefined;
  /** Bytes of the answer that are taken, and milliseconds for the whole exchange. */
  limits: { bytes: number; timeout: number };
  /** PEM certificates to trust instead of the system's. */
  ca: string | undefined;
}

// HTTP_PROXY, HTTPS_PROXY and NO_PROXY count here, as they do for every other tool of the job.
const agents = {
  'http:': new PlainAgent({ proxyEnv: process.env }),
  'https:': new SecureAgent({ proxyEnv: process.env }),
};

/** The answer is larger than the limit: asking again would not make it smaller. */
export class TooLarge extends Error {}

/**
 * One request and its whole answer: no retry, no redirect, any status. Throws TooLarge, and an Error that says why where
 * no whole answer came in time.
 */
export function exchange(
  url: URL,
  { method, headers, body, limits, ca }: Exchange,
): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const call = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, {
      method,
      headers: {
        'user-agent': 'sallyport',
        'accept-encoding': 'identity',
        ...headers,
        ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        // One that was kept may have died with the server, and a change must not be sent twice to find out.
        connection: 'close',
      },
      ...(ca === undefined ? {} : { ca }),
      agent: url.protocol === 'https:' ? agents['https:'] : agents['http:'],
    });
    const timer = setTimeout(
      () => call.destroy(new Error(`no whole answer within ${limits.timeout} ms`)),
      limits.timeout,
    );
    const fail = (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(cause.message === '' ? new Error(cause.code ?? 'no reason given', { cause }) : cause);
    };
    call.on('error', fail);
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size <= limits.bytes) chunks.push(chunk);
        else {
          // Said at once: the end of a short answer is on its way already.
          fail(new TooLarge(`more than ${limits.bytes} bytes`));
          call.destroy();
        }
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    call.end(body);
  });
}
