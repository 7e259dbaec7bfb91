import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { invoke } from '../../src/commands/invoke.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { systemContext } from '../../src/platform/system.ts';
import { TreeLog } from '../attest/tree-log.ts';
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
const KEY_PASSWORD = { COSIGN_PASSWORD: '' };

describe.skipIf(lacks(...NAMES))('beside cosign, on a private Sigstore', () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder, name);
  const children: ChildProcess[] = [];
  const registries: Record<string, string> = {};
  let sigstore: SigstoreInstance;
  let issuer = '';

  const binary = (name: string): string => tool(name) ?? name;
  const sallyport = (args: string[], env: Record<string, string> = {}): Ran =>
    run(process.execPath, [join(project, 'bin', 'sallyport.cjs'), ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ...env },
    });
  const cosign = (args: string[]): Ran =>
    run(binary('cosign'), args, {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, TUF_ROOT: file('no-tuf'), ...KEY_PASSWORD },
    });
  const identified = () => {
    writeFileSync(file('token'), sigstore.issuer.token('github'), { mode: 0o600 });
    const common = ['--identity-token', file('token'), '--signing-config', sigstore.signingConfig];
    return [...common, '--trusted-root', sigstore.trustedRoot];
  };
  const ours = () => ['--trusted-root', sigstore.trustedRoot, '--issuer', issuer, '--identity', IDENTITY];
  const theirs = () => [
    ...['--trusted-root', sigstore.trustedRoot, '--certificate-identity', IDENTITY],
    ...['--certificate-oidc-issuer', issuer],
  ];
  const predicate = () => {
    const made = sallyport(['verify', 'made.txt', ...ours(), '--type', 'provenance', '--report', 'json']);
    expect(made.code, made.stderr).toBe(0);
    const bundle = JSON.parse(readFileSync(file('made.txt.slsa-dev-provenance-v1.sigstore.json'), 'utf8'));
    const { predicate: content } = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString());
    writeFileSync(file('predicate.json'), JSON.stringify(content));
    return file('predicate.json');
  };
  const image = (registry: string, name: string) => pushImage(folder, registry, name);

  beforeAll(async () => {
    mkdirSync(file('instance'));
    const binaries = Object.fromEntries(NAMES.map((name) => [name, binary(name)])) as unknown as Binaries;
    sigstore = await SigstoreInstance.start(file('instance'), binaries);
    issuer = `${sigstore.issuer.url}/github`;
    registries.referrers = await referrersRegistry(children);
    registries.tags = await plainRegistry(folder, children);
    for (const name of ['made.txt', 'app.txt', 'keyed.txt', 'theirs.txt'])
      writeFileSync(file(name), `${name}\n`);
    const made = sallyport(['attest', '--type', 'provenance', ...identified(), 'made.txt']);
    expect(made.code, made.stderr).toBe(0);
    expect(cosign(['generate-key-pair']).code).toBe(0);
  });

  afterAll(() => {
    for (const child of children) child.kill();
    sigstore?.stop();
  });

  it('signs files that cosign verifies', () => {
    const signed = sallyport(['sign', ...identified(), 'app.txt']);
    expect(signed.code, signed.stderr).toBe(0);
    const bundle = ['--bundle', file('app.txt.sigstore.json')];
    const verified = cosign(['verify-blob', ...bundle, ...theirs(), file('app.txt')]);
    expect(verified.code, verified.stderr).toBe(0);
    expect(cosign(['verify-blob', ...bundle, ...theirs(), file('made.txt')]).code).not.toBe(0);
    const attested = cosign([
      ...['verify-blob-attestation', '--bundle', file('made.txt.slsa-dev-provenance-v1.sigstore.json')],
      ...[...theirs(), '--type', 'slsaprovenance1', file('made.txt')],
    ]);
    expect(attested.code, attested.stderr).toBe(0);
  });

  it('attests what a checksum file lists, which cosign verifies file by file', () => {
    const names = ['listed.txt', 'two words.txt', 'disk.img'];
    for (const name of names) writeFileSync(file(name), `${name}\n`);
    // Too large to be kept in memory: it is hashed in pieces, by SHA-512 in a pass of its own.
    truncateSync(file('disk.img'), 257 * 1024 * 1024);
    const options = { cwd: folder };
    writeFileSync(file('SHA256SUMS'), execFileSync('sha256sum', ['--', ...names], options));
    writeFileSync(file('SHA512SUMS'), execFileSync('sha512sum', ['--tag', '--', ...names], options));
    const type = ['--type', 'slsaprovenance1'];
    for (const sums of ['SHA256SUMS', 'SHA512SUMS']) {
      const made = sallyport(['attest', '--type', 'provenance', ...identified(), '--checksums', sums]);
      expect(made.code, made.stderr).toBe(0);
      const bundle = ['--bundle', file(`${sums}.slsa-dev-provenance-v1.sigstore.json`)];
      for (const name of names) {
        const verified = sallyport(['verify', name, ...bundle, ...ours(), '--type', 'provenance']);
        expect(verified.code, verified.stderr).toBe(0);
      }
      const stranger = sallyport(['verify', 'made.txt', ...bundle, ...ours(), '--type', 'provenance']);
      expect(stranger.code).toBe(1);
      expect(stranger.stderr).toContain('SP-VERIFY-SUBJECT');
      const check = ['verify-blob-attestation', ...bundle, ...theirs(), ...type];
      // Cosign takes no file of more than 128 MiB.
      for (const name of names.filter((one) => one !== 'disk.img')) {
        const verified = cosign([...check, file(name)]);
        expect(verified.code, verified.stderr).toBe(0);
      }
      expect(cosign([...check, file('made.txt')]).code).not.toBe(0);
    }
  });

  it('signs with a key that cosign verifies, and verifies what cosign signs with one', () => {
    const key = execFileSync('openssl', [
      'genpkey',
      '-algorithm',
      'EC',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
    ]);
    writeFileSync(file('own.pem'), key, { mode: 0o600 });
    writeFileSync(file('own.pub'), execFileSync('openssl', ['pkey', '-pubout'], { input: key }));
    const instance = ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot];
    const signed = sallyport(['sign', '--key', 'own.pem', ...instance, 'keyed.txt']);
    expect(signed.code, signed.stderr).toBe(0);
    const root = ['--trusted-root', sigstore.trustedRoot];
    const bundle = ['--bundle', file('keyed.txt.sigstore.json')];
    const verified = cosign(['verify-blob', '--key', file('own.pub'), ...bundle, ...root, file('keyed.txt')]);
    expect(verified.code, verified.stderr).toBe(0);
    const made = cosign([
      ...['sign-blob', '--yes', '--key', file('cosign.key'), ...instance],
      ...['--bundle', file('cosign-keyed.json'), file('app.txt')],
    ]);
    expect(made.code, made.stderr).toBe(0);
    const check = ['verify', 'app.txt', '--bundle', 'cosign-keyed.json', ...root];
    expect(sallyport([...check, '--key', 'cosign.pub']).code).toBe(0);
    expect(sallyport([...check, '--key', 'own.pub']).code).toBe(1);
  });

  it('signs by a log of Rekor v1, which cosign verifies', async () => {
    const log = await TreeLog.start();
    const root = JSON.parse(readFileSync(sigstore.trustedRoot, 'utf8'));
    // No timestamp authority: the log's promise alone proves the time.
    writeFileSync(
      file('root-v1.json'),
      JSON.stringify({ ...root, tlogs: [log.part()], timestampAuthorities: [] }),
    );
    const config = JSON.parse(readFileSync(sigstore.signingConfig, 'utf8'));
    const rekorTlogUrls = [{ ...config.rekorTlogUrls[0], url: log.url, majorApiVersion: 1 }];
    writeFileSync(file('config-v1.json'), JSON.stringify({ ...config, rekorTlogUrls, tsaUrls: [] }));
    identified();
    writeFileSync(file('v1.txt'), 'by Rekor v1\n');
    // In this process, since the log is in it too.
    const context = { ...systemContext('cli', 'quiet'), cwd: folder, env: {}, out: () => undefined };
    const instance = { signingConfig: 'config-v1.json', trustedRoot: ['root-v1.json'] };
    const inputs = { ...instance, identityToken: 'token', subjects: ['v1.txt'] };
    expect((await invoke(await loadCommand('sign'), inputs, context)).exit).toBe(0);
    const attest = await loadCommand('attest');
    expect((await invoke(attest, { ...inputs, type: 'provenance' }, context)).exit).toBe(0);
    expect(log.proposed.map(({ kind }) => kind)).toEqual(['hashedrekord', 'dsse']);
    const signer = ['--trusted-root', file('root-v1.json'), ...theirs().slice(2)];
    const bundle = ['--bundle', file('v1.txt.sigstore.json')];
    const verified = cosign(['verify-blob', ...bundle, ...signer, file('v1.txt')]);
    expect(verified.code, verified.stderr).toBe(0);
    const attested = cosign([
      ...['verify-blob-attestation', '--bundle', file('v1.txt.slsa-dev-provenance-v1.sigstore.json')],
      ...[...signer, '--type', 'slsaprovenance1', file('v1.txt')],
    ]);
    expect(attested.code, attested.stderr).toBe(0);
    expect(cosign(['verify-blob', ...bundle, ...theirs(), file('v1.txt')]).code).not.toBe(0);
  });

  it('verifies files that cosign signs', () => {
    const made = cosign([
      'sign-blob',
      '--yes',
      ...identified(),
      '--bundle',
      file('theirs.txt.sigstore.json'),
      file('theirs.txt'),
    ]);
    expect(made.code, made.stderr).toBe(0);
    const verified = sallyport(['verify', 'theirs.txt', ...ours(), '--explain', '--offline']);
    expect(verified.code, verified.stderr).toBe(0);
    expect(verified.stdout).toContain('inclusion proven up to a signed checkpoint');
    writeFileSync(file('theirs.txt'), 'changed\n');
    const changed = sallyport(['verify', 'theirs.txt', ...ours()]);
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain('SP-VERIFY-SUBJECT');
  });

  it.each(['referrers', 'tags'])('signs and attests images that cosign verifies: %s', (kind) => {
    const reference = image(registries[kind] ?? '', 'ours');
    const made = sallyport(['attest', '--type', 'provenance', ...identified(), reference]);
    expect(made.code, made.stderr).toBe(0);
    expect(cosign(['verify', ...theirs(), reference]).code).toBe(0);
    const attested = cosign(['verify-attestation', ...theirs(), '--type', 'slsaprovenance1', reference]);
    expect(attested.code, attested.stderr).toBe(0);
    expect(
      sallyport(['verify', reference, ...ours(), '--type', 'provenance', '--type', 'signature']).code,
    ).toBe(0);
  });

  it.each(['referrers', 'tags'])('verifies images that cosign signs and attests: %s', (kind) => {
    const reference = image(registries[kind] ?? '', 'theirs');
    expect(sallyport(['verify', reference, ...ours()]).stderr).toContain('SP-VERIFY-MISSING');
    expect(cosign(['sign', '--yes', ...identified(), reference]).code).toBe(0);
    const type = ['--type', 'slsaprovenance1'];
    const made = cosign(['attest', '--yes', ...identified(), '--predicate', predicate(), ...type, reference]);
    expect(made.code, made.stderr).toBe(0);
    const wanted = ['--type', 'provenance', '--type', 'signature'];
    const verified = sallyport(['verify', reference, ...ours(), ...wanted]);
    expect(verified.code, verified.stderr).toBe(0);
    const stranger = sallyport(['verify', reference, ...ours().slice(0, -1), `${IDENTITY}x`]);
    expect(stranger.code).toBe(1);
    expect(stranger.stderr).toContain('SP-VERIFY-IDENTITY');
  });

  it('verifies what cosign keeps under its older tags', () => {
    const reference = image(registries.tags ?? '', 'legacy');
    const old = ['--new-bundle-format=false', '--use-signing-config=false', '--tlog-upload=false'];
    const key = ['--yes', '--key', file('cosign.key'), ...old];
    const signed = cosign(['sign', ...key, reference]);
    expect(signed.code, signed.stderr).toBe(0);
    const type = ['--type', 'slsaprovenance1'];
    expect(cosign(['attest', ...key, '--predicate', predicate(), ...type, reference]).code).toBe(0);
    const wanted = ['--type', 'provenance', '--type', 'signature'];
    const verified = sallyport(['verify', reference, '--key', 'cosign.pub', ...wanted]);
    expect(verified.code, verified.stderr).toBe(0);
    expect(verified.stdout).toMatch(/\.att#sha256:[\s\S]*\.sig#sha256:/u);
  });

  it('says which service refused, and shows no token', () => {
    const token = sigstore.issuer.token('github', { exp: 1_700_000_000 });
    writeFileSync(file('old-token'), token);
    const [, , ...rest] = identified();
    const expired = sallyport(['sign', '--identity-token', 'old-token', ...rest, 'app.txt']);
    expect(expired.code).toBe(2);
    expect(expired.stderr).toContain('has expired');
    writeFileSync(file('foreign-token'), sigstore.issuer.token('github', { iss: 'https://issuer.example' }));
    const refused = sallyport(['sign', '--identity-token', 'foreign-token', ...rest, 'app.txt']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('SP-SIGN-CERTIFICATE');
    const inline = sallyport(['sign', '--identity-token', token, ...rest, 'app.txt']);
    expect(inline.code).toBe(2);
    for (const ran of [expired, refused, inline]) expect(ran.stdout + ran.stderr).not.toContain('eyJ');
  });

  it('speaks the conformance suite’s protocol', () => {
    const client = join(project, 'test', 'conformance', 'sallyport-conformance');
    const instance = ['--trusted-root', sigstore.trustedRoot, '--signing-config', sigstore.signingConfig];
    const token = ['--identity-token', sigstore.issuer.token('github')];
    const bundle = ['--bundle', file('conformance.json')];
    const signed = run(client, ['sign-bundle', ...token, ...bundle, ...instance, file('app.txt')]);
    expect(signed.code, signed.stderr).toBe(0);
    const check = ['verify-bundle', ...bundle, ...theirs()];
    expect(run(client, [...check, file('app.txt')]).code).toBe(0);
    expect(run(client, [...check, file('made.txt')]).code).toBe(1);
    const digest = createHash('sha256')
      .update(readFileSync(file('app.txt')))
      .digest('hex');
    expect(run(client, [...check, `sha256:${digest}`]).code).toBe(0);
    expect(run(client, [...check, `sha256:${'0'.repeat(64)}`]).code).toBe(1);
    const statement = JSON.parse(readFileSync(file('made.txt.slsa-dev-provenance-v1.sigstore.json'), 'utf8'));
    writeFileSync(file('statement.json'), Buffer.from(statement.dsseEnvelope.payload, 'base64'));
    const attested = run(client, [
      'sign-bundle',
      '--in-toto',
      ...token,
      ...bundle,
      ...instance,
      file('statement.json'),
    ]);
    expect(attested.code, attested.stderr).toBe(0);
    expect(run(client, [...check, file('made.txt')]).code).toBe(0);
    expect(run(client, [...check, file('app.txt')]).code).toBe(1);
  });

  it('takes the runner’s identity', () => {
    rmSync(file('app.txt.sigstore.json'), { force: true });
    const [, , ...rest] = identified();
    const signed = sallyport(['sign', ...rest, 'app.txt'], {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer}/token?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
    });
    expect(signed.code, signed.stderr).toBe(0);
    expect(sallyport(['verify', 'app.txt', ...ours()]).code).toBe(0);
  });

  it('loses nothing when eight write to one fallback tag at once', async () => {
    const reference = image(registries.tags ?? '', 'crowd');
    const token = identified();
    const writers = Array.from({ length: 8 }, async (_, index) => {
      const type = `https://acme.test/writer/${index}`;
      writeFileSync(file(`writer-${index}.json`), '{}');
      const args = ['attest', '--type', type, '--predicate', `writer-${index}.json`, ...token, reference];
      const child = spawn(process.execPath, [join(project, 'bin', 'sallyport.cjs'), ...args], {
        cwd: folder,
        env: { PATH: process.env.PATH ?? '', HOME: folder },
        stdio: 'ignore',
      });
      return await new Promise((resolve) => child.on('close', resolve));
    });
    expect(await Promise.all(writers)).toEqual(Array.from({ length: 8 }, () => 0));
    const types = Array.from({ length: 8 }, (_, index) => [
      '--type',
      `https://acme.test/writer/${index}`,
    ]).flat();
    const verified = sallyport(['verify', reference, ...ours(), ...types]);
    expect(verified.code, verified.stderr).toBe(0);
  });
});
