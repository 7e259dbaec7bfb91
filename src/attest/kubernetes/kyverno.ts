import { type Admission, annotationsOf, globsOf, refused } from './admission.ts';

/** The versions whose schema and functions this was made for. */
const KYVERNO = 'kyverno 1.19, policies.kyverno.io/v1';

/** The Sigstore instance that a cluster is to believe, where it is not the public one. */
export interface ClusterInstance {
  /** The bytes of a trusted root. */
  trustedRoot: string | null;
  /** Where its TUF repository is, and the root of it that the cluster begins with: Kyverno asks one in any case. */
  tuf: { mirror: string; root: Uint8Array } | null;
}

/**
 * An ImageValidatingPolicy (https://kyverno.io/docs/policy-types/image-validating-policy): init and ephemeral
 * containers too, tags replaced by digests, and refused where anything fails. An attestor for each identity: of several
 * in one, its library refuses every bundle. Throws SP-ADMISSION.
 */
export function kyvernoPolicy(admission: Admission, { trustedRoot, tuf }: ClusterInstance): object {
  const { image, name, identities, keys, denied } = admission;
  const instance = {
    ...(tuf === null
      ? {}
      : { tuf: { mirror: tuf.mirror, root: { data: Buffer.from(tuf.root).toString('base64') } } }),
    ...(trustedRoot === null ? {} : { trustedRoot: { value: trustedRoot } }),
  };
  const attestors = [
    ...identities.map((identity, index) => ({
      name: `deployer${index + 1}`,
      cosign: { keyless: { identities: [identity] }, ...instance },
    })),
    ...keys.map((data, index) => ({ name: `key${index + 1}`, cosign: { key: { data }, ...instance } })),
  ];
  const all = `[${attestors.map((one) => `attestors.${one.name}`).join(', ')}]`;
  const each = (test: string) =>
    ['containers', 'initContainers', 'ephemeralContainers']
      .map((list) => `images.${list}.all(image, ${test})`)
      .join(' && ');
  const says = 'extractPayload(image, attestations.summary).predicate';
  const asked: [string, string][] = [
    [
      `verifyAttestationSignatures(image, attestations.summary, ${all}) > 0`,
      'no summary of the deploy gate is signed by a signer that the policy trusts',
    ],
    [
      `${says}.verifier.id == ${literal(admission.verifierId)} && ${says}.resourceUri == ${literal(admission.resourceUri)}`,
      'the summary is of another gate or about another image',
    ],
    [
      `${says}.verificationResult == "PASSED" && ${literal(admission.level)} in ${says}.verifiedLevels`,
      `the summary does not let it into this environment (${admission.level})`,
    ],
    ...(denied.length === 0
      ? []
      : ([
          [
            `!(${JSON.stringify(denied)}.exists(digest, image.endsWith("@sha256:" + digest)))`,
            'the image is on the deny-list',
          ],
        ] satisfies [string, string][])),
  ];
  return {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'ImageValidatingPolicy',
    metadata: { name, annotations: annotationsOf(admission, KYVERNO) },
    spec: {
      failurePolicy: 'Fail',
      validationActions: ['Deny'],
      validationConfigurations: { mutateDigest: true, verifyDigest: true, required: true },
      evaluation: { background: { enabled: true } },
      webhookConfiguration: { timeoutSeconds: 30 },
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['pods', 'pods/ephemeralcontainers'],
          },
        ],
      },
      matchImageReferences: globsOf(image),
      attestors,
      attestations: [{ name: 'summary', intoto: { type: admission.predicateType } }],
      validations: asked.map(([test, message]) => ({ expression: each(test), message })),
    },
  };
}

/** A CEL string; what would end it is nowhere in what is written. */
function literal(text: string): string {
  if (/^[\x20-\x7e]*$/u.test(text) && !/["\\]/u.test(text)) return `"${text}"`;
  throw refused('a value cannot be written into a condition', 'printable ASCII without quotes', text);
}
