import { resolve } from 'node:path';
import { z } from 'zod';
import type { KeyHolder } from '../attest/sign/key.ts';
import { isServiceKey } from '../attest/sign/kms/reference.ts';
import type { OpenedSession } from '../attest/sign/signed.ts';
import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';

const file = (description: string, placeholder = 'FILE') =>
  z.string().optional().meta({ description, placeholder, environment: false });

export const subjectsMeta = {
  description:
    'FILE, oci:DIR[:TAG], REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:HEX; a tag is resolved once, its digest counts.',
  placeholder: 'SUBJECT',
  positional: true,
  environment: false,
};

const subjectsInput = { subjects: z.array(z.string()).min(1).max(1000).meta(subjectsMeta) };

export const storeInput = {
  store: file(
    'Keep signatures elsewhere than beside the subject: in a folder, named by digest, or in GitHub’s attestations of a repository.',
    'DIR|github:OWNER/NAME',
  ),
};

/** With whose identity or key, and by which instance, something is signed. */
export const identityInputs = {
  identityToken: file(
    'A file with an OpenID token for the audience sigstore; without it the CI’s own identity.',
  ),
  key: file(
    'A private key instead of an identity, ECDSA P-256: a file (PKCS#8 PEM), or awskms://, azurekms://, gcpkms:// or hashivault:// and its name, as cosign has them.',
    'FILE|SERVICE://KEY',
  ),
  keyPassphrase: file('A file with the passphrase of the key.'),
  signingConfig: file('The signing config of a Sigstore instance of one’s own; goes with --trusted-root.'),
  instance: z.enum(['public-good', 'github']).optional().meta({
    description: 'The Sigstore instance to sign with, where there is no signing config.',
    placeholder: 'NAME',
    environment: false,
  }),
  trustedRoot: z.array(z.string()).default([]).meta({
    description: 'The trusted root of the instance: what was signed is verified against it at once.',
    placeholder: 'FILE',
    environment: false,
  }),
  publishIdentity: z.boolean().default(false).meta({
    description:
      'Let a private repository’s name, branch and commit be published in the public log, for ever.',
    environment: false,
  }),
  ...storeInput,
};

/** Inputs of the commands that sign. */
export const signingInputs = { ...subjectsInput, ...identityInputs };

export interface SigningChoice {
  identityToken?: string | undefined;
  key?: string | undefined;
  keyPassphrase?: string | undefined;
  signingConfig?: string | undefined;
  instance?: 'public-good' | 'github' | undefined;
  trustedRoot: readonly string[];
  publishIdentity: boolean;
  store?: string | undefined;
  offline: boolean;
}

const MAX_SECRET = 64 * 1024;

/** Opens the session that the inputs ask for, and what its signatures are verified against. */
export async function openSession(inputs: SigningChoice, context: Context): Promise<OpenedSession> {
  if (
    inputs.offline &&
    (inputs.key === undefined || inputs.signingConfig !== undefined || inputs.instance !== undefined)
  )
    throw usage('--offline', 'signing with an identity needs the network', '--key alone, which needs none');
  const [{ SigningSession }, { keyAlone }, { INSTANCES, readSigningConfig }, tokens, { trustedInstances }] =
    await Promise.all([
      import('../attest/sign/session.ts'),
      import('../attest/sign/key.ts'),
      import('../attest/sign/services.ts'),
      import('../attest/sign/token.ts'),
      import('../attest/trust/root.ts'),
    ]);
  const read = async (path: string) => await context.files.read(resolve(context.cwd, path), MAX_SECRET);
  const { signingConfig, instance, key } = inputs;
  if (signingConfig !== undefined && instance !== undefined)
    throw usage('--instance', 'the signing config names the instance', 'one of the two');
  if (
    instance !== 'public-good' &&
    (signingConfig !== undefined || instance !== undefined) &&
    inputs.trustedRoot.length === 0
  )
    throw usage('--trusted-root', 'what was signed has to be verified', 'the trusted root of that instance');
  const services =
    signingConfig !== undefined
      ? readSigningConfig(await read(signingConfig), signingConfig, context.clock.now())
      : instance !== undefined
        ? INSTANCES[instance]
        : key === undefined
          ? INSTANCES['public-good']
          : keyAlone;
  const roots = { offline: inputs.offline, maxAgeDays: 30 };
  const instances = services === keyAlone ? [] : await trustedInstances(inputs.trustedRoot, roots, context);
  if (key !== undefined) {
    const holder = await keyHolder(key, inputs.keyPassphrase, read, context);
    const session = await SigningSession.open(
      { services, identity: { key: holder }, publishIdentity: inputs.publishIdentity },
      context,
    );
    return { session, instances, key: holder.publicKey, token: null };
  }
  const token =
    inputs.identityToken === undefined
      ? await tokens.ambientToken(context)
      : tokens.parseToken(await tokenIn(inputs.identityToken, read));
  const session = await SigningSession.open(
    { services, identity: { token }, publishIdentity: inputs.publishIdentity },
    context,
  );
  return { session, instances, key: null, token };
}

/** A key of a file, or of a service that keeps it. */
async function keyHolder(
  key: string,
  passphrase: string | undefined,
  read: (path: string) => Promise<Buffer>,
  context: Context,
): Promise<KeyHolder> {
  if (isServiceKey(key)) {
    if (passphrase !== undefined)
      throw usage('--key-passphrase', 'a key that stays in its service has none', '--key alone');
    const { openServiceKey } = await import('../attest/sign/kms/registry.ts');
    return await openServiceKey(key, context);
  }
  const { keyFromPem } = await import('../attest/sign/key.ts');
  const secret =
    passphrase === undefined ? null : (await read(passphrase)).toString('utf8').replace(/\r?\n$/u, '');
  return keyFromPem(await read(key), key, secret);
}

/** A token on the command line would be read by every process on the machine. */
async function tokenIn(value: string, read: (path: string) => Promise<Buffer>): Promise<string> {
  if (/^eyJ[\w-]+\./u.test(value))
    throw usage('--identity-token', 'a token does not belong on the command line', 'a file that holds it');
  return (await read(value)).toString('utf8');
}

function usage(option: string, message: string, expected: string): SallyportError {
  return new SallyportError({ code: 'SP-USAGE', message: `${option}: ${message}`, expected });
}
