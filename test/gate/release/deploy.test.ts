import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BREAK_GLASS_TYPE, breakGlassPredicate } from '../../../src/attest/break-glass.ts';
import { linesOf } from '../../../src/gate/deploy/explain.ts';
import { rootsFrom } from '../../../src/gate/release/ground.ts';
import { VSA_TYPE } from '../../../src/model/evidence.ts';
import {
  denyList,
  later,
  outcomeOf,
  PACK,
  person,
  ReleaseWorld,
  releaseSigner,
  SIGNER,
  sha256,
  signedBy,
  signedWith,
  sigstore,
} from './world.ts';

const DIGEST = sha256('the artefact');
const security = person('security', 'deny-list');

async function released(): Promise<ReleaseWorld> {
  const world = new ReleaseWorld();
  await world.release();
  return world;
}

const summary = (change: object = {}) => ({
  verifier: { id: 'https://github.com/sallyport/sallyport/verifiers/release', version: {} },
  timeVerified: new Date().toISOString(),
  resourceUri: 'oci:registry.example/payments',
  policy: { uri: 'x', digest: { sha256: sha256(sha256(PACK)) } },
  inputAttestations: [],
  verificationResult: 'PASSED',
  verifiedLevels: ['SALLYPORT_RELEASE'],
  slsaVersion: '1.2',
  ...change,
});

/** A world whose only summary is this one, signed by whoever the claims say. */
async function summarized(
  change: object,
  claims: Record<string, string> = {},
  subject = DIGEST,
): Promise<ReleaseWorld> {
  const world = new ReleaseWorld();
  await signedWith(await world.session(claims), world, 'app.tgz.vsa', VSA_TYPE, summary(change), subject);
  return world;
}

describe('rule 8: a summary counts for what it says, and no more', () => {
  it('lets a release in and signs that, with the chain told', async () => {
    const world = await released();
    const { decision, chain, places } = await world.deploy();
    expect(decision).toMatchObject({ verdict: 'passed', gate: 'deploy' });
    expect(places).toHaveLength(1);
    const text = [...linesOf(chain)].join('\n');
    expect(text).toContain('SALLYPORT_RELEASE by');
    expect(text).toContain('trust entry the release workflow (rule 7)');
    expect(text.match(/rests on/gu)).toHaveLength(2);
  });

  it.each<[string, object, string]>([
    ['nothing changed', {}, 'passed'],
    ['another resource', { resourceUri: 'oci:registry.example/other' }, 'no SP-VERIFY-SUMMARY'],
    [
      'another gate',
      { verifier: { id: 'https://github.com/sallyport/sallyport/verifiers/pull-request' } },
      'no SP-VERIFY-SUMMARY',
    ],
    [
      'a laptop',
      {
        verifier: { id: 'https://github.com/sallyport/sallyport/verifiers/local' },
        verifiedLevels: ['SALLYPORT_LOCAL'],
      },
      'no SP-VERIFY-SUMMARY',
    ],
    [
      'the level of another gate',
      { verifiedLevels: ['SALLYPORT_DEPLOY_PRODUCTION'] },
      'no SP-VERIFY-SUMMARY',
    ],
    ['an exception', { verifiedLevels: ['SALLYPORT_BREAK_GLASS_PRODUCTION'] }, 'no SP-VERIFY-SUMMARY'],
    ['FAILED', { verificationResult: 'FAILED', verifiedLevels: ['FAILED'] }, 'no SP-VERIFY-SUMMARY'],
    [
      'a policy that was weakened',
      { policy: { uri: 'x', digest: { sha256: sha256('weaker') } } },
      'no SP-VERIFY-SUMMARY',
    ],
    ['an input without a digest', { inputAttestations: [{ uri: 'x' }] }, 'no SP-VERIFY-SUMMARY'],
  ])('with %s', async (_name, change, outcome) => {
    const world = await summarized(change);
    expect(await outcomeOf(() => world.deploy())).toBe(outcome);
  });

  it('refuses one of another digest, and what is not signed at all', async () => {
    const other = await summarized({}, {}, sha256('another artefact'));
    expect(await outcomeOf(() => other.deploy())).toBe('no SP-VERIFY-SUBJECT');
    expect(await outcomeOf(() => new ReleaseWorld().deploy())).toBe('no SP-VERIFY-MISSING');
  });

  it('takes back what was said, when the gate says no later', async () => {
    const world = await summarized({});
    const failed = summary({ verificationResult: 'FAILED', verifiedLevels: ['FAILED'] });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await signedWith(await world.session(), world, 'app.tgz.vsa2', VSA_TYPE, failed);
    expect(await outcomeOf(() => world.deploy())).toBe('no SP-VERIFY-SUMMARY');
  });

  it('counts age from the proven time, whatever the summary says of itself', async () => {
    const world = await summarized({ timeVerified: '2999-01-01T00:00:00Z' });
    expect(await outcomeOf(() => world.deploy({ context: later(29) }))).toBe('passed');
    expect(await outcomeOf(() => world.deploy({ context: later(31) }))).toBe('no SP-VERIFY-AGE');
    const trust = { summaries: { maxAge: '2d' } };
    expect(await outcomeOf(() => world.deploy({ trust, context: later(3) }))).toBe('no SP-VERIFY-AGE');
  });
});

