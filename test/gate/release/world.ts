import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DenyList, nextDenyList } from '../../../src/attest/deny-list.ts';
import { bundleToJson } from '../../../src/attest/sign/bundle-json.ts';
import { SigningSession } from '../../../src/attest/sign/session.ts';
import type { OpenedSession } from '../../../src/attest/sign/signed.ts';
import { DEMO_ISSUER, type ThrowAway, throwAwayInstance } from '../../../src/attest/throw-away/instance.ts';
import { VerificationFailed } from '../../../src/attest/verify/failure.ts';
import { type DeployInput, type DeployRun, runDeploy } from '../../../src/gate/deploy/deploy.ts';
import { parseHandedOver } from '../../../src/gate/release/handed-over.ts';
import { type ReleaseInput, runRelease } from '../../../src/gate/release/release.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { STATEMENT_TYPE, TEST_RESULT_TYPE } from '../../../src/model/evidence.ts';
import type { Json } from '../../../src/model/json/values.ts';
import type { ScanReport } from '../../../src/model/report.ts';
import { writeSarif } from '../../../src/model/sarif/write.ts';
import type { Stage } from '../../../src/model/stage.ts';
import type { Context } from '../../../src/platform/context.ts';
import { report } from '../../policy/support.ts';
import { TestRepository, temporaryFolder, testContext } from '../support.ts';

export const RUN = 'https://github.com/acme/payments/actions/runs/42/attempts/';
export const SIGNER = 'acme/gates/.github/workflows/release.yml';
const RESOURCE = 'oci:registry.example/payments';
const RULES = [
  {
    id: 'nothing-high',
    over: 'finding',
    condition: 'atLeast(finding.severity, "high")',
    action: 'fail',
    message: 'm',
  },
];

export const PACK = JSON.stringify({
  version: 1,
  gates: { release: { stages: { secrets: 'always', code: 'when-present' }, rules: ['nothing-high'] } },
  rules: RULES,
});

/** Makes the throw-away Sigstore once for a file of tests: its keys take longer than the tests. */
let made: Promise<ThrowAway> | undefined;
export const sigstore = (): Promise<ThrowAway> => {
  made ??= throwAwayInstance();
  return made;
};

export const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** The signer of the release workflow, as a deployment's policy names it. */
export const releaseSigner = (change: object = {}) => ({
  name: 'the release workflow',
  signs: ['release', 'deploy'],
  issuer: DEMO_ISSUER,
  workflow: {
    repository: 'https://github.com/acme/gates',
    path: '.github/workflows/release.yml',
    refs: ['refs/heads/main'],
  },
  source: { repositoryId: '1001', ownerId: '2002' },
  ...change,
});

export const person = (name: string, ...signs: string[]) => ({
  name,
  signs,
  issuer: DEMO_ISSUER,
  identity: nameOf(name),
});

const nameOf = (name: string) => `https://people.demo.invalid/${name}`;

/** The outcome in one word: a verdict, or the code of what stopped it, with `no` for a check that said no. */
export async function outcomeOf(work: () => Promise<{ decision: { verdict: string } }>): Promise<string> {
  try {
    return (await work()).decision.verdict;
  } catch (thrown) {
    if (!(thrown instanceof SallyportError)) throw thrown;
    return `${thrown instanceof VerificationFailed ? 'no' : 'error'} ${thrown.code}`;
  }
}

/** A service, its artefact, and the world in which it is released and deployed. */
export class ReleaseWorld {
  readonly repository: TestRepository;
  readonly folder = temporaryFolder();
  readonly commit: string;
  readonly tree: string;
  readonly subject: string;
  /** The pack's digest as summaries name it. */
  readonly pack: string;
  trust: Record<string, unknown>;

  constructor(files: Record<string, string> = {}) {
    this.repository = new TestRepository({ 'app.txt': 'the service', ...files });
    this.commit = this.repository.git('rev-parse', 'HEAD');
    this.tree = this.repository.git('rev-parse', 'HEAD:');
    this.subject = this.write('app.tgz', 'the artefact');
    const path = this.write('pack.yml', PACK);
    this.pack = `${path}@sha256:${sha256(PACK)}`;
    this.trust = { signers: [releaseSigner()], policies: [sha256(sha256(PACK))] };
  }

