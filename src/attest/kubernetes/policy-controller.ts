import { type Admission, annotationsOf, globsOf, refused } from './admission.ts';

/** The version whose schema this was made for. */
const POLICY_CONTROLLER = 'sigstore policy-controller 0.13, policy.sigstore.dev/v1beta1';

/**
 * A ClusterImagePolicy (https://docs.sigstore.dev/policy-controller): the controller looks at init and ephemeral
 * containers and resolves tags by itself, and its webhook fails closed. The condition is CUE over the statement. An
 * authority for each identity, of which one is enough: of several in one, its library refuses every bundle.
 * Throws SP-ADMISSION.
 */
export function clusterImagePolicy(admission: Admission, trustRoot: string | null): object {
  const { image, name, identities, keys } = admission;
  if (keys.length > 0)
    throw refused(
      'the policy controller reads new bundles by certificates alone',
      'signers with an identity',
      `${keys.length} keys`,
    );
  const root = trustRoot === null ? {} : { trustRootRef: trustRoot };
  return {
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name, annotations: annotationsOf(admission, POLICY_CONTROLLER) },
    spec: {
      mode: 'enforce',
      images: globsOf(image),
      authorities: identities.map((identity, index) => ({
        name: `deployer${index + 1}`,
        signatureFormat: 'bundle',
        keyless: { identities: [identity], ...root },
        ...(trustRoot === null ? {} : { ctlog: root, rfc3161timestamp: root }),
        attestations: [
          {
            name: 'summary',
            predicateType: admission.predicateType,
            policy: { type: 'cue', data: conditionOf(admission) },
          },
        ],
      })),
    },
  };
}

/** CUE that the whole statement must unify with. */
function conditionOf({ verifierId, resourceUri, level, denied, predicateType }: Admission): string {
  const text = (value: string) => JSON.stringify(value);
  const allowed = denied.map((digest) => `!=${text(digest)}`);
  return [
    'import "list"',
    `predicateType: ${text(predicateType)}`,
    ...(allowed.length === 0
      ? []
      : [`subject: [...{digest: sha256: ${['string', ...allowed].join(' & ')}, ...}]`]),
    'predicate: {',
    `  verifier: id: ${text(verifierId)}`,
    `  resourceUri: ${text(resourceUri)}`,
    '  verificationResult: "PASSED"',
    `  verifiedLevels: list.Contains(${text(level)})`,
    '  ...',
    '}',
    '',
  ].join('\n');
}