describe('a deployment', () => {
  it('names its environment, and an artefact with a place for signatures', async () => {
    const world = new ReleaseWorld();
    for (const environment of [undefined, '', 'PRODUCTION', 'a b', '9', 'a'.repeat(41)])
      expect(await outcomeOf(() => world.deploy({ environment, session: null }))).toBe('error SP-USAGE');
    expect(await outcomeOf(() => world.deploy({ subject: `sha256:${DIGEST}`, session: null }))).toBe(
      'error SP-USAGE',
    );
    expect(await outcomeOf(() => world.deploy({ policy: undefined, session: null }))).toBe('error SP-USAGE');
  });

  it('signs nothing without a session, and nothing where it fails', async () => {
    const world = await released();
    const unsigned = await world.deploy({ session: null });
    expect([unsigned.decision.verdict, unsigned.places]).toEqual(['passed', []]);
    expect(readdirSync(unsigned.folder.path)).toContain('decision.intoto.json');
    const asking = { gates: { deploy: { stages: { dependencies: 'always' } } } };
    const strict = { version: 1, ...asking, trust: world.trust };
    const policy = world.write('strict.yml', JSON.stringify(strict));
    const refused = await world.deploy({ policy });
    expect([refused.decision.verdict, refused.places]).toEqual(['error', []]);
    expect(existsSync(join(refused.folder.path, 'decision.intoto.json'))).toBe(false);
  });

  it('takes what is newer than what runs, or the same', async () => {
    const world = await released();
    expect(await outcomeOf(() => world.deploy({ running: world.subject }))).toBe('passed');
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const subject = world.write('new.tgz', 'the next artefact');
    await world.release({ subject });
    expect(await outcomeOf(() => world.deploy({ subject, running: world.subject }))).toBe('passed');
  });
});

describe('rule 7: the signer of a summary', () => {
  it.each<[string, Record<string, string>]>([
    ['at a feature branch', { job_workflow_ref: `${SIGNER}@refs/heads/feature` }],
    [
      'at a commit of a fork',
      { job_workflow_ref: `${SIGNER}@${'c'.repeat(40)}`, job_workflow_sha: 'c'.repeat(40) },
    ],
    ['in a repository that got a recycled name', { repository_id: '9999' }],
    ['of an owner that got a recycled name', { repository_owner_id: '9999' }],
    ['started by a pull request', { event_name: 'pull_request' }],
    ['on somebody’s own runner', { runner_environment: 'self-hosted' }],
    [
      'that is the service’s own workflow',
      { job_workflow_ref: 'acme/payments/.github/workflows/ci.yml@refs/heads/main' },
    ],
    ['of another provider', { iss: 'https://other.demo.invalid' }],
  ])('is refused %s', async (_name, claims) => {
    const world = await summarized({}, claims);
    expect(await outcomeOf(() => world.deploy())).toBe('no SP-VERIFY-TRUST');
  });

  it('is taken at a released commit, and no more once that release is revoked', async () => {
    const commit = 'd'.repeat(40);
    const world = await summarized({}, { job_workflow_ref: `${SIGNER}@${commit}`, job_workflow_sha: commit });
    const { workflow } = releaseSigner();
    const pinned = releaseSigner({ workflow: { ...workflow, refs: [], digests: [commit] } });
    const trust = { signers: [pinned, security] };
    expect(await outcomeOf(() => world.deploy({ trust }))).toBe('passed');
    const list = await denyList(world, { signers: [commit] });
    expect(await outcomeOf(() => world.deploy({ trust, denyList: list }))).toBe('no SP-VERIFY-DENIED');
  });

  it('is refused where the policy trusts it with something else only', async () => {
    const world = await released();
    const trust = { signers: [releaseSigner({ signs: ['evidence'] })] };
    expect(await outcomeOf(() => world.deploy({ trust }))).toBe('no SP-VERIFY-TRUST');
  });
});

