import { type ChildProcess, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Key, repository, rootOf } from '../attest/tuf-repository.ts';
import { pushImage, referrersRegistry } from './sigstore/image.ts';
import { type Binaries, SigstoreInstance } from './sigstore/instance.ts';
import { githubClaims } from './sigstore/issuer.ts';
import { project, type Ran, run, temporaryFolder } from './support.ts';
import { lacks, tool } from './tools.ts';

const SIGSTORE = ['cosign', 'fulcio', 'rekor-server', 'timestamp-server', 'ctstub'];
const NAMES = [...SIGSTORE, 'crane', 'referrers-registry', 'policy-tester'];
const ENVIRONMENT = 'production';

/** What the policy controller's own tool says of the rendered policy and an image, beside what `verify` says of both. */
// The tester comes as source alone: it is looked at wherever somebody has built it, in CI too.
describe.skipIf(tool('policy-tester') === null || lacks(...NAMES))(
  'the policy controller’s own tester',
  () => {
    const folder = temporaryFolder();
    const file = (name: string) => join(folder, name);
    const children: ChildProcess[] = [];
    let sigstore: SigstoreInstance;
    let registry = '';
    const binary = (name: string): string => tool(name) ?? name;
    const env = { PATH: process.env.PATH, HOME: folder, TUF_ROOT: file('no-tuf') };
    const sallyport = (...args: string[]): Ran =>
      run(process.execPath, [join(project, 'bin', 'sallyport.cjs'), ...args], { cwd: folder, env });
    const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

    beforeAll(async () => {
      mkdirSync(file('instance'));
      const binaries = Object.fromEntries(NAMES.map((name) => [name, binary(name)])) as unknown as Binaries;
      sigstore = await SigstoreInstance.start(file('instance'), binaries);
      registry = await referrersRegistry(children);
      // As GitHub's own instance is: an authority and timestamps, no log. The controller’s library knows no tiled log yet.
      const config = read(sigstore.signingConfig);
      writeFileSync(
        file('config.json'),
        JSON.stringify({ ...config, rekorTlogUrls: [], rekorTlogConfig: undefined }),
      );
      writeFileSync(file('root.json'), JSON.stringify({ ...read(sigstore.trustedRoot), tlogs: [] }));
      writeFileSync(file('trust-root.yml'), trustRootOf(readFileSync(file('root.json'), 'utf8')));
    });

    afterAll(() => {
      for (const child of children) child.kill();
      sigstore?.stop();
    });

    /** The TrustRoot object with a repository (TUF) in it, whose only target is the trusted root. */
    function trustRootOf(root: string): string {
      const key = new Key();
      const pinned = rootOf(1, key);
      // The tester asks for the target without a name, where the controller asks for `trusted_root.json`.
      const files = new Map([
        ...repository(key, root, '2099-01-01T00:00:00Z', ''),
        ['root.json', pinned],
        ['1.root.json', pinned],
      ]);
      // And Go's path.Base of no name is a dot.
      files.set(`targets/${createHash('sha256').update(root).digest('hex')}..`, root);
      for (const [path, text] of files) {
        const place = join(file('tuf/repository'), path);
        mkdirSync(dirname(place), { recursive: true });
        writeFileSync(place, text);
      }
      execFileSync('tar', ['-C', file('tuf'), '-czf', file('tuf.tgz'), 'repository']);
      return JSON.stringify({
        apiVersion: 'policy.sigstore.dev/v1alpha1',
        kind: 'TrustRoot',
        metadata: { name: 'own' },
        spec: {
          repository: {
            root: Buffer.from(pinned).toString('base64'),
            mirrorFS: readFileSync(file('tuf.tgz')).toString('base64'),
            targets: 'targets',
          },
        },
      });
    }

    const image = (name: string) => pushImage(folder, registry, name);

    function policy(): string {
      const signer = {
        name: 'the deploy workflow',
        signs: ['release', 'deploy'],
        issuer: `${sigstore.issuer.url}/github`,
        workflow: {
          repository: 'https://github.com/acme/payments',
          path: '.github/workflows/release.yml',
          refs: ['refs/heads/main'],
        },
        source: { repositoryId: '123456', ownerId: '654321' },
      };
      writeFileSync(file('deploy.yml'), JSON.stringify({ version: 1, trust: { signers: [signer] } }));
      return file('deploy.yml');
    }

    /** Signs a summary of the deployment about an image, as the gate would or with something else in it. */
    function summarize(subject: string, change: object = {}, claims: Record<string, string> = {}): void {
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
      writeFileSync(file('summary.json'), JSON.stringify(predicate));
      writeFileSync(file('token'), sigstore.issuer.token('github', claims), { mode: 0o600 });
      const made = sallyport(
        ...['attest', '--type', 'summary', '--predicate', 'summary.json', '--identity-token', 'token'],
        ...['--signing-config', 'config.json', '--trusted-root', 'root.json', subject],
      );
      expect(made.code, made.stderr).toBe(0);
    }

    /** What both say: `admitted` or `refused`. */
    function judged(subject: string): { controller: string; verify: string; said: string } {
      const name = subject.split('@')[0] ?? '';
      const rendered = sallyport(
        ...['trust', 'render', 'policy-controller', '--policy', policy(), '--environment', ENVIRONMENT],
        ...['--image', name, '--trust-root', 'own'],
        ...['source', 'triggers', 'runner'].flatMap((rule) => ['--leave-out', rule]),
      );
      expect(rendered.code, rendered.stderr).toBe(0);
      writeFileSync(file('cip.yml'), rendered.stdout);
      const controller = run(
        binary('policy-tester'),
        ['-policy', file('cip.yml'), '-image', subject, '-trustroot', file('trust-root.yml')],
        { cwd: folder, env },
      );
      const own = sallyport(
        ...['verify', subject, '--policy', policy(), '--gate', 'deploy', '--environment', ENVIRONMENT],
        ...['--trusted-root', 'root.json'],
      );
      const word = (code: number | null) => (code === 0 ? 'admitted' : 'refused');
      return {
        controller: word(controller.code),
        verify: word(own.code),
        said: controller.stdout + controller.stderr + own.stderr,
      };
    }

    it('admits what verify admits', () => {
      const subject = image('payments');
      summarize(subject);
      const { controller, verify, said } = judged(subject);
      expect({ controller, verify }, said).toEqual({ controller: 'admitted', verify: 'admitted' });
    });

    it.each<[string, object, Record<string, string>]>([
      ['another environment', { verifiedLevels: ['SALLYPORT_DEPLOY_STAGING'] }, {}],
      ['FAILED', { verificationResult: 'FAILED', verifiedLevels: ['FAILED'] }, {}],
      ['another resource', { resourceUri: 'oci:registry.example/other' }, {}],
      ['another gate', { verifier: { id: 'https://github.com/sallyport/sallyport/verifiers/release' } }, {}],
      [
        'a branch’s workflow',
        {},
        {
          job_workflow_ref: `${githubClaims.job_workflow_ref}`.replace('heads/main', 'heads/feature'),
        },
      ],
    ])('refuses what verify refuses: %s', (_name, change, claims) => {
      const subject = image('payments');
      summarize(subject, change, claims);
      const { controller, verify, said } = judged(subject);
      expect({ controller, verify }, said).toEqual({ controller: 'refused', verify: 'refused' });
    });

    it('refuses what nobody signed', () => {
      const { controller, verify, said } = judged(image('payments'));
      expect({ controller, verify }, said).toEqual({ controller: 'refused', verify: 'refused' });
    });
  },
);
