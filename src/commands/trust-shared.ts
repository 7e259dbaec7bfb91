import { z } from 'zod';
import { trustedInstances } from '../attest/trust/root.ts';
import type { TrustExpectation } from '../attest/trusted.ts';
import { loadTrust } from '../gate/outside-policy.ts';
import type { TrustRules } from '../model/trust.ts';
import type { Context } from '../platform/context.ts';
import { identityInputs } from './signing-inputs.ts';

/** Inputs of the commands that sign something that a policy’s people are trusted with. */
export const trustInputs = {
  ...identityInputs,
  policy: z.string().meta({
    description: 'The policy that says who is trusted with it.',
    placeholder: 'FILE',
    environment: false,
  }),
  reason: z.string().min(10).max(1000).meta({
    description: 'Why, in a sentence: it is signed and kept.',
    placeholder: 'TEXT',
    environment: false,
  }),
};

/** Whom the policy trusts, and what their signatures are verified against. */
export async function trustGround(
  inputs: { policy: string; trustedRoot: readonly string[]; offline: boolean },
  context: Context,
): Promise<{ rules: TrustRules; expectation: Omit<TrustExpectation, 'denied'> }> {
  const rules = await loadTrust(inputs.policy, context);
  const instances = await trustedInstances(
    inputs.trustedRoot,
    { offline: inputs.offline, maxAgeDays: rules.rootDays },
    context,
  );
  return { rules, expectation: { instances, signers: rules.signers, now: context.clock.now() } };
}
