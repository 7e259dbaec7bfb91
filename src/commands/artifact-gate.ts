import type { OpenedSession } from '../attest/sign/signed.ts';
import { VerificationFailed } from '../attest/verify/failure.ts';
import type { DeployInput } from '../gate/deploy/deploy.ts';
import type { GateRun } from '../gate/run.ts';
import { describeProblem, SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { visible } from '../platform/log.ts';
import type { ArtifactInputs } from './artifact-inputs.ts';
import type { CommandResult } from './command.ts';
import { type TreeInputs, told } from './judging.ts';
import { refuseInputs } from './refuse-inputs.ts';
import { openSession } from './signing-inputs.ts';

interface Inputs extends ArtifactInputs, TreeInputs {
  gate: 'release' | 'deploy';
  path: string;
  offline: boolean;
}

const SOURCE_ONLY = ['buildOutput', 'base', 'sarif', 'baseSarif', 'engine', 'fix'];
const DEPLOY_ONLY = ['environment', 'running', 'rollbackTo', 'denyList', 'breakGlass', 'explain'];

/** The gates that run no engine: what a release rests on, and whether it may go somewhere. */
export async function judgeArtifact(inputs: Inputs, context: Context): Promise<CommandResult> {
  const given: Record<string, unknown> = { ...inputs };
  refuseInputs(inputs.gate, given, SOURCE_ONLY);
  refuseInputs(inputs.gate, given, inputs.gate === 'release' ? DEPLOY_ONLY : ['evidence']);
  const [{ parseReports }, { rootsFrom }] = await Promise.all([
    import('./wanted-reports.ts'),
    import('../gate/release/ground.ts'),
  ]);
  const wanted = parseReports(inputs.report);
  const subject = requireSubject(inputs.subject);
  const opened = inputs.sign ? await openSession(inputs, context) : null;
  const common = {
    root: inputs.path,
    policy: inputs.policy,
    subject,
    resource: inputs.resource,
    advisories: inputs.advisories,
    roots: rootsFrom(inputs.trustedRoot, { offline: inputs.offline, maxAge: inputs.maxRootAge }, context),
    store: inputs.store,
  };
  let run: GateRun & { places: string[] };
  if (inputs.gate === 'release') {
    const [{ parseHandedOver }, { runRelease }] = await Promise.all([
      import('../gate/release/handed-over.ts'),
      import('../gate/release/release.ts'),
    ]);
    run = await runRelease({ ...common, evidence: parseHandedOver(inputs.evidence) }, opened, context);
  } else {
    const { environment, running, rollbackTo, breakGlass, denyList, explain } = inputs;
    const deployed = await deploy(
      { ...common, environment, running, rollbackTo, breakGlass, denyList, explain },
      opened,
      context,
    );
    if ('exit' in deployed) return deployed;
    run = deployed;
  }
  const result = await told(run, wanted, context);
  for (const place of run.places) context.log.info(`signed: ${visible(place)}`);
  return {
    ...result,
    outputs: {
      ...result.outputs,
      bundles: run.places.join('\n'),
      digest: `sha256:${run.decision.subject.digest.sha256}`,
    },
  };
}

/** A check that said no is an answer: exit code 1. Everything else that stops it is none. */
async function deploy(
  input: DeployInput & { explain: boolean },
  opened: OpenedSession | null,
  context: Context,
): Promise<CommandResult | (GateRun & { places: string[] })> {
  const [{ runDeploy }, { linesOf }] = await Promise.all([
    import('../gate/deploy/deploy.ts'),
    import('../gate/deploy/explain.ts'),
  ]);
  try {
    const run = await runDeploy(input, opened, context);
    if (input.breakGlass.length > 0) context.log.warn(run.decision.summary);
    if (input.explain) for (const line of linesOf(run.chain)) context.out(`${visible(line)}\n`);
    return run;
  } catch (thrown) {
    if (!(thrown instanceof VerificationFailed)) throw thrown;
    context.log.error(`${visible(input.subject)}: ${describeProblem(thrown.problem)}`);
    return {
      exit: 1,
      outputs: {
        decision: 'failed',
        summary: `failed: ${thrown.problem.message}`,
        'findings-failed': '0',
        'report-folder': '',
        bundles: '',
        digest: '',
      },
    };
  }
}

function requireSubject(subject: string | undefined): string {
  if (subject !== undefined) return subject;
  throw new SallyportError({
    code: 'SP-USAGE',
    message: 'this gate decides about an artefact',
    expected: '--subject FILE, oci:DIR[:TAG], REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:HEX',
  });
}