describe('rule 4: the pull request’s verdict does not carry over', () => {
  it('is refused as a release, even signed by who may sign one', async () => {
    const world = await summarized({
      verifier: { id: 'https://github.com/sallyport/sallyport/verifiers/pull-request' },
      verifiedLevels: ['SALLYPORT_PULL_REQUEST', 'SALLYPORT_RELEASE'],
    });
    expect(await outcomeOf(() => world.deploy())).toBe('no SP-VERIFY-SUMMARY');
  });
});

describe('rule 9: old but signed', () => {
  it('refuses what is older than what runs, and takes a way back that was there before', async () => {
    const old = await released();
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const running = old.write('new.tgz', 'the next artefact');
    await old.release({ subject: running });
    expect(await outcomeOf(() => old.deploy({ running }))).toBe('no SP-VERIFY-ROLLBACK');
    const rollbackTo = `sha256:${DIGEST}`;
    expect(await outcomeOf(() => old.deploy({ running, rollbackTo }))).toBe('no SP-VERIFY-SUMMARY');
    expect(await outcomeOf(() => old.deploy())).toBe('passed');
    expect(await outcomeOf(() => old.deploy({ running, rollbackTo }))).toBe('passed');
    expect(await outcomeOf(() => old.deploy({ running, rollbackTo, context: later(300) }))).toBe('passed');
    expect(await outcomeOf(() => old.deploy({ rollbackTo, environment: 'staging' }))).toBe(
      'no SP-VERIFY-SUMMARY',
    );
    expect(await outcomeOf(() => old.deploy({ rollbackTo: `sha256:${'0'.repeat(64)}` }))).toBe(
      'no SP-VERIFY-ROLLBACK',
    );
    const trust = { signers: [releaseSigner(), security] };
    const list = await denyList(old, { digests: [DIGEST] });
    expect(await outcomeOf(() => old.deploy({ rollbackTo, trust, denyList: list }))).toBe(
      'no SP-VERIFY-DENIED',
    );
  });

  it('decides nothing without a list that is required, or with one that is stale, old or nobody’s', async () => {
    const world = await released();
    const trust = { signers: [releaseSigner(), security], denyList: { required: true, minimum: 5 } };
    const go = async (list?: string, days = 0) =>
      await outcomeOf(() => world.deploy({ trust, denyList: list, context: later(days) }));
    expect(await go()).toBe('error SP-DENY-MISSING');
    const fresh = await denyList(world, { number: 5 });
    expect(await go(fresh)).toBe('passed');
    expect(await go(fresh, 8)).toBe('error SP-DENY-STALE');
    expect(await go(await denyList(world, { number: 4 }))).toBe('error SP-DENY-OLD');
    expect(await go(await denyList(world, { number: 5, by: 'mallory' }))).toBe('error SP-DENY-SIGNER');
    expect(await go(await signedBy(world, 'security', VSA_TYPE, {}))).toBe('error SP-DENY-FORMAT');
    await denyList(world, { number: 5 });
    const forged = JSON.parse(readFileSync(fresh, 'utf8'));
    const payload = Buffer.from(forged.dsseEnvelope.payload, 'base64').toString('utf8');
    forged.dsseEnvelope.payload = Buffer.from(payload.replace('"number":5', '"number":9')).toString('base64');
    writeFileSync(fresh, JSON.stringify(forged));
    expect(await go(fresh)).toBe('error SP-DENY-SIGNER');
  });
});

