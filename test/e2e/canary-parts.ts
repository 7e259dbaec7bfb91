import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, createServer, request, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from './support.ts';

/** Real parts of a canary, each on ports of its own: services, load, proxies, Prometheus. */
const started: { stop(): void }[] = [];

export function stopAll(): void {
  for (const part of started.splice(0).reverse()) part.stop();
}

export async function freePort(): Promise<number> {
  const server = createSocket();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

export function program(
  file: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  started.push({ stop: () => child.kill('SIGKILL') });
  return { child, ended, output: () => output };
}

export async function until(
  what: string,
  check: () => Promise<boolean> | boolean,
  limit = 30_000,
): Promise<void> {
  const end = Date.now() + limit;
  for (;;) {
    try {
      if (await check()) return;
    } catch {
      // Not there yet.
    }
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A service that fails with the rate it is told, counts its requests, and shows them to Prometheus. */
export async function service(
  version: string,
): Promise<{ port: number; failing: (rate: number) => void; served: () => number }> {
  let rate = 0;
  const counts = { ok: 0, bad: 0 };
  const server: Server = createServer((incoming, response) => {
    if (incoming.url === '/metrics') {
      const name = 'http_requests_total';
      response.end(
        `# TYPE ${name} counter\n${name}{version="${version}",code="200"} ${counts.ok}\n${counts.bad === 0 ? '' : `${name}{version="${version}",code="500"} ${counts.bad}\n`}`,
      );
      return;
    }
    const bad = Math.random() < rate;
    if (bad) counts.bad += 1;
    else counts.ok += 1;
    response.writeHead(bad ? 500 : 200).end(version);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  started.push({
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return {
    port: (server.address() as AddressInfo).port,
    failing: (to) => {
      rate = to;
    },
    served: () => counts.ok + counts.bad,
  };
}

/** Sends about `perSecond` requests a second to a port. */
export function load(port: number, perSecond: number): void {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const timer = setInterval(() => {
    for (let i = 0; i < perSecond / 20; i += 1) {
      const call = request({ port, host: '127.0.0.1', agent, path: `/${Math.random()}` }, (response) =>
        response.resume(),
      );
      call.on('error', () => undefined);
      call.end();
    }
  }, 50);
  started.push({
    stop: () => {
      clearInterval(timer);
      agent.destroy();
    },
  });
}

export async function answers(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(1000) })).ok;
}

export async function prometheus(targets: Record<string, string>): Promise<string> {
  const folder = temporaryFolder();
  const port = await freePort();
  const jobs = Object.entries(targets).map(([job, target]) => ({
    job_name: job,
    static_configs: [{ targets: [target] }],
  }));
  writeFileSync(
    join(folder, 'prometheus.json'),
    JSON.stringify({ global: { scrape_interval: '500ms', scrape_timeout: '400ms' }, scrape_configs: jobs }),
  );
  program('prometheus', [
    `--config.file=${join(folder, 'prometheus.json')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]);
  const url = `http://127.0.0.1:${port}`;
  await until('prometheus', async () => await answers(`${url}/-/ready`));
  return url;
}

export async function haproxy(canary: number, baseline: number) {
  const folder = temporaryFolder();
  const [port, stats] = [await freePort(), await freePort()];
  const socket = join(folder, 'admin.sock');
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  stats socket ${socket} level admin
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
frontend front
  bind 127.0.0.1:${port}
  default_backend payments
frontend prometheus
  bind 127.0.0.1:${stats}
  http-request use-service prometheus-exporter if { path /metrics }
backend payments
  balance random
  server canary 127.0.0.1:${canary} weight 0
  server baseline 127.0.0.1:${baseline} weight 100
`,
  );
  program('haproxy', ['-f', join(folder, 'haproxy.cfg'), '-db']);
  await until('haproxy', async () => await answers(`http://127.0.0.1:${port}/`));
  return { port, metrics: `127.0.0.1:${stats}`, socket };
}