  write(name: string, content: string | Buffer): string {
    const path = join(this.folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  claims(change: Json = {}): Json {
    return {
      iss: DEMO_ISSUER,
      aud: 'sigstore',
      sub: 'repo:acme/payments:ref:refs/heads/main',
      exp: Math.floor(Date.now() / 1000) + 600,
      repository: 'acme/payments',
      repository_id: '1001',
      repository_owner: 'acme',
      repository_owner_id: '2002',
      repository_visibility: 'private',
      sha: this.commit,
      ref: 'refs/heads/main',
      ref_protected: 'true',
      workflow_ref: 'acme/payments/.github/workflows/ci.yml@refs/heads/main',
      workflow_sha: this.commit,
      job_workflow_ref: `${SIGNER}@refs/heads/main`,
      job_workflow_sha: 'b'.repeat(40),
      run_id: '42',
      run_attempt: '1',
      event_name: 'push',
      runner_environment: 'github-hosted',
      ...change,
    };
  }

  /** A session of a workflow with these claims. */
  async session(change: Json = {}): Promise<OpenedSession> {
    const { services, instances } = await sigstore();
    const token = { raw: '', claims: this.claims(change) };
    const session = await SigningSession.open(
      { services, identity: { token }, publishIdentity: false },
      testContext({ clock: { now: () => new Date() } }),
    );
    return { session, instances, key: null, token };
  }

  /** A session of a person: a certificate with a name and an issuer, and nothing of a workflow. */
  async personSession(name: string): Promise<OpenedSession> {
    const { services, instances } = await sigstore();
    const exp = Math.floor(Date.now() / 1000) + 600;
    const token = { raw: '', claims: { iss: DEMO_ISSUER, aud: 'sigstore', exp, sub: nameOf(name) } };
    const session = await SigningSession.open(
      { services, identity: { token }, publishIdentity: false },
      testContext({ clock: { now: () => new Date() } }),
    );
    return { session, instances, key: null, token };
  }

  /** What the runner says of a job. */
  env(change: Record<string, string> = {}): Context['env'] {
    return {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GITHUB_ACTIONS: 'true',
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_REPOSITORY: 'acme/payments',
      GITHUB_SHA: this.commit,
      GITHUB_EVENT_NAME: 'push',
      GITHUB_RUN_ID: '42',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_JOB: 'release',
      ...change,
    };
  }

  context(change: Partial<Context> = {}): Context {
    return testContext({ env: this.env(), clock: { now: () => new Date() }, cwd: this.folder, ...change });
  }

  /** The two files that a stage job hands over, as arguments. */
  evidence(
    stage: Stage,
    over: {
      report?: Partial<ScanReport>;
      job?: string;
      says?: string;
      digest?: Record<string, string>;
      as?: string;
    } = {},
  ): string[] {
    const job = over.job ?? stage;
    const engine = over.report?.engine ?? {
      name: `sallyport-${stage}`,
      version: '0.1.0',
      publisher: 'sallyport',
      how: 'in-process' as const,
    };
    const sarif = [...writeSarif([report({ stage, ...over.report, engine })])].join('');
    const statement = JSON.stringify({
      _type: STATEMENT_TYPE,
      subject: [
        {
          name: 'acme/payments',
          digest: over.digest ?? { gitCommit: this.commit, gitTree: this.tree },
        },
      ],
      predicateType: TEST_RESULT_TYPE,
      predicate: {
        result: 'PASSED',
        configuration: [],
        passedTests: [],
        warnedTests: [],
        failedTests: [],
        sallyport_report: { name: `${stage}.sarif`, digest: { sha256: sha256(sarif) } },
        sallyport_producer: { kind: 'in-process', job: over.says ?? `${RUN}1#${job}`, engines: [engine] },
      },
    });
    const name = `${over.as ?? stage}-${job}`;
    return [
      `${job}=${this.write(`${name}.sarif`, sarif)}@sha256:${sha256(sarif)}`,
      `${job}=${this.write(`${name}.intoto.json`, statement)}@sha256:${sha256(statement)}`,
    ];
  }

  async release(
    change: Partial<ReleaseInput> & {
      evidence?: never;
      handed?: readonly string[];
      session?: OpenedSession | null;
      context?: Partial<Context>;
    } = {},
  ) {
    const { handed, session, context, ...input } = change;
    const { instances } = await sigstore();
    return await runRelease(
      {
        root: this.repository.root,
        policy: this.pack,
        subject: this.subject,
        resource: RESOURCE,
        evidence: parseHandedOver(handed ?? [...this.evidence('secrets'), ...this.evidence('code')]),
        advisories: join(this.folder, 'none'),
        roots: async () => instances,
        store: undefined,
        ...input,
      },
      session === undefined ? await this.session() : session,
      this.context(context),
    );
  }

  policyFile(change: Record<string, unknown> = {}): string {
    const text = {
      version: 1,
      gates: { deploy: { rules: ['nothing-high'] } },
      rules: RULES,
      trust: { ...this.trust, ...change },
    };
    return this.write('deploy.yml', JSON.stringify(text));
  }

  async deploy(
    change: Partial<DeployInput> & {
      trust?: Record<string, unknown>;
      session?: OpenedSession | null;
      context?: Partial<Context>;
    } = {},
  ): Promise<DeployRun> {
    const { trust, session, context, ...input } = change;
    const { instances } = await sigstore();
    return await runDeploy(
      {
        root: this.folder,
        policy: this.policyFile(trust),
        subject: this.subject,
        environment: 'production',
        resource: RESOURCE,
        running: undefined,
        rollbackTo: undefined,
        breakGlass: [],
        denyList: undefined,
        advisories: join(this.folder, 'none'),
        roots: async () => instances,
        store: undefined,
        ...input,
      },
      session === undefined ? await this.session() : session,
      this.context(context),
    );
  }
}

/** A clock that is ahead. */
export const later = (days: number): Partial<Context> => ({
  clock: { now: () => new Date(Date.now() + days * 86_400_000) },
});

/** Signs a statement about the subject as a person, into a file. */
export async function signedBy(
  world: ReleaseWorld,
  name: string,
  predicateType: string,
  predicate: unknown,
  subject: string | readonly string[] = sha256('the artefact'),
): Promise<string> {
  return await signedWith(await world.personSession(name), world, name, predicateType, predicate, subject);
}

export async function signedWith(
  { session }: OpenedSession,
  world: ReleaseWorld,
  name: string,
  predicateType: string,
  predicate: unknown,
  subject: string | readonly string[] = sha256('the artefact'),
): Promise<string> {
  const payload = Buffer.from(
    JSON.stringify({
      _type: STATEMENT_TYPE,
      subject: [subject].flat().map((digest, index) => ({ name: `x${index}`, digest: { sha256: digest } })),
      predicateType,
      predicate,
    }),
  );
  const bundle = bundleToJson(await session.sign({ kind: 'statement', payload }));
  return world.write(`${name}.sigstore.json`, JSON.stringify(bundle));
}

/** A deny-list as a file, signed by a person. */
export async function denyList(
  world: ReleaseWorld,
  list: { number?: number; days?: number; digests?: string[]; signers?: string[]; by?: string },
): Promise<string> {
  const because = (names: string[] | undefined) =>
    new Map((names ?? []).map((name) => [name, 'it was stolen']));
  const now = new Date();
  const { predicate, subject, predicateType } = nextDenyList(
    list.number === undefined ? null : { ...EMPTY, number: list.number - 1 },
    { digests: because(list.digests), signers: because(list.signers) },
    new Date(now.getTime() + (list.days ?? 7) * 86_400_000),
    now,
  );
  const by = list.by ?? 'security';
  return await signedBy(world, by, predicateType, predicate, subject[0]?.digest.sha256);
}

const EMPTY: DenyList = {
  number: 0,
  issued: new Date(0),
  expires: new Date(0),
  digests: new Map(),
  signers: new Map(),
};
