import { createHash, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openServiceKey } from '../../../src/attest/sign/kms/registry.ts';
import { loadCommand } from '../../../src/commands/registry.ts';
import { describeProblem, problemOf } from '../../../src/model/error.ts';
import type { Context } from '../../../src/platform/context.ts';
import { offlineHttp } from '../../../src/platform/http.ts';
import { temporaryFolder, testContext } from '../../gate/support.ts';
import { Cloud, key } from './cloud.ts';
import { aws, azure, google, type Manner, type Stood, vault } from './services.ts';

const clouds: Cloud[] = [];
afterEach(() => {
  for (const cloud of clouds.splice(0)) cloud.stop();
});

async function world(stood: Stood, manner: Manner = 'right', change: Partial<Context> = {}) {
  const pair = key();
  const cloud = await new Cloud(stood.services(pair, manner)).start();
  clouds.push(cloud);
  const env = { HOME: '/nonexistent', ...stood.env };
  return { pair, cloud, context: testContext({ env, http: cloud.http, ...change }) };
}

const DATA = Buffer.from('what is signed');
async function* pieces() {
  yield DATA.subarray(0, 5);
  yield DATA.subarray(5);
}

/** The code of what was thrown, with its whole text. */
async function refusal(work: Promise<unknown>): Promise<{ code: string; text: string }> {
  return await work.then(
    () => ({ code: 'signed', text: '' }),
    (thrown) => {
      const problem = problemOf(thrown);
      return { code: problem.code, text: describeProblem(problem) };
    },
  );
}

describe.each([
  ['AWS KMS', aws],
  ['Google Cloud KMS', google],
  ['Azure Key Vault', azure],
  ['the transit engine of Vault', vault],
])('%s', (_name, stood) => {
  it('gives its public key, and signs bytes and pieces by the version that it gave', async () => {
    const { pair, cloud, context } = await world(stood);
    const holder = await openServiceKey(stood.reference, context);
    expect(holder.publicKey.equals(pair.publicKey)).toBe(true);
    for (const signature of [await holder.sign(DATA), await holder.signStream(pieces())])
      expect(verify('sha256', DATA, pair.publicKey, signature)).toBe(true);
    const sent = cloud.asked.map(({ body }) => body).join('');
    expect(sent).not.toContain(DATA.toString('base64').slice(0, 12));
    const digest = createHash('sha256').update(DATA).digest();
    expect(sent).toMatch(
      new RegExp(
        `${digest.toString('base64').slice(0, 20).replace('+', '\\+')}|${digest.toString('base64url').slice(0, 20)}`,
        'u',
      ),
    );
  });

  it.each<[Manner, string]>([
    ['other-type', 'SP-SIGN-KEY'],
    ['not-for-signing', 'SP-SIGN-KEY'],
    ['no-key', 'SP-SIGN-KMS'],
    ['foreign-signature', 'SP-SIGN-KMS'],
    ['another-digest', 'SP-SIGN-KMS'],
    ['no-signature', 'SP-SIGN-KMS'],
    ['denied', 'SP-SIGN-KMS|SP-AWS'],
    ['rubbish', 'SP-SIGN-KMS|SP-AWS'],
    ['redirect', 'SP-SIGN-KMS|SP-AWS'],
  ])('signs nothing where it does wrong: %s', async (manner, code) => {
    const { cloud, context } = await world(stood, manner);
    const outcome = await refusal(
      openServiceKey(stood.reference, context).then(async (holder) => await holder.sign(DATA)),
    );
    expect(outcome.code, outcome.text).toMatch(new RegExp(`^(?:${code})$`, 'u'));
    for (const secret of stood.secrets) expect(outcome.text).not.toContain(secret);
    expect(cloud.asked.some(({ host }) => host === 'elsewhere.example')).toBe(false);
  });

  it('says that its service is down, and that nothing may be asked offline', async () => {
    const { context } = await world({ ...stood, services: () => ({}) });
    const down = await refusal(openServiceKey(stood.reference, context));
    expect(down.code).toMatch(/SP-SIGN-KMS|SP-HTTP|SP-CREDENTIAL/u);
    for (const secret of stood.secrets) expect(down.text).not.toContain(secret);
    const offline = testContext({ env: stood.env, http: offlineHttp });
    expect((await refusal(openServiceKey(stood.reference, offline))).code).toBe('SP-OFFLINE');
  });

  it('is not asked without credentials', async () => {
    const { cloud, context } = await world(stood, 'right', {
      env: { HOME: '/nonexistent', AWS_REGION: 'eu-central-1', VAULT_ADDR: 'https://vault.acme.example' },
    });
    const { code } = await refusal(openServiceKey(stood.reference, context));
    expect(code).toMatch(/^SP-(?:CREDENTIAL|FILE-MISSING)$/u);
    expect(cloud.asked.filter(({ host }) => host in stood.services(key(), 'right'))).toEqual([]);
  });
});

