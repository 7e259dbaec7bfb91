import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkHttp } from '../../../../src/platform/http.ts';
import type { Ask } from '../../../../src/scan/secrets/verify/verify.ts';

export interface Seen {
  method: string;
  host: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** Milliseconds before anything is said. */
  wait?: number;
}

/** A server that stands for all vendors: requests for any https host reach it over real HTTP. */
export class VendorServer {
  readonly seen: Seen[] = [];
  readonly #server: Server;
  #reply: (request: Seen) => Reply;

  constructor(reply: (request: Seen) => Reply) {
    this.#reply = reply;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const [, host = '', ...rest] = (request.url ?? '').split('/');
        const seen = {
          method: request.method ?? '',
          host,
          path: `/${rest.join('/')}`,
          headers: request.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        };
        this.seen.push(seen);
        const { status, body, headers, wait = 0 } = this.#reply(seen);
        setTimeout(() => {
          response.writeHead(status, headers);
          response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
        }, wait);
      });
    });
  }

  answer(reply: (request: Seen) => Reply): void {
    this.#reply = reply;
  }

  async start(): Promise<Ask> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return async (request) => {
      const { protocol, host, pathname, search } = new URL(request.url);
      if (protocol !== 'https:') throw new Error(`${host} is not asked over https`);
      return await networkHttp.request({
        ...request,
        url: `http://127.0.0.1:${port}/${host}${pathname}${search}`,
      });
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