describe('rule 10: an exception', () => {
  const people = [person('alice', 'break-glass'), person('bob', 'break-glass')];
  const trust = {
    signers: [releaseSigner(), security, ...people],
    breakGlass: { environments: ['production'] },
  };
  const half = async (world: ReleaseWorld, name: string, environment = 'production', minutes = 60) =>
    await signedBy(
      world,
      name,
      BREAK_GLASS_TYPE,
      breakGlassPredicate(environment, 'payments are down', minutes, new Date()),
    );

  it('is taken from two people, at a level of its own, with a clean summary owed', async () => {
    const world = new ReleaseWorld();
    const breakGlass = [await half(world, 'alice'), await half(world, 'bob')];
    const { decision } = await world.deploy({ trust, breakGlass });
    expect(decision.verdict).toBe('passed');
    expect(decision.summary).toContain('alice');
    expect(decision.notes.join()).toContain('a clean summary is owed by');
    const [name = ''] = readdirSync(world.folder).filter((one) => one.includes('verification-summary'));
    const payload = JSON.parse(readFileSync(join(world.folder, name), 'utf8')).dsseEnvelope.payload;
    expect(Buffer.from(payload, 'base64').toString('utf8')).toContain('SALLYPORT_BREAK_GLASS_PRODUCTION');
    expect(await outcomeOf(() => world.deploy({ rollbackTo: `sha256:${DIGEST}` }))).toBe(
      'no SP-VERIFY-SUMMARY',
    );
  });

  it('is refused from one, from one twice, for elsewhere, after its end, of a denied digest, where none is taken', async () => {
    const world = new ReleaseWorld();
    const [alice, bob] = [await half(world, 'alice'), await half(world, 'bob')];
    const again = world.write('again.sigstore.json', readFileSync(await half(world, 'alice')));
    const staging = world.write('staging.sigstore.json', readFileSync(await half(world, 'bob', 'staging')));
    await half(world, 'bob');
    const mallory = await half(world, 'mallory');
    const go = async (breakGlass: string[], change = {}) =>
      await outcomeOf(() => world.deploy({ trust, breakGlass, ...change }));
    const no = 'no SP-VERIFY-BREAK-GLASS';
    expect(await go([alice])).toBe(no);
    expect(await go([alice, again])).toBe(no);
    expect(await go([alice, staging])).toBe(no);
    expect(await go([alice, mallory])).toBe(no);
    expect(await go([alice, bob], { context: later(1 / 12) })).toBe(no);
    expect(await go([alice, bob], { trust: { signers: trust.signers } })).toBe(no);
    expect(await go([alice, bob], { environment: 'staging' })).toBe(no);
    const list = await denyList(world, { digests: [DIGEST] });
    expect(await go([alice, bob], { denyList: list })).toBe('no SP-VERIFY-DENIED');
    expect(() => breakGlassPredicate('production', 'because', 60, new Date())).toThrow(/reason/u);
    expect(() => breakGlassPredicate('production', 'payments are down', 241, new Date())).toThrow(
      /four hours/u,
    );
  });

  it('is for one artefact', async () => {
    const world = new ReleaseWorld();
    const asked = breakGlassPredicate('production', 'payments are down', 60, new Date());
    const sign = async (name: string, digests: string[]) =>
      await signedBy(world, name, BREAK_GLASS_TYPE, asked, digests);
    const bob = await sign('bob', [DIGEST]);
    const go = async (alice: string[]) => {
      const breakGlass = [await sign('alice', alice), bob];
      return await outcomeOf(() => world.deploy({ trust, breakGlass }));
    };
    expect(await go([DIGEST])).toBe('passed');
    expect(await go([DIGEST, '0'.repeat(64)])).toBe('no SP-VERIFY-BREAK-GLASS');
  });

  it('lasts four hours at most, whatever it says of itself', async () => {
    const world = new ReleaseWorld();
    const long = { environment: 'production', reason: 'payments are down', expires: '2999-01-01T00:00:00Z' };
    const breakGlass = [
      await signedBy(world, 'alice', BREAK_GLASS_TYPE, long),
      await signedBy(world, 'bob', BREAK_GLASS_TYPE, long),
    ];
    expect(await outcomeOf(() => world.deploy({ trust, breakGlass }))).toBe('passed');
    expect(await outcomeOf(() => world.deploy({ trust, breakGlass, context: later(0.2) }))).toBe(
      'no SP-VERIFY-BREAK-GLASS',
    );
  });
});

describe('rules 12 and 13: roots', () => {
  it('refuses a root that the policy does not list', async () => {
    const world = await released();
    const { instances } = await sigstore();
    const own = instances[0]?.digest ?? '';
    expect(await outcomeOf(() => world.deploy({ trust: { roots: { sha256: [own] } } }))).toBe('passed');
    const trust = { roots: { sha256: ['0'.repeat(64)] } };
    expect(await outcomeOf(() => world.deploy({ trust }))).toBe('error SP-ROOT-UNKNOWN');
  });

  it('refuses the demo’s root even where a policy lists it, and one that is too old', async () => {
    const world = await released();
    const { root } = await sigstore();
    const file = world.write('root.json', root);
    const from = (days: number) =>
      rootsFrom([file], { offline: true, maxAge: undefined }, world.context(later(days)));
    const trust = { roots: { sha256: [sha256(root)], maxAge: '10d' } };
    expect(await outcomeOf(() => world.deploy({ trust, roots: from(0) }))).toBe('error SP-ROOT-DEMO');
    expect(await outcomeOf(() => world.deploy({ trust, roots: from(11) }))).toBe('error SP-ROOT-AGE');
  });
});

