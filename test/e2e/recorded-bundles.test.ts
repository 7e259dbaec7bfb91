import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../src/attest/verify/bundle.ts';
import { crossCheckProvenance } from '../../src/attest/verify/provenance.ts';
import { readStatement } from '../../src/attest/verify/statement.ts';
import { readTrustedRoot } from '../../src/attest/verify/trusted-root.ts';
import { verifyBundle } from '../../src/attest/verify/verify.ts';
import { SallyportError } from '../../src/model/error.ts';
import { damaging } from '../attest/damage.ts';
import { NOW, type Sample, verifySample } from '../attest/fixtures.ts';
import { PUBLIC_ISSUER, publicRoot } from '../attest/public.ts';
import { temporaryFolder } from './support.ts';
import { tool } from './tools.ts';

/** Modules whose own tests carry signatures that the public instance and GitHub's own have made. */
const MODULES = {
  cli: { module: 'github.com/cli/cli/v2@v2.62.0', sum: 'h1:djXx4/6kJvS8/KSAYzkXQvAmUby5agYt8u9PkInkmd4=' },
  kyverno: {
    module: 'github.com/kyverno/kyverno@v1.19.1',
    sum: 'h1:/MkgFii3/VlQfKR1JpC9tVwNNVNQTt2S4U6qCsafsTU=',
  },
  specs: {
    module: 'github.com/sigstore/protobuf-specs@v0.5.1',
    sum: 'h1:/5OPaNuolRJmQfeZLayJGFXMpsRJEdgC6ah1/+7Px7U=',
  },
};

interface Module {
  Dir: string;
  Sum: string;
}

/** The modules from their proxy or Go's own cache; null, and said, where they cannot be had. */
function download(): Record<keyof typeof MODULES, Module> | null {
  try {
    const answers = Object.entries(MODULES).map(([name, { module }]) => [
      name,
      JSON.parse(
        execFileSync(tool('go') ?? 'go', ['mod', 'download', '-json', module], {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, GOFLAGS: '-mod=mod' },
          stdio: ['ignore', 'pipe', 'ignore'],
          timeout: 120_000,
        }),
      ) as Module,
    ]);
    return Object.fromEntries(answers);
  } catch (error) {
    process.stdout.write(`recorded bundles: MISSING (${(error as Error).message.split('\n')[0]})\n`);
    return null;
  }
}

const folder = temporaryFolder();
const modules = download();
const skipped = modules === null;
const inModule = (name: keyof typeof MODULES, path: string) => join(modules?.[name].Dir ?? folder, path);
const data = inModule('cli', 'pkg/cmd/attestation/test/data');
const roots = {
  public: join(folder, 'public.json'),
  github: inModule('kyverno', 'pkg/image/verifiers/ivpol/cosign/testdata/github-trusted-root.json'),
};
writeFileSync(roots.public, publicRoot());

interface Recorded {
  file: string;
  root: keyof typeof roots;
  issuer: string;
  identity: string;
}

const npm = 'https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main';
const recorded: readonly Recorded[] = [
  {
    file: 'github_provenance_demo-0.0.12-py3-none-any-bundle.jsonl',
    root: 'github',
    issuer: PUBLIC_ISSUER,
    identity: 'https://github.com/actions/attest-demo/.github/workflows/build-python.yml@refs/heads/main',
  },
  {
    file: 'reusable-workflow-attestation.sigstore.json',
    root: 'public',
    issuer: PUBLIC_ISSUER,
    identity:
      'https://github.com/github/artifact-attestations-workflows/.github/workflows/attest.yml@09b495c3f12c7881b3cc17209a327792065c1a1d',
  },
  {
    file: 'custom-issuer.sigstore.json',
    root: 'public',
    issuer: `${PUBLIC_ISSUER}/hammer-time`,
    identity: 'https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main',
  },
  { file: 'sigstore-js-2.1.0-bundle.json', root: 'public', issuer: PUBLIC_ISSUER, identity: npm },
  { file: 'sigstore-js-2.1.0-bundle-v0.1.json', root: 'public', issuer: PUBLIC_ISSUER, identity: npm },
];

