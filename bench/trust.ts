/**
 * Signing and verifying beside cosign on one private Sigstore, in the same run: one verification as a process, many in
 * one process, and a hundred signatures. Exits 1 where a promise of docs/figures.md is broken; without cosign and the
 * servers (test/e2e/sigstore/README.md, named by E2E_TOOLS) it says so and measures nothing.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artifactOf } from '../src/attest/verify/artifact.ts';
import { readBundle } from '../src/attest/verify/bundle.ts';
import { verifyIdentity } from '../src/attest/verify/identity.ts';
import { readTrustedRoot } from '../src/attest/verify/trusted-root.ts';
import { verifyBundle } from '../src/attest/verify/verify.ts';
import { type Binaries, SigstoreInstance } from '../test/e2e/sigstore/instance.ts';
import { githubClaims } from '../test/e2e/sigstore/issuer.ts';
import { tool } from '../test/e2e/tools.ts';
import { median } from './measure.ts';

const NAMES = ['cosign', 'fulcio', 'rekor-server', 'timestamp-server', 'ctstub'];
const RUNS = 15;
const MANY = 100;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cli = join(root, 'bin', 'sallyport.cjs');
const missing = NAMES.filter((name) => tool(name) === null);
if (missing.length > 0) {
  process.stdout.write(
    `not measured: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not here\n`,
  );
  process.exit(0);
}
execFileSync(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, stdio: 'inherit' });

const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
const file = (name: string) => join(folder, name);
mkdirSync(file('instance'));
const binaries = Object.fromEntries(NAMES.map((name) => [name, tool(name)])) as unknown as Binaries;
const sigstore = await SigstoreInstance.start(file('instance'), binaries);
try {
  await measure();
} finally {
  sigstore.stop();
  rmSync(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  const identity = `https://github.com/${githubClaims.job_workflow_ref}`;
  const issuer = `${sigstore.issuer.url}/github`;
  writeFileSync(file('token'), sigstore.issuer.token('github'), { mode: 0o600 });
  const names = Array.from({ length: MANY }, (_, index) => file(`artefact-${index}.txt`));
  for (const name of names) writeFileSync(name, `${name}\n`);
  const signing = ['--identity-token', file('token'), '--signing-config', sigstore.signingConfig];
  const trusted = ['--trusted-root', sigstore.trustedRoot];
  const ours = timed(process.execPath, [cli, 'sign', '--quiet', ...signing, ...trusted, ...names]);
  const theirs = names.reduce(
    (sum, name) =>
      sum +
      timed(binaries.cosign, [
        ...['sign-blob', '--yes', ...signing, ...trusted, '--bundle', `${name}.cosign.json`, name],
      ]),
    0,
  );

  const [name = ''] = names;
  const bundle = `${name}.sigstore.json`;
  const verifyOurs = [
    cli,
    'verify',
    '--offline',
    ...trusted,
    '--issuer',
    issuer,
    '--identity',
    identity,
    name,
  ];
  const verifyTheirs = [
    ...['verify-blob', ...trusted, '--certificate-identity', identity, '--certificate-oidc-issuer', issuer],
    ...['--bundle', bundle, name],
  ];
  const rounds = Array.from({ length: RUNS + 1 }, () => ({
    empty: timed(process.execPath, ['-e', 'console.log(1)']),
    ours: timed(process.execPath, verifyOurs),
    theirs: timed(binaries.cosign, verifyTheirs),
  })).slice(1);
  const one = (key: 'empty' | 'ours' | 'theirs') => median(rounds.map((round) => round[key]));

  const perSecond = await rate(bundle, name, issuer, identity);
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  process.stdout.write(
    [
      '',
      `an empty Node: ${ms(one('empty'))}; one verification as a process: sallyport ${ms(one('ours'))}, cosign ${ms(one('theirs'))}`,
      `verifications in one process: ${perSecond.toFixed(0)} a second`,
      `${MANY} signatures: sallyport ${ms(ours)}, ${MANY} runs of cosign ${ms(theirs)}`,
      '',
    ].join('\n'),
  );
  promise('one verification as a process, against cosign', one('ours') / one('theirs'), 2, 'x');
  promise('seconds for 200 verifications in one process', 200 / perSecond, 1, 's');
  promise(`${MANY} signatures, against ${MANY} runs of cosign`, ours / theirs, 0.1, 'x');
}

/** Everything that `verify` does with one bundle, over and over: nothing is kept from one to the next. */
async function rate(bundle: string, name: string, issuer: string, identity: string): Promise<number> {
  const bytes = readFileSync(bundle);
  const instances = readTrustedRoot(readFileSync(sigstore.trustedRoot), sigstore.trustedRoot);
  const data = readFileSync(name);
  const started = performance.now();
  let done = 0;
  for (; performance.now() - started < 3000; done += 1) {
    const artifact = artifactOf(name, data);
    const verified = await verifyBundle({
      bundle: readBundle(bytes, bundle),
      instances,
      key: null,
      artifact,
      now: new Date(),
    });
    await verifyIdentity(verified.signer, { issuer, identity });
  }
  return done / ((performance.now() - started) / 1000);
}

/** Milliseconds of one run, which must succeed. */
function timed(program: string, args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, TUF_ROOT: file('no-tuf') },
  });
  if (status !== 0) throw new Error(`${program} ${args.slice(0, 3).join(' ')}: ${stderr.slice(0, 1000)}`);
  return performance.now() - started;
}

function promise(name: string, value: number, limit: number, unit: string): void {
  const kept = value <= limit;
  if (!kept) process.exitCode = 1;
  process.stdout.write(
    `${kept ? 'kept  ' : 'BROKEN'} ${name}: ${value.toFixed(2)} ${unit} (at most ${limit} ${unit})\n`,
  );
}
