import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { Key, repository, rootOf } from '../../attest/tuf-repository.ts';
import { project, type Ran, run, temporaryFolder } from '../support.ts';
import { tool } from '../tools.ts';
import { pushImage, referrersRegistry } from './image.ts';
import { answers, type Binaries, freePorts, SigstoreInstance } from './instance.ts';
import { githubClaims } from './issuer.ts';

const SIGSTORE = ['cosign', 'fulcio', 'rekor-server', 'timestamp-server', 'ctstub'];
/** What it needs of the machine. */
export const DEPLOYMENT_TOOLS = [...SIGSTORE, 'crane', 'referrers-registry'];
const ENVIRONMENT = 'production';

export type Word = 'admitted' | 'refused';

/** What keeps a summary from counting: its name, what is other in it, what is other in its signer's claims. */
export const REFUSED: [string, object, Record<string, string>][] = [
  ['another environment', { verifiedLevels: ['SALLYPORT_DEPLOY_STAGING'] }, {}],
  ['FAILED', { verificationResult: 'FAILED', verifiedLevels: ['FAILED'] }, {}],
  ['another resource', { resourceUri: 'oci:registry.example/other' }, {}],
  ['another gate', { verifier: { id: 'https://github.com/sallyport/sallyport/verifiers/release' } }, {}],
  [
    'a branch’s workflow',
    {},
    { job_workflow_ref: `${githubClaims.job_workflow_ref}`.replace('heads/main', 'heads/feature') },
  ],
];

/** Images with summaries of the deploy gate, in a registry and a Sigstore of their own. */
export class Deployments {
  readonly folder = temporaryFolder();
  readonly env = { PATH: process.env.PATH, HOME: this.folder, TUF_ROOT: join(this.folder, 'no-tuf') };
  readonly #children: ChildProcess[] = [];
  #sigstore: SigstoreInstance | undefined;
  #registry = '';

  /** `logless`: as GitHub's own instance is, an authority and timestamps. */
  async start({ logless }: { logless: boolean }): Promise<void> {
    mkdirSync(this.file('instance'));
    const binaries = Object.fromEntries(SIGSTORE.map((name) => [name, tool(name) ?? name]));
    this.#sigstore = await SigstoreInstance.start(this.file('instance'), binaries as unknown as Binaries);
    this.#registry = await referrersRegistry(this.#children);
    const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
    const [config, root] = [read(this.#sigstore.signingConfig), read(this.#sigstore.trustedRoot)];
    const none = { rekorTlogUrls: [], rekorTlogConfig: undefined };
    writeFileSync(this.file('config.json'), JSON.stringify(logless ? { ...config, ...none } : config));
    writeFileSync(this.file('root.json'), JSON.stringify(logless ? { ...root, tlogs: [] } : root));
    writeFileSync(
      this.file('deploy.yml'),
      JSON.stringify({ version: 1, trust: { signers: [this.#signer()] } }),
    );
  }

  stop(): void {
    for (const child of this.#children) child.kill();
    this.#sigstore?.stop();
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** The bytes of the trusted root. */
  root(): string {
    return readFileSync(this.file('root.json'), 'utf8');
  }

  /** Writes a TUF repository that offers the trusted root as `target` to the folder `tuf`; returns its root. */
  tufRepository(target?: string): string {
    const key = new Key();
    const pinned = rootOf(1, key);
    const files = new Map([
      ...repository(key, this.root(), '2099-01-01T00:00:00Z', target),
      ['root.json', pinned],
      ['1.root.json', pinned],
    ]);
    for (const [path, text] of files) {
      const place = join(this.file('tuf'), path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text);
    }
    return pinned;
  }

  /** Serves a folder by HTTP; returns its address. A process of its own, since this one waits for what asks it. */
  async serve(name: string): Promise<string> {
    const [port] = await freePorts(1);
    const script = `const { createReadStream } = require('node:fs');
require('node:http').createServer(({ url }, answer) =>
  createReadStream(process.argv[1] + url).on('error', () => answer.writeHead(404).end()).pipe(answer),
).listen(${port}, '127.0.0.1');`;
    this.#children.push(spawn(process.execPath, ['-e', script, this.file(name)], { stdio: 'ignore' }));
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/root.json`);
    return url;
  }

  sallyport(...args: string[]): Ran {
    return run(process.execPath, [join(project, 'bin', 'sallyport.cjs'), ...args], {
      cwd: this.folder,
      env: this.env,
    });
  }

  get issuer(): string {
    return `${this.#sigstore?.issuer.url}/github`;
  }

  /** Of the workflow's job, with other claims where they are given. */
  token(claims: Record<string, string> = {}): string {
    return this.#sigstore?.issuer.token('github', claims) ?? '';
  }

  /** An image that nobody has signed. */
  image(): string {
    return pushImage(this.folder, this.#registry, 'payments');
  }

  /** Signs a summary of the deployment about an image, as the gate would or with something else in it. */
  summarize(subject: string, change: object = {}, claims: Record<string, string> = {}): void {
    const predicate = {
      verifier: { id: 'https://github.com/sallyport/sallyport/verifiers/deploy' },
      timeVerified: new Date().toISOString(),
      resourceUri: `oci:${subject.split('@')[0]}`,
      policy: { uri: 'x', digest: { sha256: 'a'.repeat(64) } },
      inputAttestations: [],
      verificationResult: 'PASSED',
      verifiedLevels: ['SALLYPORT_DEPLOY_PRODUCTION'],
      slsaVersion: '1.2',
      ...change,
    };
    writeFileSync(this.file('summary.json'), JSON.stringify(predicate));
    writeFileSync(this.file('token'), this.token(claims), { mode: 0o600 });
    const made = this.sallyport(
      ...['attest', '--type', 'summary', '--predicate', 'summary.json', '--identity-token', 'token'],
      ...['--signing-config', 'config.json', '--trusted-root', 'root.json', subject],
    );
    expect(made.code, made.stderr).toBe(0);
  }

  /** The policy for a cluster, as a document of YAML. */
  render(target: string, subject: string, ...more: string[]): string {
    const rendered = this.sallyport(
      ...['trust', 'render', target, '--policy', 'deploy.yml', '--environment', ENVIRONMENT],
      ...['--image', subject.split('@')[0] ?? '', ...more],
      ...['source', 'triggers', 'runner'].flatMap((rule) => ['--leave-out', rule]),
    );
    expect(rendered.code, rendered.stderr).toBe(0);
    return rendered.stdout;
  }

  /** What `verify` says. */
  verify(subject: string): { word: Word; said: string } {
    const { code, stderr } = this.sallyport(
      ...['verify', subject, '--policy', 'deploy.yml', '--gate', 'deploy', '--environment', ENVIRONMENT],
      ...['--trusted-root', 'root.json'],
    );
    return { word: code === 0 ? 'admitted' : 'refused', said: stderr };
  }

  #signer(): object {
    return {
      name: 'the deploy workflow',
      signs: ['release', 'deploy'],
      issuer: this.issuer,
      workflow: {
        repository: 'https://github.com/acme/payments',
        path: '.github/workflows/release.yml',
        refs: ['refs/heads/other', 'refs/heads/main'],
      },
      source: { repositoryId: '123456', ownerId: '654321' },
    };
  }
}
