import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../src/attest/encoding/x509.ts';
import { buildLevelOf, hasIsolatedSigner, provenanceOf } from '../../src/attest/statement/provenance.ts';
import { readBundle } from '../../src/attest/verify/bundle.ts';
import { type Claims, claimsOf } from '../../src/attest/verify/claims.ts';
import { verifyIdentity, verifyTrust } from '../../src/attest/verify/identity.ts';
import { crossCheckProvenance, PROVENANCE_V1 } from '../../src/attest/verify/provenance.ts';
import { readStatement, requireSubject, type SignedStatement } from '../../src/attest/verify/statement.ts';
import { acceptSummary, type ExpectedSummary } from '../../src/attest/verify/summary.ts';
import type { Signer } from '../../src/attest/verify/verify.ts';
import { SallyportError } from '../../src/model/error.ts';
import { VSA_TYPE } from '../../src/model/evidence.ts';
import { FORBIDDEN_TRIGGERS, type WorkflowEntry } from '../../src/model/trust.ts';
import { fixture, samples } from './fixtures.ts';

const sample = readBundle(fixture('private/provenance.sigstore.json'), 'bundle');
const certificate = readCertificate(
  sample.signer.kind === 'certificate' ? sample.signer.leaf : Buffer.alloc(0),
);
const claims = claimsOf(certificate);
const AT = new Date('2026-11-22T06:00:00Z');
const COMMIT = 'b'.repeat(40);

function signer(change: Partial<Claims> = {}): Signer {
  return { kind: 'certificate', certificate, claims: { ...claims, ...change }, authority: 'test' };
}

const entry: WorkflowEntry = {
  kind: 'workflow',
  name: 'release',
  signs: ['release'],
  issuer: samples[0]?.issuer ?? '',
  workflow: {
    repository: 'https://github.com/acme/payments',
    path: '.github/workflows/release.yml',
    refs: ['refs/heads/main'],
    digests: [COMMIT],
  },
  source: { repositoryId: '123456', ownerId: '654321' },
  triggers: ['push'],
  runner: 'github-hosted',
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2027-01-01T00:00:00Z'),
};

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'accepted';
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
}

const trusted = (change: Partial<Claims>, other: Partial<WorkflowEntry> = {}, at = AT) =>
  codeOf(() => verifyTrust(signer(change), at, [{ ...entry, ...other }]));
const named = (name: string) => ({ identity: name, buildSignerUri: name });
const workflow = 'https://github.com/acme/payments/.github/workflows/release.yml';

describe('rule 7: who may sign', () => {
  it('accepts the workflow at its ref, and at a released commit', () => {
    expect(trusted({})).toBe('accepted');
    expect(trusted({ ...named(`${workflow}@${COMMIT}`), buildSignerDigest: COMMIT })).toBe('accepted');
  });

  it.each<[string, Partial<Claims>]>([
    ['another issuer', { issuer: 'https://token.actions.githubusercontent.com.evil.example' }],
    ['a feature branch that runs the release workflow', named(`${workflow}@refs/heads/feature`)],
    ['a branch whose name begins as the trusted one', named(`${workflow}@refs/heads/main2`)],
    ['another workflow of the repository', named(`${workflow.replace('release', 'test')}@refs/heads/main`)],
    ['a commit of a fork, which resolves under the parent’s name', named(`${workflow}@${'c'.repeat(40)}`)],
    [
      'a released commit in the name, another in the claim',
      { ...named(`${workflow}@${COMMIT}`), buildSignerDigest: 'd'.repeat(40) },
    ],
    ['a recycled repository name', { sourceRepositoryId: '999' }],
    ['a recycled owner name', { sourceOwnerId: '999' }],
    ['a self-hosted runner', { runnerEnvironment: 'self-hosted' }],
    ['another trigger', { buildTrigger: 'workflow_dispatch' }],
    ['no trigger', { buildTrigger: null }],
    ['two signers in one certificate', { buildSignerUri: `${workflow}@refs/heads/feature` }],
  ])('refuses %s', (_name, change) => {
    expect(trusted(change)).toBe('SP-VERIFY-TRUST');
  });

  it.each(FORBIDDEN_TRIGGERS)('never accepts the trigger %s, even if it is listed', (trigger) => {
    expect(trusted({ buildTrigger: trigger }, { triggers: [trigger] })).toBe('SP-VERIFY-TRUST');
  });

  it('counts an entry in its time alone, and two that overlap as a rotation', () => {
    expect(trusted({}, { notBefore: new Date('2026-11-22T07:00:00Z') })).toBe('SP-VERIFY-TRUST');
    expect(trusted({}, { notAfter: new Date('2026-11-22T05:00:00Z') })).toBe('SP-VERIFY-TRUST');
    const old = { ...entry, name: 'old', notAfter: new Date('2026-11-22T05:00:00Z') };
    expect(verifyTrust(signer(), AT, [old, entry]).name).toBe('release');
  });

  it.each([
    ['refs/heads/*', []],
    ['main', []],
    ['refs/tags/v?', []],
    ['', ['b'.repeat(7)]],
  ])('refuses an entry with the ref %j and digests %j', (ref, digests) => {
    const refs = ref === '' ? [] : [ref];
    expect(trusted({}, { workflow: { ...entry.workflow, refs, digests } })).toBe('SP-TRUST-REF');
  });

  it('accepts no key where an identity is asked for, and nothing without entries', () => {
    const key: Signer = { kind: 'key', fingerprint: '00' };
    expect(codeOf(() => verifyTrust(key, AT, [entry]))).toBe('SP-VERIFY-TRUST');
    expect(codeOf(() => verifyTrust(signer(), AT, []))).toBe('SP-VERIFY-TRUST');
  });

  it('anchors patterns, and says that the signer of a reusable workflow is that workflow', async () => {
    const { issuer } = entry;
    const match = async (pattern: string) => await verifyIdentity(signer(), { issuer, pattern });
    await expect(match('https://github\\.com/acme/.*')).resolves.toBeDefined();
    await expect(match('github\\.com/acme')).rejects.toMatchObject({ code: 'SP-VERIFY-IDENTITY' });
    await expect(match('(')).rejects.toMatchObject({ code: 'SP-TRUST-PATTERN' });
    const reusable = signer({
      buildConfigUri: 'https://github.com/acme/app/.github/workflows/ci.yml@refs/heads/main',
    });
    await expect(verifyIdentity(reusable, { issuer, identity: 'x' })).rejects.toMatchObject({
      problem: { next: expect.stringContaining('called it and is not the signer') },
    });
    await expect(verifyIdentity(signer(), { issuer, source: 'acme/pay' })).rejects.toMatchObject({
      code: 'SP-VERIFY-SOURCE',
    });
  });
});