/** What nobody signs there and nothing rests on. */
const HARMLESS = {
  mediaType: 'which of the versions 0.1 to 0.3 it says, where the rest fits both',
  'dsseEnvelope.signatures[].keyid': 'a hint for the reader: the certificate is in the bundle',
  'verificationMaterial.timestampVerificationData': 'empty, beside a signed entry timestamp',
  'verificationMaterial.x509CertificateChain.certificates': 'more certificates: only the first counts',
  'verificationMaterial.tlogEntries[].inclusionProof': 'in v0.1, beside a signed entry timestamp',
  'verificationMaterial.tlogEntries[].inclusionProof.checkpoint': 'the same',
  'verificationMaterial.tlogEntries[].inclusionProof.checkpoint.envelope': 'the same',
};

/** A bundle as `verify` reads it, for the artifact that its own statement names. */
function artifactIn(bytes: Buffer, name: string) {
  const { content } = readBundle(bytes, name);
  if (content.kind !== 'dsse') throw new Error(`${name} holds no statement`);
  const [subject] = JSON.parse(content.payload.toString('utf8')).subject as {
    digest: Record<string, string>;
  }[];
  return { name, digests: subject?.digest ?? {}, data: null };
}

async function outcomeUnder(root: keyof typeof roots, one: Recorded): Promise<string> {
  const bytes = Buffer.from(readFileSync(join(data, one.file), 'utf8').trim());
  try {
    const verified = await verifyBundle({
      bundle: readBundle(bytes, one.file),
      instances: readTrustedRoot(readFileSync(roots[root]), root),
      key: null,
      artifact: artifactIn(bytes, one.file),
      now: NOW,
    });
    const claims = verified.signer.kind === 'key' ? null : verified.signer.claims;
    expect(claims).toMatchObject({ identity: one.identity, issuer: one.issuer });
    const { content } = verified;
    if (content.kind !== 'dsse') throw new Error('no statement');
    expect(crossCheckProvenance(readStatement(content, one.file), verified.signer).length).toBeGreaterThan(7);
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
}

describe.skipIf(skipped)('bundles that others recorded, without the network', () => {
  it('are those that are known', () => {
    for (const [name, { sum }] of Object.entries(MODULES))
      expect(modules?.[name as keyof typeof MODULES].Sum).toBe(sum);
  });

  it.each(recorded)('$file: under the root of its instance, and under no other', async (one) => {
    expect(await outcomeUnder(one.root, one)).toBe('accepted');
    const other = one.root === 'public' ? 'github' : 'public';
    expect(await outcomeUnder(other, one)).toMatch(/^SP-VERIFY-/u);
  });
});

describe.skipIf(skipped)('of Rekor v1', () => {
  const specs = inModule('specs', 'gen/pb-rust/sigstore-protobuf-specs/assets');
  const about: Record<string, string> = {
    'sigstore-js-2.1.0-bundle-v0.1.json': 'sigstore-js-2.1.0.tgz',
    'reusable-workflow-attestation.sigstore.json': 'reusable-workflow-artifact',
  };
  const samples: Sample[] = [
    ...recorded.flatMap(({ file, issuer, identity }) => {
      const artifact = about[file];
      return artifact === undefined
        ? []
        : {
            name: file,
            bundle: join(data, file),
            artifact: join(data, artifact),
            root: roots.public,
            issuer,
            identity,
          };
    }),
    {
      name: 'a file',
      bundle: join(specs, 'a.txt.sigstore'),
      artifact: join(specs, 'a.txt'),
      root: roots.public,
      issuer: 'https://github.com/login/oauth',
      identity: 'a@tny.town',
    },
  ];
  if (skipped) return;

  it('each holds', async () => {
    for (const sample of samples) await verifySample(sample, readFileSync(sample.bundle));
  });

  damaging(samples, HARMLESS, 4000);
});
