import { type ChildProcess, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainRegistry, pushImage, referrersRegistry } from './sigstore/image.ts';
import { type Binaries, SigstoreInstance } from './sigstore/instance.ts';
import { githubClaims } from './sigstore/issuer.ts';
import { project, type Ran, run, temporaryFolder } from './support.ts';
import { lacks, tool } from './tools.ts';

const NAMES = [
  'cosign',
  'fulcio',
  'rekor-server',
  'timestamp-server',
  'ctstub',
  'crane',
  'referrers-registry',
];
const IDENTITY = `https://github.com/${githubClaims.job_workflow_ref}`;
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** From a commit to the door of two environments, with a real authority, log, timestamps and registries. */
describe.skipIf(lacks(...NAMES))('from gate to gate on a private Sigstore', () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, name);
  const children: ChildProcess[] = [];
  const registries: Record<string, string> = {};
  let sigstore: SigstoreInstance;
  let commit = '';
  let pack = '';
  const binary = (name: string): string => tool(name) ?? name;

  /** As a job of the workflow run. */
  const sallyport = (job: string, args: string[], cwd = file('service')): Ran =>
    run(process.execPath, [join(project, 'bin', 'sallyport.cjs'), ...args], {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        GITHUB_ACTIONS: 'true',
        GITHUB_SERVER_URL: 'https://github.com',
        GITHUB_REPOSITORY: 'acme/payments',
        GITHUB_SHA: commit,
        GITHUB_REF: 'refs/heads/main',
        GITHUB_EVENT_NAME: 'push',
        GITHUB_RUN_ID: '42',
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_JOB: job,
      },
    });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: file('service'),
      encoding: 'utf8',
    }).trim();
  const identified = () => {
    writeFileSync(file('token'), sigstore.issuer.token('github', { sha: commit }), { mode: 0o600 });
    return [
      ...['--identity-token', file('token'), '--signing-config', sigstore.signingConfig],
      ...['--trusted-root', sigstore.trustedRoot],
    ];
  };
  const image = (registry: string) => pushImage(folder, registry, 'payments');
  /** The evidence of a stage job, as its outputs hand it over. */
  const stage = (name: string): string[] => {
    const runs = file('service/.sallyport/runs');
    const before = new Set(existsSync(runs) ? readdirSync(runs) : []);
    const scanned = sallyport(name, ['scan', name, '--quiet']);
    expect(scanned.code, scanned.stderr).toBe(0);
    // Two runs of one second are not in the order of their names.
    const [latest = ''] = readdirSync(runs).filter((run) => !before.has(run));
    return [`${name}.sarif`, `${name}.intoto.json`].flatMap((part) => {
      const path = join(runs, latest, part);
      return ['--evidence', `${name}=${path}@sha256:${sha256(readFileSync(path))}`];
    });
  };
  const deployPolicy = (change: object = {}) => {
    const signer = {
      name: 'release workflow',
      signs: ['release', 'deploy'],
      issuer: `${sigstore.issuer.url}/github`,
      workflow: {
        repository: 'https://github.com/acme/payments',
        path: '.github/workflows/release.yml',
        refs: ['refs/heads/main'],
      },
      source: { repositoryId: '123456', ownerId: '654321' },
      ...change,
    };
    const digest = /policy digest sha256:([0-9a-f]{64})/u.exec(
      sallyport('check', ['policy', 'check', '--policy', file('pack.yml')]).stdout,
    )?.[1];
    const text = { version: 1, extends: ['baseline'], trust: { signers: [signer], policies: [digest] } };
    writeFileSync(file('deploy.yml'), JSON.stringify(text));
    return file('deploy.yml');
  };

  beforeAll(async () => {
    mkdirSync(file('instance'));
    const binaries = Object.fromEntries(NAMES.map((name) => [name, binary(name)])) as unknown as Binaries;
    sigstore = await SigstoreInstance.start(file('instance'), binaries);
    registries.referrers = await referrersRegistry(children);
    registries.tags = await plainRegistry(folder, children);
    mkdirSync(file('service'));
    git('init', '--quiet', '--initial-branch=main');
    writeFileSync(
      file('service/compose.yaml'),
      `services:\n  app:\n    image: app@sha256:${'a'.repeat(64)}\n`,
    );
    writeFileSync(file('service/.gitignore'), '.sallyport/\n');
    git('add', '--all');
    git('commit', '--quiet', '-m', 'service');
    commit = git('rev-parse', 'HEAD');
    const text = 'version: 1\nextends: [baseline]\n';
    writeFileSync(file('pack.yml'), text);
    pack = `${file('pack.yml')}@sha256:${sha256(text)}`;
  });

  afterAll(() => {
    for (const child of children) child.kill();
    sigstore?.stop();
  });

  it.each(['referrers', 'tags'])('release, deploy and verify over the registry with %s', (kind) => {
    const subject = image(registries[kind] ?? '');
    const evidence = [...stage('configuration'), ...stage('secrets')];
    const released = sallyport('release', [
      ...['gate', '--gate', 'release', '--policy', pack, '--subject', subject, '--sign', ...identified()],
      ...evidence,
    ]);
    expect(released.code, released.stdout + released.stderr).toBe(0);

    // What cosign asks finds the signature, and the summary as an attestation.
    const cosign = (...args: string[]) =>
      run(binary('cosign'), [...args, subject], {
        cwd: folder,
        env: { PATH: process.env.PATH, HOME: folder, TUF_ROOT: file('no-tuf') },
      });
    const theirs = [
      ...['--trusted-root', sigstore.trustedRoot, '--certificate-identity', IDENTITY],
      ...['--certificate-oidc-issuer', `${sigstore.issuer.url}/github`],
    ];
    const signature = cosign('verify', ...theirs);
    expect(signature.code, signature.stderr).toBe(0);
    const summary = cosign(
      ...['verify-attestation', ...theirs, '--type', 'https://slsa.dev/verification_summary/v1'],
    );
    expect(summary.code, summary.stderr).toBe(0);

    const policy = deployPolicy();
    const deploy = (...more: string[]) =>
      sallyport('deploy', [
        ...['gate', '--gate', 'deploy', '--environment', 'production', '--policy', policy],
        ...['--subject', subject, '--explain', '--sign', ...identified(), ...more],
      ]);
    const deployed = deploy();
    expect(deployed.code, deployed.stdout + deployed.stderr).toBe(0);
    expect(deployed.stdout).toContain('release summary: SALLYPORT_RELEASE');

    writeFileSync(
      file('pod.yml'),
      `apiVersion: v1\nkind: Pod\nmetadata: { name: app }\nspec:\n  containers:\n    - name: app\n      image: ${subject.replace(/@.*/u, ':v1')}\n`,
    );
    const admit = (environment: string) =>
      sallyport('deploy', [
        ...['verify', '--manifest', file('pod.yml'), '--policy', policy, '--gate', 'deploy'],
        ...['--environment', environment, '--trusted-root', sigstore.trustedRoot],
      ]);
    const admitted = admit('production');
    expect(admitted.code, admitted.stderr).toBe(0);
    expect(admitted.stdout).toContain(`:v1@${subject.split('@')[1]}`);
    expect(admit('staging').code).toBe(1);

    deployPolicy({ source: { repositoryId: '999', ownerId: '654321' } });
    const recycled = deploy();
    expect(recycled.code, recycled.stdout + recycled.stderr).toBe(1);
    expect(recycled.stderr).toContain('SP-VERIFY-TRUST');
  });

  it('a deny-list that a person signed withdraws what was released', () => {
    const subject = image(registries.referrers ?? '');
    const released = sallyport('release', [
      ...['gate', '--gate', 'release', '--policy', pack, '--subject', subject, '--sign', ...identified()],
      ...[...stage('configuration'), ...stage('secrets')],
    ]);
    expect(released.code, released.stdout + released.stderr).toBe(0);
    const policy = JSON.parse(readFileSync(deployPolicy(), 'utf8'));
    const person = {
      name: 'security',
      signs: ['deny-list', 'break-glass'],
      issuer: `${sigstore.issuer.url}/email`,
      identity: 'alice@acme.test',
    };
    policy.trust.signers.push(person);
    policy.trust.denyList = { required: true };
    policy.trust.breakGlass = { environments: ['production'] };
    writeFileSync(file('deploy.yml'), JSON.stringify(policy));
    const asAlice = () => {
      writeFileSync(file('alice'), sigstore.issuer.token('email'), { mode: 0o600 });
      return [
        ...['--identity-token', file('alice'), '--signing-config', sigstore.signingConfig],
        ...['--trusted-root', sigstore.trustedRoot, '--policy', file('deploy.yml')],
      ];
    };
    const deploy = (...more: string[]) =>
      sallyport('deploy', [
        ...['gate', '--gate', 'deploy', '--environment', 'production', '--policy', file('deploy.yml')],
        ...['--subject', subject, '--trusted-root', sigstore.trustedRoot, ...more],
      ]);
    expect(deploy().code).toBe(2);
    const deny = (...digests: string[]) =>
      sallyport('deny', [
        ...['trust', 'deny', '--list', file('deny.json'), '--reason', 'an exploit is out', ...asAlice()],
        ...digests,
      ]);
    const first = deny(`sha256:${'0'.repeat(64)}`);
    expect(first.code, first.stderr).toBe(0);
    const listed = ['--deny-list', file('deny.json')];
    const allowed = deploy(...listed);
    expect(allowed.code, allowed.stdout + allowed.stderr).toBe(0);
    const second = deny(subject.split('@')[1] ?? '');
    expect(second.stdout).toContain('deny-list 2');
    const withdrawn = deploy(...listed);
    expect(withdrawn.code).toBe(1);
    expect(withdrawn.stderr).toContain('SP-VERIFY-DENIED');

    const half = sallyport('exception', [
      ...['trust', 'break-glass', subject, '--environment', 'production', '--reason', 'payments are down'],
      ...['--output', file('half.json'), ...asAlice()],
    ]);
    expect(half.code, half.stderr).toBe(0);
    writeFileSync(
      file('empty.yml'),
      JSON.stringify({ ...policy, trust: { ...policy.trust, denyList: { required: false } } }),
    );
    const alone = sallyport('deploy', [
      ...['gate', '--gate', 'deploy', '--environment', 'production', '--policy', file('empty.yml')],
      ...['--subject', subject, '--trusted-root', sigstore.trustedRoot, '--break-glass', file('half.json')],
    ]);
    expect(alone.code).toBe(1);
    expect(alone.stderr).toContain('SP-VERIFY-BREAK-GLASS');
  });
});
