import { resolve } from 'node:path';
import { acceptBreakGlass, type BreakGlass } from '../../attest/break-glass.ts';
import {
  type GateSummary,
  requireDigestsAllowed,
  requirePlatforms,
  requireSignature,
  requireSummary,
} from '../../attest/gate-summary.ts';
import { type Platform, platformsOf } from '../../attest/platforms.ts';
import type { OpenedSession } from '../../attest/sign/signed.ts';
import type { Found } from '../../attest/store/store.ts';
import { openSubject, type SigningSubject } from '../../attest/subject.ts';
import { judgeTrusted, type TrustExpectation, type TrustOutcome } from '../../attest/trusted.ts';
import { failed } from '../../attest/verify/failure.ts';
import { SallyportError } from '../../model/error.ts';
import { breakGlassLevel, ENVIRONMENT, levelOf, verifierId } from '../../model/evidence.ts';
import { DEFAULT_SUMMARY_HOURS, type TrustRules } from '../../model/trust.ts';
import { type Context, inAutomation } from '../../platform/context.ts';
import { trustRules } from '../../policy/trust.ts';
import { RunFolder } from '../evidence.ts';
import { groundOf, oneBundle, type RootSource, resourceOf } from '../release/ground.ts';
import { deployPolicy, type ForcedPolicy } from '../release/policy.ts';
import { keep, signPieces, summaryItem } from '../release/statements.ts';
import type { GateRun } from '../run.ts';
import { decideDeploy, decideException } from './decide.ts';
import { chainOf, type Link } from './explain.ts';

export interface DeployInput {
  /** Where the run's folder is kept. */
  root: string;
  policy: string | undefined;
  subject: string;
  environment: string | undefined;
  resource: string | undefined;
  /** What runs there now. */
  running: string | undefined;
  /** `sha256:HEX`: the digest to go back to. */
  rollbackTo: string | undefined;
  breakGlass: readonly string[];
  denyList: string | undefined;
  advisories: string | undefined;
  roots: RootSource;
  store: string | undefined;
}

/** What stands between a release and an environment, and what was found about it. */
export interface Deployment {
  subject: SigningSubject;
  platforms: readonly Platform[];
  environment: string;
  resource: string;
  rules: TrustRules;
  expectation: TrustExpectation;
  /** By those who are trusted with releases. */
  released: TrustOutcome;
  /** By those who are trusted with deployments. */
  deployed: TrustOutcome;
  /** By those who are trusted to say which vulnerability does not concern it. */
  excused: TrustOutcome;
}

export interface DeployRun extends GateRun {
  places: string[];
  chain: Link;
}

const HOUR = 60 * 60 * 1000;

/**
 * Decides whether a release may go to an environment (docs/guide/trust.md): the release's summary and signature, the
 * deny-list, what runs there now, and the bill of materials against today's advisories. Throws VerificationFailed with
 * the first thing that says no; everything else that it throws is no verdict.
 */
export async function runDeploy(
  input: DeployInput,
  opened: OpenedSession | null,
  context: Context,
): Promise<DeployRun> {
  const environment = requireEnvironment(input.environment);
  const local = !inAutomation(context.env);
  const policy = await deployPolicy(input.policy, local, context);
  const rules = trustRules(policy.trust);
  const expectation = await groundOf(rules, input, context);
  const subject = await openSubject(input.subject, input.store ?? null, context);
  const platforms = await platformsOf(subject);
  requireDigestsAllowed(expectation.denied, subject, platforms);
  const found = await findAll(subject);
  const deployment: Deployment = {
    subject,
    platforms,
    environment,
    resource: input.resource ?? resourceOf(subject),
    rules,
    expectation,
    released: await judgeTrusted(found, subject.artifact, 'release', expectation),
    deployed: await judgeTrusted(found, subject.artifact, 'deploy', expectation),
    excused: await judgeTrusted(found, subject.artifact, 'vex', expectation),
  };
  if (input.breakGlass.length > 0) {
    const exception = await exceptionOf(deployment, input, context);
    return await keepDeploy(deployment, policy, input, opened, context, { exception });
  }
  const release = requireRelease(deployment, input);
  await requireOrder(deployment, release, input, context);
  return await keepDeploy(deployment, policy, input, opened, context, { release });
}

function requireEnvironment(environment: string | undefined): string {
  if (environment !== undefined && ENVIRONMENT.test(environment)) return environment;
  throw new SallyportError({
    code: 'SP-USAGE',
    message: 'a deployment is to an environment',
    expected: '--environment NAME: lower-case letters, digits and hyphens, at most 40',
    found: environment ?? 'none',
  });
}

