import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { artifactOf } from '../../src/attest/verify/artifact.ts';
import { readBundle } from '../../src/attest/verify/bundle.ts';
import { verifyIdentity } from '../../src/attest/verify/identity.ts';
import { crossCheckProvenance } from '../../src/attest/verify/provenance.ts';
import { readStatement, requireSubject } from '../../src/attest/verify/statement.ts';
import { readTrustedRoot } from '../../src/attest/verify/trusted-root.ts';
import { verifyBundle } from '../../src/attest/verify/verify.ts';

const folder = new URL('../fixtures/sigstore/', import.meta.url);

/** A file of the fixtures, or one by its absolute path. */
export function fixture(name: string): Buffer {
  return readFileSync(isAbsolute(name) ? name : new URL(name, folder));
}

/** A signature that holds, and what it has to be held against. */
export interface Sample {
  name: string;
  bundle: string;
  artifact: string;
  root: string;
  issuer: string;
  identity: string;
  key?: string;
  /** Its predicate is not about the build that signed it. */
  aboutElse?: true;
}

const ours = {
  root: 'private/trusted_root.json',
  issuer: `${fixture('private/issuer.txt').toString().trim()}/github`,
  identity: 'https://github.com/acme/payments/.github/workflows/release.yml@refs/heads/main',
};
export const samples: Sample[] = [
  {
    name: 'a file, Rekor v2',
    bundle: 'private/message.sigstore.json',
    artifact: 'private/app.txt',
    ...ours,
  },
  {
    name: 'provenance, Rekor v2',
    bundle: 'private/provenance.sigstore.json',
    artifact: 'private/app.txt',
    ...ours,
  },
  {
    name: 'a key, Rekor v2',
    bundle: 'private/key.sigstore.json',
    artifact: 'private/app.txt',
    key: 'private/key.pub',
    ...ours,
  },
];

/** When the samples were all made: what is in the future cannot be. */
export const NOW = new Date('2026-11-23T00:00:00Z');

/** Verifies a bundle as `verify` does, down to everything that it claims. */
export async function verifySample(
  sample: Sample,
  bundle: Buffer,
  change: Partial<Sample> = {},
): Promise<unknown> {
  const { artifact, root, issuer, identity, key } = { ...sample, ...change };
  const subject = artifactOf(artifact, fixture(artifact));
  const verified = await verifyBundle({
    bundle: readBundle(bundle, 'bundle'),
    instances: readTrustedRoot(fixture(root), root),
    key: key === undefined ? null : createPublicKey(fixture(key)),
    artifact: subject,
    now: NOW,
  });
  if (key === undefined) await verifyIdentity(verified.signer, { issuer, identity });
  const statement = verified.content.kind === 'dsse' ? readStatement(verified.content, 'payload') : null;
  if (statement !== null) requireSubject(statement, subject);
  return {
    signer: verified.signer.kind === 'key' ? verified.signer : verified.signer.claims,
    times: verified.times,
    scts: verified.scts,
    statement,
    crossChecks:
      statement === null || sample.aboutElse === true ? [] : crossCheckProvenance(statement, verified.signer),
  };
}