describe('provenance against its certificate', () => {
  const statement = readStatement(sample.content, 'payload');

  /** Every leaf of the predicate that is text, by its path. */
  function* leaves(value: unknown, path: string[] = []): Generator<string[]> {
    if (typeof value === 'string') yield path;
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) yield* leaves(inner, [...path, name]);
  }

  it('agrees in every field, and disagrees when any one is changed or gone', () => {
    expect(crossCheckProvenance(statement, signer()).length).toBe(9);
    const paths = [...leaves(statement.predicate)];
    expect(paths.length).toBe(12);
    for (const path of paths) {
      for (const change of ['x', undefined]) {
        const predicate = structuredClone(statement.predicate) as Record<string, unknown>;
        const holder = path
          .slice(0, -1)
          .reduce<Record<string, unknown>>((inner, name) => inner[name] as never, predicate);
        const last = path.at(-1) ?? '';
        holder[last] = change === undefined ? undefined : `${holder[last]}x`;
        expect(
          codeOf(() => crossCheckProvenance({ ...statement, predicate }, signer())),
          path.join('.'),
        ).toBe('SP-VERIFY-PROVENANCE');
      }
    }
  });

  it('is written from the token, and not where the runner says something else', () => {
    const token = {
      repository: 'acme/payments',
      repository_id: '123456',
      repository_owner_id: '654321',
      sha: 'a'.repeat(40),
      ref: 'refs/heads/main',
      event_name: 'push',
      run_id: '42',
      run_attempt: '1',
      runner_environment: 'github-hosted',
      workflow_ref: 'acme/payments/.github/workflows/release.yml@refs/heads/main',
      job_workflow_ref: 'acme/payments/.github/workflows/release.yml@refs/heads/main',
    };
    expect(provenanceOf(token, {}, [])).toEqual(statement.predicate);
    const env = { GITHUB_ACTIONS: 'true', GITHUB_SHA: 'b'.repeat(40) };
    expect(codeOf(() => provenanceOf(token, env, []))).toBe('SP-PROVENANCE-CLAIMS');
    expect(codeOf(() => provenanceOf({ ...token, sha: undefined }, {}, []))).toBe('SP-PROVENANCE-CLAIMS');
    expect(hasIsolatedSigner(token)).toBe(false);
    expect(hasIsolatedSigner({ ...token, job_workflow_ref: 'org/build/.github/workflows/b.yml@x' })).toBe(
      true,
    );
    expect(buildLevelOf(token, { cacheRestored: false, isolatedSigner: true }).level).toBe(3);
    expect(buildLevelOf(token, { cacheRestored: true, isolatedSigner: true }).level).toBe(2);
    expect(buildLevelOf({}, { cacheRestored: false, isolatedSigner: true }).level).toBe(2);
  });
});