async function findAll(subject: SigningSubject): Promise<Found[]> {
  if (subject.store !== null) return await subject.store.find(subject.digest);
  throw new SallyportError({
    code: 'SP-USAGE',
    message: 'a bare digest has no place where its signatures lie',
    expected: 'a file or an image, or --store DIR',
    found: subject.text,
  });
}

/** The release's summary, its signature, and every image of an index. Throws VerificationFailed. */
function requireRelease(deployment: Deployment, input: DeployInput): GateSummary {
  const { subject, rules, expectation, released, resource, platforms } = deployment;
  const release = requireSummary(released, subject, expectation.now, {
    verifierId: verifierId('release', false),
    resourceUri: resource,
    level: levelOf('release', null, false),
    policyDigests: rules.policies,
    // An emergency must never fail on age.
    maxAge: input.rollbackTo === undefined ? (rules.summaryHours ?? DEFAULT_SUMMARY_HOURS) * HOUR : null,
  });
  if (subject.kind === 'image') requireSignature(released, subject);
  requirePlatforms(release, platforms);
  return release;
}

/**
 * Not older than what runs, or a way back to what was let in there before (trust-model rule 9). Throws
 * VerificationFailed.
 */
async function requireOrder(
  deployment: Deployment,
  release: GateSummary,
  input: DeployInput,
  context: Context,
): Promise<void> {
  const { subject, environment, deployed, expectation } = deployment;
  if (input.rollbackTo !== undefined) {
    if (input.rollbackTo !== subject.digest)
      throw failed('SP-VERIFY-ROLLBACK', 'the digest to go back to is not that of the subject', {
        expected: input.rollbackTo.slice(0, 100),
        found: subject.digest,
      });
    requireSummary(deployed, subject, expectation.now, {
      verifierId: verifierId('deploy', false),
      resourceUri: deployment.resource,
      level: levelOf('deploy', environment, false),
      policyDigests: null,
      maxAge: null,
    });
    return;
  }
  if (input.running === undefined) return;
  const running = await openSubject(input.running, input.store ?? null, context);
  if (running.digest === subject.digest) return;
  const outcome = await judgeTrusted(await findAll(running), running.artifact, 'release', expectation);
  const before = requireSummary(outcome, running, expectation.now, {
    verifierId: verifierId('release', false),
    resourceUri: deployment.resource,
    level: levelOf('release', null, false),
    policyDigests: null,
    maxAge: null,
  });
  if (release.trusted.signed >= before.trusted.signed) return;
  throw failed('SP-VERIFY-ROLLBACK', 'the release is older than the one that runs there', {
    expected: `released after ${before.trusted.signed.toISOString()} (${running.digest})`,
    found: release.trusted.signed.toISOString(),
    next: `to go back on purpose: --rollback-to ${subject.digest}`,
  });
}

/** Throws SP-BREAK-GLASS where the policy takes none there, VerificationFailed where it does not hold. */
async function exceptionOf(
  { subject, environment, rules, expectation }: Deployment,
  input: DeployInput,
  context: Context,
): Promise<BreakGlass> {
  if (!rules.breakGlass.includes(environment)) {
    throw failed('SP-VERIFY-BREAK-GLASS', `the policy takes no exception at ${environment}`, {
      expected: rules.breakGlass.join(', ') || 'none anywhere',
      found: environment,
    });
  }
  const bundles = await Promise.all(input.breakGlass.map(async (path) => await oneBundle(path, context)));
  return await acceptBreakGlass(bundles, subject.artifact, environment, expectation);
}

/** Decides, writes the summary, signs it where a session is there, and tells the whole chain. */
async function keepDeploy(
  deployment: Deployment,
  policy: ForcedPolicy,
  input: DeployInput,
  opened: OpenedSession | null,
  context: Context,
  ground: { release: GateSummary } | { exception: BreakGlass },
): Promise<DeployRun> {
  const { subject, platforms, environment, resource } = deployment;
  const root = resolve(context.cwd, input.root);
  const folder = new RunFolder(root, context);
  await folder.prepare(root);
  const decided =
    'release' in ground
      ? await decideDeploy(deployment, ground.release, policy, input, context)
      : decideException(deployment, ground.exception, policy, context);
  const { decision, reports, inputs } = decided;
  const chain = chainOf(deployment, decision, ground);
  const places: string[] = [];
  // A deployment that was refused is told, not signed: its summary would say nothing of its environment.
  if (decision.verdict === 'passed') {
    const exception = 'exception' in ground && !decision.local;
    const level = exception ? breakGlassLevel(environment) : levelOf('deploy', environment, decision.local);
    const item = summaryItem(decision, resource, environment, inputs, subject, platforms, level);
    await keep(item, 'decision', folder);
    if (opened !== null) places.push(...(await signPieces([item], subject, opened, context)));
  }
  return { decision, reports, folder, root, places, chain };
}
