import { type Accepted, requireKind } from '../attest/find.ts';
import {
  requireDigestsAllowed,
  requirePlatforms,
  requireSignature,
  requireSummary,
} from '../attest/gate-summary.ts';
import { platformsOf } from '../attest/platforms.ts';
import type { Found } from '../attest/store/store.ts';
import type { SigningSubject } from '../attest/subject.ts';
import { judgeTrusted } from '../attest/trusted.ts';
import { loadTrust } from '../gate/outside-policy.ts';
import { groundOf, resourceOf, rootsFrom } from '../gate/release/ground.ts';
import { SallyportError } from '../model/error.ts';
import { ENVIRONMENT, levelOf, verifierId } from '../model/evidence.ts';
import { DEFAULT_SUMMARY_HOURS, type TrustRules } from '../model/trust.ts';
import type { Context } from '../platform/context.ts';

export interface PolicyChoice {
  policy: string;
  gate?: 'release' | 'deploy' | undefined;
  environment?: string | undefined;
  resource?: string | undefined;
  denyList?: string | undefined;
  trustedRoot: readonly string[];
  maxRootAge?: number | undefined;
  offline: boolean;
}

/** What accepts the signatures of a subject, or throws VerificationFailed with why not. */
export type Judge = (
  found: readonly Found[],
  subject: SigningSubject,
  types: readonly (readonly string[])[],
) => Promise<Accepted[]>;

const HOUR = 60 * 60 * 1000;

/** Judges by the signers of a policy; with a gate, by its summary too. Throws SP-USAGE, SP-POLICY-*, SP-DENY-*. */
export async function policyJudge(inputs: PolicyChoice, context: Context): Promise<Judge> {
  requireGate(inputs);
  const rules = await loadTrust(inputs.policy, context);
  const roots = rootsFrom(
    inputs.trustedRoot,
    { offline: inputs.offline, maxAge: inputs.maxRootAge },
    context,
  );
  const expectation = await groundOf(rules, { roots, denyList: inputs.denyList }, context);
  return async (found, subject, types) => {
    const platforms =
      expectation.denied === null && inputs.gate === undefined ? [] : await platformsOf(subject);
    requireDigestsAllowed(expectation.denied, subject, platforms);
    const all = await judgeTrusted(found, subject.artifact, ['release', 'deploy', 'evidence'], expectation);
    const wanted = types.flatMap((accept) => requireKind(all, subject, accept));
    const { gate } = inputs;
    if (gate === undefined) return types.length > 0 ? wanted : requireKind(all, subject, null);
    const outcome = await judgeTrusted(found, subject.artifact, gate, expectation);
    const summary = requireSummary(outcome, subject, expectation.now, expectedOf(inputs, rules, subject));
    requirePlatforms(summary, platforms);
    if (subject.kind !== 'image') return [summary.trusted, ...wanted];
    const signatures = await judgeTrusted(found, subject.artifact, 'release', expectation);
    return [summary.trusted, requireSignature(signatures, subject), ...wanted];
  };
}

/** What admission asks too: a release by its age, a deployment without, so that a pod can be started anew. */
function expectedOf(inputs: PolicyChoice, rules: TrustRules, subject: SigningSubject) {
  const gate = inputs.gate ?? 'release';
  const deploy = gate === 'deploy';
  return {
    verifierId: verifierId(gate, false),
    resourceUri: inputs.resource ?? resourceOf(subject),
    level: levelOf(gate, deploy ? (inputs.environment ?? null) : null, false),
    policyDigests: deploy ? null : rules.policies,
    maxAge: deploy ? null : (rules.summaryHours ?? DEFAULT_SUMMARY_HOURS) * HOUR,
  };
}

function requireGate({ gate, environment, resource }: PolicyChoice): void {
  const refuse = (message: string, expected: string) =>
    new SallyportError({ code: 'SP-USAGE', message, expected, next: 'sallyport help verify' });
  if (gate === 'deploy' && !ENVIRONMENT.test(environment ?? ''))
    throw refuse('a deployment is to an environment', '--environment NAME');
  if (gate !== 'deploy' && environment !== undefined)
    throw refuse('--environment does nothing without --gate deploy', '--gate deploy');
  if (gate === undefined && resource !== undefined)
    throw refuse('--resource does nothing without --gate', '--gate release or --gate deploy');
}
