import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SigningSession } from '../attest/sign/session.ts';
import { type OpenedSession, signVerified } from '../attest/sign/signed.ts';
import { buildLevelOf, hasIsolatedSigner, provenanceOf } from '../attest/statement/provenance.ts';
import { COSIGN_SIGNATURE } from '../attest/statement/types.ts';
import { writeStatement } from '../attest/statement/write.ts';
import { openSubject } from '../attest/subject.ts';
import { DEMO_ISSUER, type ThrowAway, throwAwayInstance } from '../attest/throw-away/instance.ts';
import { judgeTrusted } from '../attest/trusted.ts';
import { readBundle } from '../attest/verify/bundle.ts';
import { PROVENANCE_V1 } from '../attest/verify/provenance.ts';
import { runDeploy } from '../gate/deploy/deploy.ts';
import { linesOf } from '../gate/deploy/explain.ts';
import { parseHandedOver } from '../gate/release/handed-over.ts';
import { releasePolicy } from '../gate/release/policy.ts';
import { runRelease } from '../gate/release/release.ts';
import { runGate } from '../gate/run.ts';
import { writeCycloneDx } from '../model/cyclonedx/write.ts';
import type { Json } from '../model/json/values.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import { openTree } from '../platform/open-tree.ts';
import { toolEnvironment } from '../platform/process.ts';
import { trustRules } from '../policy/trust.ts';
import { assemble } from '../sbom/assemble.ts';
import { readLocked } from '../sbom/read-tree.ts';
import { writeImage } from './demo-image.ts';

const STAGES: readonly Stage[] = ['configuration', 'secrets'];
const WORKFLOW = 'acme/gates/.github/workflows/release.yml@refs/heads/main';
const RESOURCE = 'oci:registry.example/payments-service';

const RELEASE_POLICY = `version: 1
title: What the organization asks of every release
extends: [baseline]
`;

/** The deploying side says whom it believes; the artefact's own repository cannot change it. */
const deployPolicyText = (pack: string) => `version: 1
title: What production takes
extends: [baseline]
trust:
  signers:
    - name: the release workflow
      signs: [release, evidence]
      issuer: ${DEMO_ISSUER}
      workflow:
        repository: https://github.com/acme/gates
        path: .github/workflows/release.yml
        refs: [refs/heads/main]
      source: { repositoryId: "1001", ownerId: "2002" }
      triggers: [push]
  policies: ["${pack}"]
`;

interface World {
  repository: string;
  commit: string;
  context: Context;
  say: (text: string) => void;
  sigstore: ThrowAway;
}

/**
 * From the merged commit to the door of production: an image, its provenance, the release gate, its summary, one flipped
 * byte, the deploy gate. Everything is signed by a Sigstore that lives in this process. True if all went as it must.
 */
export async function tellRelease(
  folder: string,
  repository: string,
  commit: string,
  context: Context,
): Promise<boolean> {
  const say = (text: string) => context.out(`${text}\n`);
  const sigstore = await throwAwayInstance();
  const world: World = { repository, commit, context, say, sigstore };
  const layout = join(folder, 'image');
  const subject = `oci:${layout}`;
  const digest = await writeImage(repository, layout);
  say(`   An image of the merged commit: ${digest.slice(0, 19)}…`);

  const opened = await openedAs(world);
  const { claims } = opened.token ?? { claims: {} };
  const signed = await openSubject(subject, null, context);
  const items = [
    { predicateType: COSIGN_SIGNATURE, predicate: {} },
    { predicateType: PROVENANCE_V1, predicate: provenanceOf(claims, jobEnv(world, 'build'), []) },
  ].map(({ predicateType, predicate }) => ({
    signable: { kind: 'statement' as const, payload: writeStatement(signed, predicateType, predicate) },
    predicateType,
  }));
  const bundles = await Promise.all(items.map((item) => signVerified(item, signed, opened, context)));
  await signed.store?.add(digest, bundles);
  const { level } = buildLevelOf(claims, { cacheRestored: false, isolatedSigner: hasIsolatedSigner(claims) });
  say(`   Signed, with SLSA provenance of level ${level} that says what the signing certificate says.`);

  const evidence = [...(await stageEvidence(world)), await billOfMaterials(folder, world)];
  const pack = join(folder, 'acme-release.yml');
  await writeFile(pack, RELEASE_POLICY);
  const pinned = `${pack}@sha256:${createHash('sha256').update(RELEASE_POLICY).digest('hex')}`;
  say('   $ sallyport gate --gate release --subject oci:image --evidence JOB=FILE@sha256:… --sign');
  const job = { ...context, env: jobEnv(world, 'release') };
  const released = await runRelease(
    {
      root: repository,
      policy: pinned,
      subject,
      resource: RESOURCE,
      evidence: parseHandedOver(evidence),
      advisories: join(folder, 'no-advisories'),
      roots: async () => sigstore.instances,
      store: undefined,
    },
    opened,
    job,
  );
  say(`   release: ${released.decision.summary}`);

  const { pack: inForce, trust } = await releasePolicy(
    pinned,
    repository,
    { root: repository, commit },
    false,
    job,
  );
  const deployPolicy = join(folder, 'production.yml');
  await writeFile(deployPolicy, deployPolicyText(inForce.digest.sha256 ?? ''));
  const refused = await flipByte(released.places, layout, digest, deployPolicy, world);
  say(`   One byte of the summary flipped: ${refused ?? 'ACCEPTED'}.`);

  say('   $ sallyport gate --gate deploy --environment production --policy production.yml --explain');
  const deployed = await runDeploy(
    {
      root: repository,
      policy: deployPolicy,
      subject,
      environment: 'production',
      resource: RESOURCE,
      running: undefined,
      rollbackTo: undefined,
      breakGlass: [],
      denyList: undefined,
      advisories: join(folder, 'no-advisories'),
      roots: async () => sigstore.instances,
      store: undefined,
    },
    opened,
    { ...context, env: jobEnv(world, 'deploy') },
  );
  for (const line of linesOf(deployed.chain)) say(`   ${line}`);
  return (
    trustRules(trust).signers.length === 0 &&
    released.decision.verdict === 'passed' &&
    refused !== null &&
    deployed.decision.verdict === 'passed'
  );
}

