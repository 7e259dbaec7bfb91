import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Issuer } from './issuer.ts';

const START = '2020-01-01T00:00:00Z';

export interface Binaries {
  cosign: string;
  fulcio: string;
  'timestamp-server': string;
  'rekor-server': string;
  ctstub: string;
}

/** A private Sigstore on this machine: identity provider, authority, certificate log, log and timestamp authority. */
export class SigstoreInstance {
  readonly folder: string;
  readonly issuer: Issuer;
  readonly trustedRoot: string;
  readonly signingConfig: string;
  readonly urls: { fulcio: string; rekor: string; timestamp: string };
  readonly #children: ChildProcess[];

  private constructor(
    folder: string,
    issuer: Issuer,
    urls: SigstoreInstance['urls'],
    children: ChildProcess[],
  ) {
    this.folder = folder;
    this.issuer = issuer;
    this.urls = urls;
    this.trustedRoot = join(folder, 'trusted_root.json');
    this.signingConfig = join(folder, 'signing_config.json');
    this.#children = children;
  }

  static async start(folder: string, binaries: Binaries): Promise<SigstoreInstance> {
    const children: ChildProcess[] = [];
    const issuer = await Issuer.start();
    try {
      const [ct, fulcio, fulcioGrpc, fulcioMetrics, tsa, rekor, rekorGrpc, rekorMetrics] = await freePorts(8);
      const file = (name: string) => join(folder, name);
      writeKeys('ctfe', 'ec', folder);
      writeKeys('rekor', 'ed25519', folder);
      writeFileSync(file('fulcio.yaml'), fulcioConfig(issuer.url));
      const at = (port: number | undefined) => `http://127.0.0.1:${port}`;
      const urls = { fulcio: at(fulcio), rekor: at(rekor), timestamp: `${at(tsa)}/api/v1/timestamp` };
      const start = (name: keyof Binaries, args: string[]) => {
        const log = openSync(file(`${name}.log`), 'w');
        children.push(spawn(binaries[name], args, { cwd: folder, stdio: ['ignore', log, log] }));
        closeSync(log);
      };
      start('ctstub', [`127.0.0.1:${ct}`, file('ctfe.key')]);
      start('fulcio', [
        'serve',
        ...['--host', '127.0.0.1', '--port', `${fulcio}`, '--grpc-host', '127.0.0.1'],
        ...['--grpc-port', `${fulcioGrpc}`, '--metrics-port', `${fulcioMetrics}`],
        ...['--legacy-unix-domain-socket', `@fulcio-${fulcio}`, '--ca', 'ephemeralca'],
        ...['--config-path', file('fulcio.yaml')],
        ...['--ct-log-url', at(ct), '--ct-log-public-key-path', file('ctfe.pub')],
      ]);
      start('timestamp-server', [
        'serve',
        ...['--host', '127.0.0.1', '--port', `${tsa}`, '--scheme', 'http'],
        ...['--timestamp-signer', 'memory', '--disable-ntp-monitoring'],
      ]);
      start('rekor-server', [
        'serve',
        ...['--http-address', '127.0.0.1', '--http-port', `${rekor}`],
        ...['--grpc-address', '127.0.0.1', '--grpc-port', `${rekorGrpc}`],
        ...['--http-metrics-port', `${rekorMetrics}`, '--hostname', '127.0.0.1'],
        ...['--storage-dir', file('tiles'), '--signer-filepath', file('rekor.key')],
        ...['--checkpoint-interval', '1s'],
      ]);
      const instance = new SigstoreInstance(folder, issuer, urls, children);
      await Promise.all([
        answers(`${urls.fulcio}/healthz`),
        answers(`${at(tsa)}/ping`),
        answers(`${urls.rekor}/healthz`),
      ]);
      await instance.#writeTrust(binaries.cosign, at(ct));
      return instance;
    } catch (thrown) {
      for (const child of children) child.kill();
      issuer.stop();
      throw thrown;
    }
  }

  async #writeTrust(cosign: string, ct: string): Promise<void> {
    const { folder, urls } = this;
    const file = (name: string) => join(folder, name);
    writeFileSync(file('fulcio.pem'), await text(`${urls.fulcio}/api/v1/rootCert`));
    writeFileSync(file('tsa.pem'), await text(`${urls.timestamp}/certchain`));
    const run = (...args: string[]) => execFileSync(cosign, args, { stdio: 'pipe' });
    run(
      ...['trusted-root', 'create', '--out', this.trustedRoot],
      ...['--fulcio', `url=${urls.fulcio},certificate-chain=${file('fulcio.pem')}`],
      ...['--tsa', `url=${urls.timestamp},certificate-chain=${file('tsa.pem')}`],
      ...[
        '--rekor',
        `url=${urls.rekor},public-key=${file('rekor.pub')},start-time=${START},origin=127.0.0.1`,
      ],
      ...['--ctfe', `url=${ct},public-key=${file('ctfe.pub')},start-time=${START}`],
    );
    const common = `start-time=${START},operator=test`;
    run(
      ...['signing-config', 'create', '--out', this.signingConfig],
      ...['--fulcio', `url=${urls.fulcio},api-version=1,${common}`],
      ...['--oidc-provider', `url=${this.issuer.url}/github,api-version=1,${common}`],
      ...['--rekor', `url=${urls.rekor},api-version=2,${common}`, '--rekor-config', 'ANY'],
      ...['--tsa', `url=${urls.timestamp},api-version=1,${common}`, '--tsa-config', 'ANY'],
    );
  }

  stop(): void {
    for (const child of this.#children) child.kill();
    this.issuer.stop();
  }
}

function writeKeys(name: string, kind: 'ec' | 'ed25519', folder: string): void {
  const { privateKey, publicKey } =
    kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  writeFileSync(join(folder, `${name}.key`), privateKey.export({ type: 'pkcs8', format: 'pem' }), {
    mode: 0o600,
  });
  writeFileSync(join(folder, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
}

/** YAML and not JSON, which Fulcio reads with other names for the same members. */
function fulcioConfig(issuer: string): string {
  const entries = [
    { url: `${issuer}/github`, type: 'github-workflow' },
    { url: `${issuer}/email`, type: 'email' },
  ].map(({ url, type }) => `  ${url}:\n    issuer-url: ${url}\n    client-id: sigstore\n    type: ${type}\n`);
  return `oidc-issuers:\n${entries.join('')}`;
}

/** Ports that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function answers(url: string): Promise<void> {
  const until = Date.now() + 20_000;
  while (Date.now() < until) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no answer from ${url}`);
}

async function text(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP ${response.status}`);
  return await response.text();
}