describe('a file that is signed by a key in a service', () => {
  it('verifies against that key, and against no other', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'app.txt'), DATA);
    const { context } = await world(vault, 'right', { cwd: folder });
    const run = async (name: string, raw: object) => {
      const command = await loadCommand(name);
      return (await command.run(command.inputs.parse(raw), context)).exit;
    };
    const named = { subjects: ['app.txt'], key: vault.reference };
    expect(await run('sign', named)).toBe(0);
    expect(await run('verify', named)).toBe(0);
    const other = await world(vault, 'right', { cwd: folder });
    const command = await loadCommand('verify');
    expect((await command.run(command.inputs.parse(named), other.context)).exit).toBe(1);
    await expect(run('sign', { ...named, keyPassphrase: 'x' })).rejects.toMatchObject({ code: 'SP-USAGE' });
  });
});

describe('the name of a key', () => {
  const env = { AWS_REGION: 'eu-central-1', VAULT_ADDR: 'https://vault.acme.example' };

  it.each([
    'awskms://',
    'awskms://alias/x y',
    'awskms:///alias/a?b',
    'awskms://host@evil/alias/a',
    'gcpkms://projects/p/locations/l/keyRings/r',
    'gcpkms://projects/../locations/l/keyRings/r/cryptoKeys/k/x',
    'gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/newest',
    'azurekms://acme/release',
    'azurekms://acme.vault.azure.net.evil.example/release',
    'azurekms://evilvault.azure.net/release',
    'azurekms://acme.vault.azure.net/a/b/c',
    'hashivault://a/b',
    'hashivault://',
    'k8s://namespace/secret',
  ])('is refused: %s', async (reference) => {
    const { code } = await refusal(openServiceKey(reference, testContext({ env, http: offlineHttp })));
    expect(code).toBe('SP-SIGN-KEY');
  });

  it.each([
    ['awskms:///arn:aws:kms:us-east-1:123456789012:alias/release', 'kms.us-east-1.amazonaws.com'],
    [
      'awskms://vpce-1.kms.eu-central-1.vpce.amazonaws.com/alias/release',
      'vpce-1.kms.eu-central-1.vpce.amazonaws.com',
    ],
  ])('says where %s is', async (reference, host) => {
    const { cloud, context } = await world(aws);
    await refusal(openServiceKey(reference, context));
    expect(cloud.asked.map((one) => one.host)).toEqual([host]);
  });

  it('with a version is of that version', async () => {
    const { pair, context } = await world(google);
    const holder = await openServiceKey(`${google.reference}/versions/10`, context);
    expect(holder.publicKey.equals(pair.publicKey)).toBe(true);
    const other = await world(google);
    const { code } = await refusal(openServiceKey(`${google.reference}/cryptoKeyVersions/9`, other.context));
    expect(code).toBe('SP-SIGN-KMS');
  });
});