/** Each stage in a job of its own, as a workflow runs them; what they hand over is named by its digest. */
async function stageEvidence(world: World): Promise<string[]> {
  const { repository, context } = world;
  const handed: string[] = [];
  for (const stage of STAGES) {
    const run = await runGate(
      {
        gate: 'pull-request',
        root: repository,
        sarif: [],
        baseSarif: [],
        only: stage,
        engines: [],
      },
      { ...context, env: jobEnv(world, stage) },
    );
    for (const name of [`${stage}.sarif`, `${stage}.intoto.json`]) {
      const file = join(run.folder.path, name);
      const sha256 = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      handed.push(`${stage}=${file}@sha256:${sha256}`);
    }
  }
  return handed;
}

/** The bill of materials of what is released, from its lockfiles, in a job that runs nothing else. */
async function billOfMaterials(folder: string, { repository, context, say }: World): Promise<string> {
  const tree = await openTree({ root: repository }, context.run, toolEnvironment(context.env));
  try {
    const bom = assemble(await readLocked(tree), { name: 'payments-service' });
    const text = [...writeCycloneDx(bom, { timestamp: context.clock.now().toISOString() })].join('');
    const file = join(folder, 'bom.cdx.json');
    await writeFile(file, text);
    say(`   Its bill of materials: ${bom.components.length} components.`);
    return `sbom=${file}@sha256:${createHash('sha256').update(text).digest('hex')}`;
  } finally {
    await tree.close();
  }
}

/** What a byte that is flipped in the signed summary ends in: the code of the refusal, null if it were accepted. */
async function flipByte(
  places: readonly string[],
  layout: string,
  digest: string,
  policy: string,
  { context, sigstore }: World,
): Promise<string | null> {
  const { loadTrust } = await import('../gate/outside-policy.ts');
  const { signers } = await loadTrust(policy, context);
  const blob = (name: string) => join(layout, 'blobs', 'sha256', name);
  const last = places.at(-1)?.split('sha256:')[1] ?? '';
  const manifest = JSON.parse(await readFile(blob(last), 'utf8')) as { layers: { digest: string }[] };
  const bundle = JSON.parse(await readFile(blob(manifest.layers[0]?.digest.slice(7) ?? ''), 'utf8')) as {
    dsseEnvelope: { payload: string };
  };
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64');
  const at = payload.indexOf('PASSED');
  payload[at] = (payload[at] ?? 0) ^ 1;
  bundle.dsseEnvelope.payload = payload.toString('base64');
  const found = {
    where: 'flipped',
    bundle: readBundle(Buffer.from(JSON.stringify(bundle)), 'flipped'),
    document: null,
  };
  const artifact = { name: 'image', digests: { sha256: digest.slice(7) }, data: null };
  const { refused } = await judgeTrusted([found], artifact, 'release', {
    instances: sigstore.instances,
    signers,
    denied: null,
    now: context.clock.now(),
  });
  const [refusal] = refused;
  return refusal === undefined ? null : `refused (${refusal.problem.code}: ${refusal.problem.message})`;
}

/** The identity that the release workflow of the organization has in a run of the service's repository. */
function claimsOf({ commit, context }: World): Json {
  return {
    iss: DEMO_ISSUER,
    aud: 'sigstore',
    sub: 'repo:acme/payments-service:ref:refs/heads/main',
    exp: Math.floor(context.clock.now().getTime() / 1000) + 600,
    repository: 'acme/payments-service',
    repository_id: '1001',
    repository_owner: 'acme',
    repository_owner_id: '2002',
    repository_visibility: 'private',
    sha: commit,
    ref: 'refs/heads/main',
    ref_protected: 'true',
    workflow_ref: 'acme/payments-service/.github/workflows/ci.yml@refs/heads/main',
    workflow_sha: commit,
    job_workflow_ref: WORKFLOW,
    job_workflow_sha: '0123456789abcdef0123456789abcdef01234567',
    run_id: '1',
    run_attempt: '1',
    event_name: 'push',
    runner_environment: 'github-hosted',
  };
}

async function openedAs(world: World): Promise<OpenedSession> {
  const { sigstore, context } = world;
  const token = { raw: '', claims: claimsOf(world) };
  const session = await SigningSession.open(
    { services: sigstore.services, identity: { token }, publishIdentity: false },
    context,
  );
  return { session, instances: sigstore.instances, key: null, token };
}

/** What a runner says of a job of the demo's run. */
function jobEnv(world: World, job: string): Context['env'] {
  const { env } = world.context;
  const claims = claimsOf(world);
  return {
    PATH: env.PATH,
    HOME: env.HOME,
    GITHUB_ACTIONS: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: String(claims.repository),
    GITHUB_REPOSITORY_ID: String(claims.repository_id),
    GITHUB_REPOSITORY_OWNER_ID: String(claims.repository_owner_id),
    GITHUB_SHA: world.commit,
    GITHUB_REF: String(claims.ref),
    GITHUB_EVENT_NAME: String(claims.event_name),
    GITHUB_RUN_ID: String(claims.run_id),
    GITHUB_RUN_ATTEMPT: String(claims.run_attempt),
    GITHUB_WORKFLOW_REF: String(claims.workflow_ref),
    GITHUB_JOB: job,
  };
}