describe('what is signed', () => {
  const content = (value: unknown) => ({
    kind: 'dsse' as const,
    payload: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    payloadType: 'application/vnd.in-toto+json',
    signature: Buffer.alloc(1),
  });
  const good = {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [{ name: 'a', digest: { sha256: '00' } }],
    predicateType: 'https://acme.test/x',
  };

  it.each([
    ['no subject', { ...good, subject: [] }],
    ['10,001 subjects', { ...good, subject: Array.from({ length: 10_001 }, () => good.subject[0]) }],
    ['a subject without a digest', { ...good, subject: [{ name: 'a', digest: {} }] }],
    ['another statement type', { ...good, _type: 'https://in-toto.io/Statement/v2' }],
    ['a member twice', `{"predicateType":"a",${JSON.stringify(good).slice(1)}`],
    ['no JSON', '{'],
  ])('is refused with %s', (_name, value) => {
    expect(codeOf(() => readStatement(content(value), 'payload'))).toBe('SP-VERIFY-STATEMENT');
  });

  it('needs a digest that is known, and none that differs', () => {
    const of = (digest: Record<string, string>): SignedStatement => ({
      type: good._type,
      subject: [{ name: 'a', digest }],
      predicateType: 'x',
      predicate: {},
    });
    const artifact = { name: 'a', digests: { sha256: 'aa', sha512: 'bb' }, data: null };
    const judge = (digest: Record<string, string>) => codeOf(() => requireSubject(of(digest), artifact));
    expect(judge({ sha256: 'aa' })).toBe('accepted');
    expect(judge({ sha256: 'aa', gitCommit: 'x' })).toBe('accepted');
    for (const bad of [{ sha256: 'ab' }, { sha256: 'aa', sha512: 'xx' }, { md5: 'aa' }, { gitCommit: 'aa' }])
      expect(judge(bad as unknown as Record<string, string>)).toBe('SP-VERIFY-SUBJECT');
  });
});

describe('rule 8: a summary is accepted', () => {
  const expected: ExpectedSummary = {
    verifierId: 'https://github.com/sallyport/sallyport/verifiers/release',
    resourceUri: 'registry.example/app',
    level: 'SALLYPORT_RELEASE',
    policyDigests: ['aa'],
    maxAge: 24 * 3600 * 1000,
  };
  const predicate = {
    verifier: { id: expected.verifierId },
    timeVerified: '2099-01-01T00:00:00Z',
    resourceUri: expected.resourceUri,
    policy: { uri: 'x', digest: { sha256: 'aa' } },
    inputAttestations: [{ uri: 'code.intoto.json', digest: { sha256: 'c'.repeat(64) } }],
    verificationResult: 'PASSED',
    verifiedLevels: ['SALLYPORT_RELEASE'],
  };
  const judge = (change: Record<string, unknown>, now = AT) =>
    codeOf(() =>
      acceptSummary(
        { type: '', subject: [], predicateType: VSA_TYPE, predicate: { ...predicate, ...change } },
        new Date('2026-11-22T05:00:00Z'),
        now,
        expected,
      ),
    );

  it('if everything fits, by its proven age and not by what it says of itself', () => {
    expect(judge({})).toBe('accepted');
    expect(judge({ timeVerified: '2000-01-01T00:00:00Z' })).toBe('accepted');
    expect(judge({}, new Date('2026-11-23T06:00:00Z'))).toBe('SP-VERIFY-AGE');
  });

  it.each([
    ['another verifier', { verifier: { id: `${expected.verifierId}/local` } }],
    ['a laptop’s', { verifier: { id: 'https://github.com/sallyport/sallyport/verifiers/local' } }],
    ['another resource', { resourceUri: 'registry.example/app2' }],
    ['FAILED', { verificationResult: 'FAILED' }],
    ['another gate’s level', { verifiedLevels: ['SALLYPORT_PULL_REQUEST'] }],
    ['another environment’s level', { verifiedLevels: ['SALLYPORT_DEPLOY_STAGING'] }],
    ['a level beside FAILED', { verifiedLevels: ['SALLYPORT_RELEASE', 'FAILED'] }],
    ['another policy', { policy: { digest: { sha256: 'bb' } } }],
    ['no policy', { policy: null }],
    ['an input without a digest', { inputAttestations: [{ uri: 'x' }] }],
  ])('not with %s', (_name, change) => {
    expect(judge(change)).toBe('SP-VERIFY-SUMMARY');
  });

  it('not as another kind of statement', () => {
    const statement = { type: '', subject: [], predicateType: PROVENANCE_V1, predicate };
    expect(codeOf(() => acceptSummary(statement, AT, AT, expected))).toBe('SP-VERIFY-PREDICATE-TYPE');
  });
});
