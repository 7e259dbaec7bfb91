/** `sign-bundle` and `verify-bundle` as the Sigstore conformance suite calls them, over the functions of src/attest. */
import { createHash, createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { bundleToJson } from '../../src/attest/sign/bundle-json.ts';
import { INSTANCES, readSigningConfig } from '../../src/attest/sign/services.ts';
import { SigningSession } from '../../src/attest/sign/session.ts';
import { parseToken } from '../../src/attest/sign/token.ts';
import type { Artifact } from '../../src/attest/verify/artifact.ts';
import { artifactOf } from '../../src/attest/verify/artifact.ts';
import { readBundle } from '../../src/attest/verify/bundle.ts';
import { verifyIdentity } from '../../src/attest/verify/identity.ts';
import { readStatement, requireSubject } from '../../src/attest/verify/statement.ts';
import { readTrustedRoot } from '../../src/attest/verify/trusted-root.ts';
import { verifyBundle } from '../../src/attest/verify/verify.ts';
import { describeProblem, problemOf } from '../../src/model/error.ts';
import { systemContext } from '../../src/platform/system.ts';

/** The public instance's root as it came with the TUF client: the suite's recorded bundles are of it. */
function publicRoot(): Buffer {
  const seeds = createRequire(import.meta.url)('@sigstore/tuf/seeds.json') as Record<
    string,
    { targets: Record<string, string> }
  >;
  return Buffer.from(
    seeds['https://tuf-repo-cdn.sigstore.dev']?.targets['trusted_root.json'] ?? '',
    'base64',
  );
}

function artifactFrom(text: string): Artifact {
  if (/^sha256:[0-9a-f]{64}$/u.test(text) && !existsSync(text)) {
    return { name: text, digests: { sha256: text.slice('sha256:'.length) }, data: null };
  }
  return artifactOf(text, readFileSync(text));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    staging: { type: 'boolean' },
    'in-toto': { type: 'boolean' },
    bundle: { type: 'string' },
    key: { type: 'string' },
    'identity-token': { type: 'string' },
    'certificate-identity': { type: 'string' },
    'certificate-oidc-issuer': { type: 'string' },
    'trusted-root': { type: 'string' },
    'signing-config': { type: 'string' },
  },
});

async function verify(file: string): Promise<void> {
  const root = values['trusted-root'];
  const artifact = artifactFrom(file);
  const verified = await verifyBundle({
    bundle: readBundle(readFileSync(values.bundle ?? ''), values.bundle ?? ''),
    instances: readTrustedRoot(
      root === undefined ? publicRoot() : readFileSync(root),
      root ?? 'the public root',
    ),
    key: values.key === undefined ? null : createPublicKey(readFileSync(values.key)),
    artifact,
    now: new Date(),
  });
  if (values.key === undefined) {
    await verifyIdentity(verified.signer, {
      issuer: values['certificate-oidc-issuer'] ?? '',
      identity: values['certificate-identity'] ?? '',
    });
  }
  if (verified.content.kind === 'dsse') requireSubject(readStatement(verified.content, file), artifact);
}

/** Staging has no signing config of its own here: the suite hands one in where it wants another instance. */
async function sign(file: string): Promise<void> {
  const config = values['signing-config'];
  if (values.staging === true && config === undefined) throw new Error('--staging needs --signing-config');
  const data = readFileSync(file);
  const session = await SigningSession.open(
    {
      services:
        config === undefined
          ? INSTANCES['public-good']
          : readSigningConfig(readFileSync(config), config, new Date()),
      identity: { token: parseToken(values['identity-token'] ?? '') },
      publishIdentity: true,
    },
    systemContext('cli', 'normal'),
  );
  const bundle = await session.sign(
    values['in-toto'] === true
      ? { kind: 'statement', payload: data }
      : {
          kind: 'file',
          sha256: createHash('sha256').update(data).digest(),
          open: async function* () {
            yield data;
          },
        },
  );
  writeFileSync(values.bundle ?? '', JSON.stringify(bundleToJson(bundle)));
}

const [command, file] = positionals;
try {
  if (command === 'verify-bundle' && file !== undefined) await verify(file);
  else if (command === 'sign-bundle' && file !== undefined) await sign(file);
  else throw new Error('usage: sallyport-conformance verify-bundle|sign-bundle ... FILE');
} catch (thrown) {
  process.stderr.write(`${describeProblem(problemOf(thrown))}\n`);
  process.exitCode = 1;
}
