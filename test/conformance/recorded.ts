import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readBundle } from '../../src/attest/verify/bundle.ts';
import { verifyIdentity } from '../../src/attest/verify/identity.ts';
import { crossCheckProvenance } from '../../src/attest/verify/provenance.ts';
import { readStatement, requireSubject } from '../../src/attest/verify/statement.ts';
import { readTrustedRoot } from '../../src/attest/verify/trusted-root.ts';
import { verifyBundle } from '../../src/attest/verify/verify.ts';
import { SallyportError } from '../../src/model/error.ts';

/**
 * Verifies bundles that others recorded, of the public instance (Rekor v1) and of GitHub's own, without the network:
 * each under the root of its instance, and refused under the other's. The files are not part of this repository: they
 * are read from RECORDED_DATA, or from ../shared/data/sigstore-recorded beside the checkout, and known by their sha256.
 */
const root = resolve(import.meta.dirname, '../..');
const data = process.env.RECORDED_DATA ?? join(root, '../shared/data/sigstore-recorded');
const PUBLIC = join(root, 'test/fixtures/sigstore/public/trusted_root.json');
const ACTIONS = 'https://token.actions.githubusercontent.com';
const CLI = 'https://github.com/cli/cli, 44ee17760709, pkg/cmd/attestation/test/data';
const RUST = 'https://github.com/sigstore/sigstore-rust, 948c31788666, crates';

interface Recorded {
  file: string;
  sha256: string;
  /** The repository, its commit, and the path there. */
  from: string;
  identity: string;
  issuer: string;
  /** By this root, and by no other. */
  root: string;
  provenance: boolean;
}

const ROOTS: Record<string, { path: string; sha256: string | null; from: string }> = {
  public: { path: PUBLIC, sha256: null, from: 'this repository' },
  github: {
    path: join(data, 'github-root.json'),
    sha256: '484cdfe1a7c65479c5ba2a22193d1be90f0020db1997de696ab207434c62fbb7',
    from: `${RUST}/sigstore-trust-root/src/trusted_root_github.json`,
  },
};

const npm = { issuer: ACTIONS, root: 'public', provenance: true };
const release = 'https://github.com/sigstore/sigstore-js/.github/workflows/release.yml@refs/heads/main';

const recorded: readonly Recorded[] = [
  {
    file: 'github-attest-demo.json',
    sha256: '4f8c096e38a0eee242574ab100d16701928605409225e59784a3636f742bb27e',
    from: `${CLI}/github_provenance_demo-0.0.12-py3-none-any-bundle.jsonl`,
    identity: 'https://github.com/actions/attest-demo/.github/workflows/build-python.yml@refs/heads/main',
    issuer: ACTIONS,
    root: 'github',
    provenance: true,
  },
  {
    file: 'reusable-workflow.json',
    sha256: '88e35c3496fc9b9bd29629b69271bd32738e170f0d85a12d67da0c72c743f3bd',
    from: `${CLI}/reusable-workflow-attestation.sigstore.json`,
    identity:
      'https://github.com/github/artifact-attestations-workflows/.github/workflows/attest.yml@09b495c3f12c7881b3cc17209a327792065c1a1d',
    ...npm,
  },
  {
    file: 'custom-issuer.json',
    sha256: 'c4ce45401067b13850e76fabc1b23e018a0187f0529d435af829b83f26bc5fca',
    from: `${CLI}/custom-issuer.sigstore.json`,
    identity: 'https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main',
    ...npm,
    issuer: `${ACTIONS}/hammer-time`,
  },
  {
    file: 'npm-sigstore-2.1.0.json',
    sha256: 'cfadddd579b9fb45947530cd0e860986ec610a28f7fa6de3ef31cc051f07f761',
    from: `${CLI}/sigstore-js-2.1.0-bundle.json`,
    identity: release,
    ...npm,
  },
  {
    file: 'npm-sigstore-2.0.0.json',
    sha256: 'e88fe678350e86bce3275c6ecdfb27731dbe01756b42604ee8b0f4500932ff38',
    from: `${RUST}/sigstore-verify/test_data/bundles/sigstore.js@2.0.0-provenance.sigstore.json`,
    identity: release,
    ...npm,
  },
  {
    file: 'pypi-rfc8785.json',
    sha256: 'b49e7c6b452af421e5965321fc31e004d7554af3acd89f661f8c2f0f94c37e9d',
    from: `${RUST}/sigstore-verify/test_data/bundles/bundle_v3_github.whl.sigstore`,
    identity: 'https://github.com/trailofbits/rfc8785.py/.github/workflows/release.yml@refs/tags/v0.1.2',
    ...npm,
    provenance: false,
  },
];

const failures: string[] = [];

function bytesOf(path: string, sha256: string | null): Buffer {
  const bytes = readFileSync(path);
  const own = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== null && own !== sha256) throw new Error(`${path} is not what was recorded: sha256:${own}`);
  return bytes;
}

/** What the bundle says under that root: `accepted`, or the code of what refused it. */
async function outcomeOf(one: Recorded, name: string, change: Partial<Recorded> = {}): Promise<string> {
  const { path, sha256 } = ROOTS[name] ?? { path: '', sha256: null };
  const { identity, issuer } = { ...one, ...change };
  const text = bytesOf(join(data, one.file), one.sha256).toString('utf8').trim();
  try {
    const bundle = readBundle(Buffer.from(text), one.file);
    const { content } = bundle;
    const digests =
      content.kind === 'dsse'
        ? JSON.parse(content.payload.toString('utf8')).subject[0].digest
        : { sha256: content.digest.toString('hex') };
    const artifact = { name: one.file, digests, data: null };
    const instances = readTrustedRoot(bytesOf(path, sha256), name);
    const verified = await verifyBundle({ bundle, instances, key: null, artifact, now: new Date() });
    await verifyIdentity(verified.signer, { issuer, identity });
    if (verified.content.kind === 'dsse') {
      const statement = readStatement(verified.content, one.file);
      requireSubject(statement, artifact);
      const checks = crossCheckProvenance(statement, verified.signer);
      if (one.provenance && checks.length < 8)
        return `only ${checks.length} fields of its predicate compared`;
    }
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
}

if (!existsSync(data)) {
  console.log(`recorded bundles: SKIPPED, no folder ${data} (set RECORDED_DATA)`);
} else {
  for (const one of recorded) {
    for (const name of Object.keys(ROOTS)) {
      const outcome = await outcomeOf(one, name);
      const good = name === one.root ? outcome === 'accepted' : /^SP-VERIFY-/u.test(outcome);
      console.log(`${good ? 'ok  ' : 'FAIL'} ${one.file} under the root ${name}: ${outcome}`);
      if (!good) failures.push(`${one.file} under ${name}: ${outcome} (${one.from})`);
    }
    const other = await outcomeOf(one, one.root, { identity: `${one.identity}x` });
    if (other !== 'SP-VERIFY-IDENTITY') failures.push(`${one.file} as somebody else: ${other}`);
  }
  for (const failure of failures) console.error(failure);
  console.log(`${recorded.length} recorded bundles, ${failures.length} failed`);
  if (failures.length > 0) process.exitCode = 1;
}
