import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { artifactOf } from '../../src/attest/verify/artifact.ts';
import { readBundle } from '../../src/attest/verify/bundle.ts';
import { verifyIdentity } from '../../src/attest/verify/identity.ts';
import { crossCheckProvenance } from '../../src/attest/verify/provenance.ts';
import { readStatement, requireSubject } from '../../src/attest/verify/statement.ts';
import { readTrustedRoot } from '../../src/attest/verify/trusted-root.ts';
import { verifyBundle } from '../../src/attest/verify/verify.ts';

const folder = new URL('../fixtures/sigstore/', import.meta.url);

export function fixture(name: string): Buffer {
  return readFileSync(new URL(name, folder));
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
  /** Its predicate is made up: it says nothing of the build that signed it. */
  madeUp?: true;
}

const ours = {
  root: 'private/trusted_root.json',
  issuer: `${fixture('private/issuer.txt').toString().trim()}/github`,
  identity: 'https://github.com/acme/payments/.github/workflows/release.yml@refs/heads/main',
};
const theirs = {
  artifact: 'public/a.txt',
  root: 'public/trusted_root.json',
  issuer: 'https://token.actions.githubusercontent.com',
  identity:
    'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main',
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
  { name: 'a file, Rekor v1, bundle v0.1', bundle: 'public/happy-path-v0.1.sigstore.json', ...theirs },
  { name: 'a file, Rekor v1, bundle v0.3', bundle: 'public/happy-path-v0.3.sigstore.json', ...theirs },
  {
    name: 'an envelope, Rekor v1',
    bundle: 'public/happy-path-intoto-in-dsse-v3.sigstore.json',
    madeUp: true,
    ...theirs,
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
      statement === null || sample.madeUp === true ? [] : crossCheckProvenance(statement, verified.signer),
  };
}
