import { SallyportError } from '../../model/error.ts';
import { type Json, textOf } from '../../model/json/values.ts';
import type { Context } from '../../platform/context.ts';
import { GITHUB_WORKFLOW } from '../verify/provenance.ts';

/** How far a build is to be believed (SLSA 1.2, build track), and why no further. */
export interface BuildLevel {
  level: 1 | 2 | 3;
  reasons: string[];
}

/** The claim of a token that each variable of the runner repeats. */
const REPEATED: Readonly<Record<string, string>> = {
  GITHUB_REPOSITORY: 'repository',
  GITHUB_REPOSITORY_ID: 'repository_id',
  GITHUB_REPOSITORY_OWNER_ID: 'repository_owner_id',
  GITHUB_SHA: 'sha',
  GITHUB_REF: 'ref',
  GITHUB_EVENT_NAME: 'event_name',
  GITHUB_RUN_ID: 'run_id',
  GITHUB_RUN_ATTEMPT: 'run_attempt',
  GITHUB_WORKFLOW_REF: 'workflow_ref',
};

/** A dependency that went into the build, with its digest. */
export interface ResolvedDependency {
  uri: string;
  digest: Record<string, string>;
}

/**
 * The predicate of SLSA provenance v1 for a workflow run (https://actions.github.io/buildtypes/workflow/v1), from the
 * token's claims, which the certificate will repeat. Throws SP-PROVENANCE-CLAIMS where one is missing or the runner's
 * own variables say something else.
 */
export function provenanceOf(
  claims: Json,
  env: Context['env'],
  dependencies: readonly ResolvedDependency[],
): Json {
  const claim = (name: string): string => {
    const value = textOf(claims[name]);
    if (value !== undefined) return value;
    throw contradiction(`the identity token does not say ${name}`, name, 'nothing');
  };
  requireAgreement(claims, env);
  const server = env.GITHUB_SERVER_URL ?? 'https://github.com';
  const repository = `${server}/${claim('repository')}`;
  const workflow = /^([^/]+\/[^/]+)\/([^@]+)@(.+)$/u.exec(claim('workflow_ref'));
  if (workflow === null)
    throw contradiction(
      'workflow_ref is not OWNER/NAME/PATH@REF',
      'OWNER/NAME/PATH@REF',
      claim('workflow_ref'),
    );
  return {
    buildDefinition: {
      buildType: GITHUB_WORKFLOW,
      externalParameters: {
        workflow: { ref: workflow[3], repository: `${server}/${workflow[1]}`, path: workflow[2] },
      },
      internalParameters: {
        github: {
          event_name: claim('event_name'),
          repository_id: claim('repository_id'),
          repository_owner_id: claim('repository_owner_id'),
          runner_environment: claim('runner_environment'),
        },
      },
      resolvedDependencies: [
        { uri: `git+${repository}@${claim('ref')}`, digest: { gitCommit: claim('sha') } },
        ...dependencies,
      ],
    },
    runDetails: {
      builder: { id: `${server}/${claim('job_workflow_ref')}` },
      metadata: {
        invocationId: `${repository}/actions/runs/${claim('run_id')}/attempts/${claim('run_attempt')}`,
      },
    },
  };
}

/** Throws SP-PROVENANCE-CLAIMS where the runner's own variables say something else than the token. */
export function requireAgreement(claims: Json, env: Context['env']): void {
  if (env.GITHUB_ACTIONS !== 'true') return;
  for (const [variable, name] of Object.entries(REPEATED)) {
    const [said, claimed] = [env[variable], textOf(claims[name])];
    if (said !== undefined && said !== '' && said !== claimed)
      throw contradiction(`${variable} and the identity token differ`, claimed ?? 'nothing', said);
  }
}

/** The level that a run can claim: 3 only where nothing of the build's own code ran beside the signer. */
export function buildLevelOf(
  claims: Json,
  facts: { cacheRestored: boolean; isolatedSigner: boolean },
): BuildLevel {
  const reasons: string[] = [];
  if (claims.runner_environment !== 'github-hosted') reasons.push('the runner is not a hosted one');
  if (facts.cacheRestored)
    reasons.push('nothing says that the build restored no cache, which other runs can write');
  if (!facts.isolatedSigner) reasons.push('the job that signs is not a reusable workflow of its own');
  return { level: reasons.length === 0 ? 3 : 2, reasons };
}

/** A signer is isolated where another workflow than the caller's holds the identity. */
export function hasIsolatedSigner(claims: Json): boolean {
  const [job, own] = [textOf(claims.job_workflow_ref), textOf(claims.workflow_ref)];
  return job !== undefined && own !== undefined && job.split('@')[0] !== own.split('@')[0];
}

function contradiction(message: string, expected: string, found: string): SallyportError {
  return new SallyportError({
    code: 'SP-PROVENANCE-CLAIMS',
    message: `no provenance can be written: ${message}`,
    expected,
    found,
    next: 'run in a workflow job with `id-token: write`, and leave the runner’s own variables as they are',
  });
}
