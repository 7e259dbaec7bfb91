import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import { type HttpRequest, networkHttp, offlineHttp } from '../../src/platform/http.ts';

const servers: Server[] = [];

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  vi.unstubAllEnvs();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const limits = { bytes: 1000, timeout: 1000 };
const ask = (url: string, change: Partial<HttpRequest> = {}) =>
  networkHttp.request({ method: 'GET', url, limits, retries: 0, ...change });

async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof SallyportError)
      return `${error.problem.code} ${error.problem.message} ${error.problem.found}`;
    throw error;
  }
  return 'none';
}

describe('a proxy of the job', () => {
  it('is gone through, but not for what NO_PROXY names', async () => {
    const seen: string[] = [];
    const proxy = await serve((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.end('by proxy');
    });
    const direct = await serve((_request, response) => response.end('direct'));
    vi.stubEnv('HTTP_PROXY', proxy);
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    vi.resetModules();
    const { networkHttp: fresh } = await import('../../src/platform/http.ts');
    const get = async (url: string) =>
      (await fresh.request({ method: 'GET', url, limits, retries: 0, plain: true })).body.toString();
    expect(await get('http://service.invalid/x')).toBe('by proxy');
    expect(await get(`${direct}/y`)).toBe('direct');
    expect(seen).toEqual(['GET http://service.invalid/x']);
  });
});

describe('a request', () => {
  it('sends method, headers and body, and gives the answer as it is, whatever its status', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      request.on('data', (chunk) => seen.push(`${request.method} ${request.headers['x-a']} ${chunk}`));
      request.on('end', () => response.writeHead(418, { 'x-b': 'c' }).end('short and stout'));
    });
    const answer = await ask(`${url}/pot`, { method: 'PATCH', headers: { 'x-a': '1' }, body: 'tea' });
    expect(seen).toEqual(['PATCH 1 tea']);
    expect([answer.status, answer.header('X-B'), answer.header('x-d'), answer.body.toString()]).toEqual([
      418,
      'c',
      null,
      'short and stout',
    ]);
    expect(answer.url).toBe(`${url}/pot`);
  });

  it('is tried again where the answer may pass, as often as is said', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(asked === 1 ? 503 : 200).end();
    });
    expect((await ask(url)).status).toBe(503);
    asked = 0;
    expect((await ask(url, { retries: 1 })).status).toBe(200);
    expect(asked).toBe(2);
  });

  it('is tried again where the connection drops', async () => {
    let asked = 0;
    const url = await serve((request, response) => {
      asked += 1;
      if (asked === 1) request.socket.destroy();
      else response.end('here');
    });
    expect(await problemOf(ask(url))).toContain('SP-HTTP');
    asked = 0;
    expect((await ask(url, { retries: 1 })).body.toString()).toBe('here');
  });

  it('ends where the answer is too large, too slow or breaks off, and is not tried again for its size', async () => {
    let asked = 0;
    const large = await serve((_request, response) => {
      asked += 1;
      response.end('x'.repeat(1001));
    });
    expect(await problemOf(ask(large, { retries: 2 }))).toContain('too large more than 1000 bytes');
    expect(asked).toBe(1);
    const slow = await serve((_request, response) => void response.writeHead(200).write('x'));
    expect(await problemOf(ask(slow, { limits: { bytes: 10, timeout: 60 } }))).toContain('within 60 ms');
    const broken = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('x', () => response.destroy());
    });
    expect(await problemOf(ask(broken))).toContain('SP-HTTP');
  });

  it('follows redirects of a GET, and takes no header to another host', async () => {
    const seen: string[] = [];
    const other = await serve((request, response) => {
      seen.push(`other ${request.headers.authorization}`);
      response.end('blob');
    });
    const url = await serve((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      const location = request.url === '/a' ? '/b' : `${other}/c`;
      response.writeHead(307, { location }).end();
    });
    const headers = { authorization: 'secret' };
    const answer = await ask(`${url}/a`, { headers });
    expect(seen).toEqual(['/a secret', '/b secret', 'other undefined']);
    expect([answer.url, answer.body.toString()]).toEqual([`${other}/c`, 'blob']);
    expect((await ask(`${url}/a`, { headers, method: 'POST' })).status).toBe(307);
    expect((await ask(`${url}/a`, { redirects: 0 })).status).toBe(307);
    expect(await problemOf(ask(`${url}/a`, { redirects: 1 }))).toContain('too many redirects');
  });

  it('speaks http to this machine only, unless it is allowed', async () => {
    expect(await problemOf(ask('http://192.0.2.1/'))).toContain('only https');
    const limit = { bytes: 10, timeout: 50 };
    expect(await problemOf(ask('http://192.0.2.1/', { plain: true, limits: limit }))).toContain('no answer');
    expect(await problemOf(ask('file:///etc/passwd', { plain: true }))).toContain('only https');
    const away = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://192.0.2.1/' }).end(),
    );
    expect(await problemOf(ask(away))).toContain('only https');
  });

  it('does not follow from https to http, on this machine neither', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-http-'));
    const file = (name: string) => join(folder, name);
    const own = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const made = ['-keyout', file('key.pem'), '-out', file('cert.pem')];
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...curve, ...own, ...made], { stdio: 'ignore' });
    const [key, ca] = ['key.pem', 'cert.pem'].map((name) => readFileSync(file(name), 'utf8'));
    rmSync(folder, { recursive: true });
    let reached = false;
    const inside = await serve((_request, response) => {
      reached = true;
      response.end();
    });
    const server = createSecureServer({ key, cert: ca }, (request, response) => {
      const location = request.url === '/down' ? inside : '/there';
      response.writeHead(request.url === '/there' ? 200 : 302, { location }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect((await ask(`${url}/`, { ca })).status).toBe(200);
      expect(await problemOf(ask(`${url}/down`, { ca }))).toContain('a redirect from https');
      expect(reached).toBe(false);
    } finally {
      server.close();
    }
  });

  it('is not sent at all offline, and a plain get wants https', async () => {
    expect(
      await problemOf(offlineHttp.request({ method: 'GET', url: 'https://a.example', limits })),
    ).toContain('SP-OFFLINE');
    const url = await serve((_request, response) => response.end());
    expect(await problemOf(networkHttp.get(url, limits))).toContain('only https');
  });
});
