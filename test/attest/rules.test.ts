import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyFromPem } from '../../src/attest/sign/key.ts';
import type { SigningServices } from '../../src/attest/sign/services.ts';
import { SigningSession } from '../../src/attest/sign/session.ts';
import { parseFlags } from '../../src/commands/flags.ts';
import { fieldsOf } from '../../src/commands/inputs.ts';
import { commands, loadCommand } from '../../src/commands/registry.ts';
import { testContext } from '../gate/support.ts';

const PUBLIC: SigningServices = {
  authority: { url: 'https://fulcio.sigstore.dev', version: 1 },
  logs: [{ url: 'https://rekor.sigstore.dev', version: 1 }],
  timestamps: [],
};
const OWN: SigningServices = {
  authority: { url: 'https://fulcio.acme.test', version: 1 },
  logs: [{ url: 'https://rekor.acme.test', version: 2 }],
  timestamps: [],
};
const now = new Date('2026-11-22T06:00:00Z');

async function openingOf(
  services: SigningServices,
  visibility: string,
  publishIdentity: boolean,
): Promise<string> {
  const claims = { aud: 'sigstore', exp: now.getTime() / 1000 + 600, repository_visibility: visibility };
  // A certificate made here stands for the network: whoever gets this far would have asked for one.
  const inProcess = {
    certify: async () => 'asked',
    log: async () => Promise.reject(new Error('not here')),
    timestamp: async () => Promise.reject(new Error('not here')),
  };
  return await SigningSession.open(
    { services: { ...services, inProcess }, identity: { token: { raw: '', claims } }, publishIdentity },
    testContext({ clock: { now: () => now } }),
  ).then(
    () => 'opened',
    (thrown: { code?: string }) => thrown.code ?? String(thrown),
  );
}

describe('rule 11: private stays private', () => {
  it.each([
    ['a private repository, the public instance', PUBLIC, 'private', false, 'SP-SIGN-PRIVATE'],
    ['an internal repository, the public instance', PUBLIC, 'internal', false, 'SP-SIGN-PRIVATE'],
    ['a private repository that says it may be known', PUBLIC, 'private', true, 'opened'],
    ['a private repository, an instance of one’s own', OWN, 'private', false, 'opened'],
    ['a public repository', PUBLIC, 'public', false, 'opened'],
  ])('%s', async (_name, services, visibility, publish, outcome) => {
    expect(await openingOf(services, visibility, publish)).toBe(outcome);
  });

  it('a key’s every use is not published by accident either', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    const key = keyFromPem(pem, 'key.pem', null);
    const open = (publishIdentity: boolean) =>
      SigningSession.open({ services: PUBLIC, identity: { key }, publishIdentity }, testContext());
    await expect(open(false)).rejects.toMatchObject({ code: 'SP-SIGN-PRIVATE' });
    await expect(open(true)).resolves.toBeDefined();
  });
});

describe('rule 14: what decides is not read from the environment', () => {
  const DECIDES =
    /policy|base|trust|root|identity|issuer|key|evidence|denyList|bundle|subject|environment|resource|rollback|running|breakGlass|sign|instance|store|publish/iu;

  it.each(Object.keys(commands).filter((name) => /^(?:gate|sign|attest|verify|trust)/u.test(name)))(
    'sallyport %s',
    async (name) => {
      const command = await loadCommand(name);
      for (const field of fieldsOf(command)) {
        if (DECIDES.test(field.key)) expect(field.environment, field.key).toBe(false);
      }
    },
  );

  it('an earlier step cannot choose the policy, the root or who counts', async () => {
    const command = await loadCommand('verify');
    const env = {
      SALLYPORT_POLICY: 'mine.yml',
      SALLYPORT_TRUSTED_ROOT: 'mine.json',
      SALLYPORT_IDENTITY: 'me',
      SALLYPORT_DENY_LIST: 'empty.json',
    };
    const parsed = parseFlags(command, ['app.txt'], env);
    expect(parsed.kind).toBe('run');
    if (parsed.kind !== 'run') return;
    expect(parsed.raw).toEqual({ subjects: ['app.txt'] });
    expect(parsed.ignored.sort()).toEqual(Object.keys(env).sort());
  });
});
