import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { p256 } from '@noble/curves/nist.js';
import { type Http, networkHttp } from '../../../src/platform/http.ts';

export const key = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
type Pair = ReturnType<typeof key>;

/** What reached a service. */
export interface Asked {
  host: string;
  path: string;
  method: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}
export type Service = (asked: Asked) => { status?: number; headers?: Record<string, string>; body: unknown };

/**
 * A server of this machine that stands for every host of the clouds: requests go over the wire as they would there, with
 * the host in the path. A host that nobody stands for is as good as down.
 */
export class Cloud {
  readonly asked: Asked[] = [];
  readonly #services: Record<string, Service>;
  readonly #server: Server;
  #url = '';

  constructor(services: Record<string, Service>) {
    this.#services = services;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const [, host = '', ...rest] = (request.url ?? '').split('/');
        const asked = {
          host,
          path: `/${rest.join('/')}`,
          method: request.method ?? '',
          headers: request.headers,
          body: Buffer.concat(parts).toString(),
        };
        this.asked.push(asked);
        const service = this.#services[host];
        if (service === undefined) return void request.socket.destroy();
        const { status = 200, headers = {}, body } = service(asked);
        const text = typeof body === 'string' ? body : JSON.stringify(body);
        response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get http(): Http {
    return {
      get: networkHttp.get,
      request: (request) => {
        const { host, protocol, pathname, search } = new URL(request.url);
        if (protocol !== 'https:' && request.plain !== true) throw new Error(`${request.url} in clear`);
        const url = `${this.#url}/${host}${pathname}${search}`;
        return networkHttp.request({ ...request, url, retries: 0 });
      },
    };
  }
}

/** A digest is signed as it is: no crypto of Node does that, so the scalar is taken out of the key. */
export function signDigest({ privateKey }: Pair, digest: Buffer, format: 'der' | 'compact'): Buffer {
  const { d = '' } = privateKey.export({ format: 'jwk' });
  const scalar = Buffer.from(d, 'base64url');
  return Buffer.from(p256.sign(digest, scalar, { prehash: false, lowS: false, format }));
}

/** The certificate-like public halves in the forms that services give them. */
export const spki = (publicKey: KeyObject) => publicKey.export({ type: 'spki', format: 'der' });
export const pem = (publicKey: KeyObject) => publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** A signature by some other key: well-formed, and of no use. */
export const foreign = (digest: Buffer) => sign('sha256', digest, key().privateKey);
