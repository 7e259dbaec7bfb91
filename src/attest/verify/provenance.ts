import { isObject, type Json, objectsOf, textOf } from '../../model/json/values.ts';
import type { Claims } from './claims.ts';
import { failed } from './failure.ts';
import type { SignedStatement } from './statement.ts';
import type { Signer } from './verify.ts';

export const PROVENANCE_V1 = 'https://slsa.dev/provenance/v1';
export const PROVENANCE_V02 = 'https://slsa.dev/provenance/v0.2';
export const GITHUB_WORKFLOW = 'https://actions.github.io/buildtypes/workflow/v1';
const NPM_WORKFLOW = 'https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1';

/** One thing that both the predicate and the certificate say. */
export interface CrossCheck {
  field: string;
  /** The certificate's extension that it was held against. */
  claim: string;
  value: string;
}

type Comparison = [field: string, claim: keyof Claims, predicate: unknown, certificate: string | null];

/**
 * Holds the predicate of a provenance against the certificate that signed it: whoever holds the signing identity could
 * write anything into the predicate, the certificate says what the identity provider saw. Returns what was compared;
 * empty where there is no certificate, or the predicate is no provenance. Throws SP-VERIFY-PROVENANCE with the first
 * field that differs, or where a field that the build type must have is missing.
 */
export function crossCheckProvenance(statement: SignedStatement, signer: Signer): CrossCheck[] {
  if (signer.kind === 'key') return [];
  const { claims } = signer;
  const predicate = isObject(statement.predicate) ? statement.predicate : {};
  if (statement.predicateType === PROVENANCE_V1) return compare(comparisonsV1(predicate, claims), claims);
  if (statement.predicateType === PROVENANCE_V02) return compare(comparisonsV02(predicate, claims), claims);
  return [];
}

function comparisonsV1(predicate: Json, claims: Claims): Comparison[] {
  const definition = member(predicate, 'buildDefinition');
  const details = member(predicate, 'runDetails');
  const builder: Comparison = [
    'runDetails.builder.id',
    'buildSignerUri',
    member(details, 'builder').id,
    claims.buildSignerUri,
  ];
  const buildType = textOf(definition.buildType);
  // Under another build type the same fields mean something else: a predicate could choose one to go unchecked.
  if (buildType !== GITHUB_WORKFLOW && buildType !== NPM_WORKFLOW) {
    throw failed(
      'SP-VERIFY-PROVENANCE',
      'the provenance is of a build type that cannot be held against a certificate',
      {
        expected: `${GITHUB_WORKFLOW} or ${NPM_WORKFLOW}`,
        found: buildType ?? 'nothing',
      },
    );
  }
  const workflow = member(member(definition, 'externalParameters'), 'workflow');
  const github = member(member(definition, 'internalParameters'), 'github');
  const [source] = objectsOf(definition.resolvedDependencies);
  const hosted = buildType === GITHUB_WORKFLOW;
  return [
    [
      'buildDefinition.externalParameters.workflow (repository/path@ref)',
      'buildConfigUri',
      joined(workflow),
      claims.buildConfigUri,
    ],
    [
      'buildDefinition.internalParameters.github.event_name',
      'buildTrigger',
      github.event_name,
      claims.buildTrigger,
    ],
    [
      'buildDefinition.internalParameters.github.repository_id',
      'sourceRepositoryId',
      github.repository_id,
      claims.sourceRepositoryId,
    ],
    [
      'buildDefinition.internalParameters.github.repository_owner_id',
      'sourceOwnerId',
      github.repository_owner_id,
      claims.sourceOwnerId,
    ],
    ...(hosted || github.runner_environment !== undefined
      ? [
          [
            'buildDefinition.internalParameters.github.runner_environment',
            'runnerEnvironment',
            github.runner_environment,
            claims.runnerEnvironment,
          ] satisfies Comparison,
        ]
      : []),
    ...sourceComparisons('buildDefinition.resolvedDependencies[0]', source, 'gitCommit', claims),
    hosted
      ? builder
      : [
          'runDetails.builder.id',
          'runnerEnvironment',
          builder[2],
          claims.runnerEnvironment === null
            ? null
            : `https://github.com/actions/runner/${claims.runnerEnvironment}`,
        ],
    [
      'runDetails.metadata.invocationId',
      'runInvocationUri',
      member(details, 'metadata').invocationId,
      claims.runInvocationUri,
    ],
  ];
}

/** What slsa-github-generator and other builders of SLSA 0.2 write. */
function comparisonsV02(predicate: Json, claims: Claims): Comparison[] {
  const source = member(member(predicate, 'invocation'), 'configSource');
  const id = member(predicate, 'builder').id;
  return [
    ['builder.id', 'buildSignerUri', id, builderIdOf(id, claims)],
    ...sourceComparisons('invocation.configSource', source, 'sha1', claims),
  ];
}

/** A builder may leave out the ref of its own workflow; nothing else may differ. */
function builderIdOf(id: unknown, claims: Claims): string | null {
  const signer = claims.buildSignerUri ?? claims.identity;
  return typeof id === 'string' && signer.startsWith(`${id}@`) ? id : signer;
}

function sourceComparisons(
  field: string,
  source: Json | undefined,
  digest: string,
  claims: Claims,
): Comparison[] {
  const { sourceRepositoryUri: repository, sourceRepositoryRef: ref } = claims;
  const uri = repository === null || ref === null ? null : `git+${repository}@${ref}`;
  return [
    [`${field}.uri`, 'sourceRepositoryUri', source?.uri, uri],
    [
      `${field}.digest.${digest}`,
      'sourceRepositoryDigest',
      member(source ?? {}, 'digest')[digest],
      claims.sourceRepositoryDigest,
    ],
  ];
}

function compare(comparisons: readonly Comparison[], claims: Claims): CrossCheck[] {
  return comparisons.map(([field, claim, predicate, certificate]) => {
    const value = textOf(predicate);
    if (value !== undefined && certificate !== null && value === certificate) return { field, claim, value };
    throw failed(
      'SP-VERIFY-PROVENANCE',
      `the provenance says something else than its certificate: ${field}`,
      {
        expected:
          certificate === null
            ? `a certificate that says ${claim}`
            : `${certificate} (the certificate’s ${claim})`,
        found: value ?? 'nothing',
        next:
          claim === 'buildSignerUri' && claims.buildConfigUri !== claims.buildSignerUri
            ? 'the builder of a reusable workflow is that workflow, not the one that calls it'
            : 'build it again with a workflow whose steps cannot write its provenance',
      },
    );
  });
}

function joined(workflow: Json): string | undefined {
  const [repository, path, ref] = [textOf(workflow.repository), textOf(workflow.path), textOf(workflow.ref)];
  if (repository === undefined || path === undefined || ref === undefined) return undefined;
  return `${repository}/${path}@${ref}`;
}

function member(value: Json, name: string): Json {
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  return isObject(found) ? found : {};
}
