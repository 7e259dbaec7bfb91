import { type ClientRequest, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { SallyportError } from '../model/error.ts';

/** One request to a server that the user named; http is allowed, as inside a cluster or on the same machine. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
  /** Milliseconds for the whole exchange. */
  timeout: number;
  /** Bytes of the answer that are taken; more is an error. */
  bytes: number;
  /** PEM certificates to trust instead of the system's. */
  ca?: string | undefined;
}

export interface HttpResponse {
  status: number;
  /** The `Date` header in milliseconds since 1970, or null. */
  date: number | null;
  body: Buffer;
}

/**
 * Sends one request: no retry, no redirect, any status is an answer; whoever asks judges. Throws SP-HTTP where no whole
 * answer came in time.
 */
export function sendRequest(request: HttpRequest): Promise<HttpResponse> {
  const url = new URL(request.url);
  return new Promise((resolve, reject) => {
    const fail = (message: string, found: string, cause?: unknown) =>
      reject(
        new SallyportError(
          {
            code: 'SP-HTTP',
            message: `${url.host}: ${message}`,
            found,
            next: 'look whether the server is up',
          },
          { cause },
        ),
      );
    const options = {
      method: request.method,
      headers: {
        ...request.headers,
        ...(request.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(request.body)) }),
      },
      // A connection of its own for each request: one that was kept may have died with the server.
      agent: false as const,
      ...(request.ca === undefined ? {} : { ca: request.ca }),
    };
    const call: ClientRequest = (url.protocol === 'https:' ? secureRequest : plainRequest)(url, options);
    const timer = setTimeout(
      () => call.destroy(new Error(`no whole answer within ${request.timeout} ms`)),
      request.timeout,
    );
    call.on('error', (cause) => {
      clearTimeout(timer);
      fail(
        'no answer',
        cause.message === '' ? String((cause as NodeJS.ErrnoException).code) : cause.message,
        cause,
      );
    });
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > request.bytes) call.destroy(new Error(`the answer is larger than ${request.bytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', (cause) => {
        clearTimeout(timer);
        fail('the answer broke off', cause.message, cause);
      });
      response.on('end', () => {
        clearTimeout(timer);
        const date = Date.parse(response.headers.date ?? '');
        resolve({
          status: response.statusCode ?? 0,
          date: Number.isNaN(date) ? null : date,
          body: Buffer.concat(chunks),
        });
      });
    });
    call.end(request.body);
  });
}
