import type { BreakGlass } from '../../attest/break-glass.ts';
import type { GateSummary } from '../../attest/gate-summary.ts';
import type { Trusted } from '../../attest/trusted.ts';
import type { Decision } from '../../model/decision.ts';
import type { Deployment } from './deploy.ts';

/** One thing that was checked, and what it rests on. */
export interface Link {
  text: string;
  under: Link[];
}

/** What was checked against what, by which rule of the trust model, at what age. */
export function chainOf(
  deployment: Deployment,
  decision: Decision,
  ground: { release: GateSummary } | { exception: BreakGlass },
): Link {
  const { subject, platforms, environment, resource, expectation } = deployment;
  return {
    text: `deploy to ${environment}: ${decision.verdict}, ${subject.digest} (${resource})`,
    under: [
      leaf(`policy of the deploying side: sha256:${decision.policy.digest.sha256} ${decision.policy.uri}`),
      leaf(
        `trusted roots: ${[...new Set(expectation.instances.map(({ digest }) => `sha256:${digest}`))].join(', ')} (rule 12)`,
      ),
      leaf(
        expectation.denied === null
          ? 'deny-list: the policy asks for none'
          : `deny-list ${expectation.denied.number}, until ${expectation.denied.expires.toISOString()}: neither the digests nor the signers are on it (rule 9)`,
      ),
      ...('release' in ground ? releaseLinks(deployment, ground.release) : exceptionLinks(ground.exception)),
      ...(platforms.length === 0
        ? []
        : [
            {
              text: 'images of the index, each named by the summary',
              under: platforms.map(({ name, digest }) => leaf(`${name} ${digest}`)),
            },
          ]),
      ...decision.stages.map((stage) => leaf(`${stage.stage}: ${stage.outcome}, ${stage.reason}`)),
      ...decision.notes.map((note) => leaf(`note: ${note}`)),
    ],
  };
}

function releaseLinks({ released, expectation }: Deployment, { trusted, summary }: GateSummary): Link[] {
  const payloads = new Map(released.accepted.map((one) => [one.payload, one]));
  return [
    {
      text: `release summary: ${summary.levels.join(', ')} by ${summary.verifierId} for ${summary.resourceUri} (rule 8)`,
      under: [
        ...signatureLinks(trusted, expectation.now),
        leaf(`policy sha256:${summary.policyDigest}, which is accepted`),
        ...summary.inputs.map(({ uri, sha256 }) => {
          const piece = payloads.get(sha256);
          return {
            text: `rests on ${uri} sha256:${sha256}${piece === undefined ? ', which is not kept here' : ''}`,
            under: piece === undefined ? [] : signatureLinks(piece, expectation.now),
          };
        }),
      ],
    },
  ];
}

function exceptionLinks(exception: BreakGlass): Link[] {
  return [
    {
      text: `exception by two people until ${exception.expires.toISOString()} (rule 10)`,
      under: exception.people.map(({ name, reason }) => leaf(`${name}: ${reason}`)),
    },
  ];
}

/** Who signed, by which entry of the policy, when. */
function signatureLinks({ verified, entry, signed, crossChecks }: Trusted, now: Date): Link[] {
  const { signer } = verified;
  const hours = Math.max(0, Math.floor((now.getTime() - signed.getTime()) / 3_600_000));
  const [time] = verified.times;
  return [
    leaf(
      signer.kind === 'key'
        ? `signed with key ${signer.fingerprint} = trust entry ${entry.name} (rule 7)`
        : `signed by ${signer.claims.identity}, issuer ${signer.claims.issuer}${signer.claims.sourceRepositoryId === null ? '' : `, source repository ${signer.claims.sourceRepositoryId} of owner ${signer.claims.sourceOwnerId}, trigger ${signer.claims.buildTrigger}, runner ${signer.claims.runnerEnvironment}`} = trust entry ${entry.name} (rule 7)`,
    ),
    leaf(
      `signed at ${signed.toISOString()}, ${hours} hours ago, by ${time?.how === 'log' ? 'the log' : 'the timestamp'} of ${time?.by ?? '?'} (rule 8)`,
    ),
    ...crossChecks.map(({ field, claim }) => leaf(`${field} = the certificate’s ${claim}`)),
  ];
}

function leaf(text: string): Link {
  return { text, under: [] };
}

/** The tree in lines. */
export function* linesOf(link: Link, lead = '', branch = ''): Iterable<string> {
  yield `${lead}${branch}${link.text}`;
  const below = branch === '' ? lead : `${lead}${branch.startsWith('└') ? '   ' : '│  '}`;
  for (const [index, child] of link.under.entries())
    yield* linesOf(child, below, index === link.under.length - 1 ? '└─ ' : '├─ ');
}
