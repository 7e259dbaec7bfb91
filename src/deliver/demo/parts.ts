import { Agent, createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A version of the example service: answers on a port, and fails with the rate that it is told. */
export interface DemoService {
  port: number;
  failing(rate: number): void;
  close(): void;
}

export async function startService(version: string): Promise<DemoService> {
  let rate = 0;
  const server = createServer((_request, response) => {
    const bad = Math.random() < rate;
    response.writeHead(bad ? 500 : 200, { 'content-type': 'text/plain' });
    response.end(bad ? 'payment failed\n' : `paid by version ${version}\n`);
  });
  const port = await listen(server);
  return {
    port,
    failing: (to) => {
      rate = to;
    },
    close: () => shut(server),
  };
}

/** Counters of a proxy since it started, for each arm. */
export interface ProxyCounters {
  canary: { requests: number; errors: number };
  baseline: { requests: number; errors: number };
}

/**
 * A weighted proxy: passes each request on to one of two services and counts what comes back. `GET /-/counters` tells
 * the counters, `GET /-/weight` the weight, `PUT /-/weight/N` sets it.
 */
export async function startProxy(
  baseline: number,
  canary: number,
): Promise<{ url: string; port: number; close(): void }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const counters: ProxyCounters = {
    canary: { requests: 0, errors: 0 },
    baseline: { requests: 0, errors: 0 },
  };
  let weight = 0;
  const server = createServer((incoming, response) => {
    if (incoming.url === '/-/counters') return void response.end(JSON.stringify(counters));
    if (incoming.url === '/-/weight') return void response.end(String(weight));
    const set = /^\/-\/weight\/(\d{1,3})$/u.exec(incoming.url ?? '')?.[1];
    if (set !== undefined && incoming.method === 'PUT' && Number(set) <= 100) {
      weight = Number(set);
      return void response.end(String(weight));
    }
    const toCanary = Math.random() * 100 < weight;
    const counts = toCanary ? counters.canary : counters.baseline;
    counts.requests += 1;
    const target = {
      host: '127.0.0.1',
      port: toCanary ? canary : baseline,
      path: incoming.url,
      method: incoming.method,
      agent,
    };
    const call = request(target, (answer) => {
      if ((answer.statusCode ?? 500) >= 500) counts.errors += 1;
      response.writeHead(answer.statusCode ?? 502, {
        'content-type': answer.headers['content-type'] ?? 'text/plain',
      });
      answer.pipe(response);
    });
    call.on('error', () => {
      counts.errors += 1;
      response.writeHead(502).end();
    });
    incoming.pipe(call);
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () => {
      agent.destroy();
      shut(server);
    },
  };
}

/** People who use the service: about `perSecond` requests a second. */
export function startUsers(port: number, perSecond: number): { close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const timer = setInterval(() => {
    for (let i = 0; i < perSecond / 20; i += 1) {
      const call = request({ host: '127.0.0.1', port, path: '/pay', agent }, (answer) => answer.resume());
      // At the end of the demo the proxy goes away under the last requests.
      call.on('error', () => undefined);
      call.end();
    }
  }, 50);
  return {
    close: () => {
      clearInterval(timer);
      agent.destroy();
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

function shut(server: Server): void {
  server.closeAllConnections();
  server.close();
}