describe('rule 8: what moved or was left out between the gates', () => {
  const TYPE = 'application/vnd.oci.image.manifest.v1+json';
  const index = 'application/vnd.oci.image.index.v1+json';
  const put = (world: ReleaseWorld, value: object): { digest: string; size: number } => {
    const text = JSON.stringify(value);
    world.write(`image/blobs/sha256/${sha256(text)}`, text);
    return { digest: `sha256:${sha256(text)}`, size: text.length };
  };
  const image = (name: string) => ({
    schemaVersion: 2,
    mediaType: TYPE,
    config: {},
    layers: [],
    annotations: { name },
  });
  const entry = (world: ReleaseWorld, name: string, os: string) => ({
    mediaType: TYPE,
    ...put(world, image(name)),
    platform: { os, architecture: name },
  });
  const tag = (
    world: ReleaseWorld,
    mediaType: string,
    { digest, size }: { digest: string; size: number },
  ) => {
    const annotations = { 'org.opencontainers.image.ref.name': 'v1' };
    world.write('image/oci-layout', '{"imageLayoutVersion":"1.0.0"}');
    const path = join(world.folder, 'image/index.json');
    const before = readdirSync(join(world.folder, 'image')).includes('index.json')
      ? (JSON.parse(readFileSync(path, 'utf8')).manifests as { annotations?: object }[])
      : [];
    const others = before.filter((one) => JSON.stringify(one.annotations) !== JSON.stringify(annotations));
    writeFileSync(
      path,
      JSON.stringify({ schemaVersion: 2, manifests: [...others, { mediaType, digest, size, annotations }] }),
    );
    return `oci:${world.folder}/image:v1`;
  };

  it('refuses a tag that was moved to what nobody released', async () => {
    const world = new ReleaseWorld();
    const subject = tag(world, TYPE, put(world, image('good')));
    await world.release({ subject });
    expect(await outcomeOf(() => world.deploy({ subject }))).toBe('passed');
    tag(world, TYPE, put(world, image('evil')));
    expect(await outcomeOf(() => world.deploy({ subject }))).toBe('no SP-VERIFY-MISSING');
  });

  it('takes an index whose every image the summary names, and refuses one with an image that it does not', async () => {
    const world = new ReleaseWorld();
    const both = {
      schemaVersion: 2,
      mediaType: index,
      manifests: [entry(world, 'amd64', 'linux'), entry(world, 'arm64', 'linux')],
    };
    const subject = tag(world, index, put(world, both));
    await world.release({ subject });
    const { chain } = await world.deploy({ subject });
    expect([...linesOf(chain)].join('\n')).toContain('linux/arm64 sha256:');

    const lone = new ReleaseWorld();
    const third = { ...both, manifests: [...both.manifests, entry(lone, 'riscv64', 'linux')] };
    for (const name of ['amd64', 'arm64']) entry(lone, name, 'linux');
    const { digest, size } = put(lone, third);
    const other = tag(lone, index, { digest, size });
    const statement = summary();
    await lone.release({ subject: other });
    for (const name of readdirSync(join(lone.folder, 'image/blobs/sha256')))
      if (
        readFileSync(join(lone.folder, 'image/blobs/sha256', name), 'utf8').includes('sigstore.bundle.v0.3')
      )
        rmSync(join(lone.folder, 'image/blobs/sha256', name));
    tag(lone, index, { digest, size });
    writeFileSync(
      join(lone.folder, 'image/index.json'),
      JSON.stringify({
        schemaVersion: 2,
        manifests: [
          { mediaType: index, digest, size, annotations: { 'org.opencontainers.image.ref.name': 'v1' } },
        ],
      }),
    );
    const session = await lone.session();
    const store = join(lone.folder, 'bundles');
    const hex = digest.slice(7);
    await signedWith(session, lone, `bundles/sha256-${hex}.vsa`, VSA_TYPE, statement, hex);
    await signedWith(
      session,
      lone,
      `bundles/sha256-${hex}.sig`,
      'https://sigstore.dev/cosign/sign/v1',
      {},
      hex,
    );
    expect(await outcomeOf(() => lone.deploy({ subject: other, store }))).toBe('no SP-VERIFY-PLATFORM');
  });

  it('asks for a signature of an image beside its summary', async () => {
    const world = new ReleaseWorld();
    const { digest, size } = put(world, image('good'));
    const subject = tag(world, TYPE, { digest, size });
    const hex = digest.slice(7);
    await signedWith(await world.session(), world, `bundles/sha256-${hex}.vsa`, VSA_TYPE, summary(), hex);
    const store = join(world.folder, 'bundles');
    expect(await outcomeOf(() => world.deploy({ subject, store }))).toBe('no SP-VERIFY-MISSING');
  });
});
