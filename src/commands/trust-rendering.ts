import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { readDenyList } from '../attest/deny-list.ts';
import { admissionsOf } from '../attest/kubernetes/admission.ts';
import { kyvernoPolicy } from '../attest/kubernetes/kyverno.ts';
import { clusterImagePolicy } from '../attest/kubernetes/policy-controller.ts';
import { oneBundle } from '../gate/release/ground.ts';
import { deployPolicy } from '../gate/release/policy.ts';
import { SallyportError } from '../model/error.ts';
import { ENVIRONMENT } from '../model/evidence.ts';
import type { Context } from '../platform/context.ts';
import { trustRules } from '../policy/trust.ts';
import type { CommandResult } from './command.ts';
import { trustGround } from './trust-shared.ts';

interface RenderInputs {
  target: 'kyverno' | 'policy-controller';
  policy: string;
  environment: string;
  image: readonly string[];
  denyList?: string | undefined;
  trustedRoot: readonly string[];
  trustRoot?: string | undefined;
  leaveOut: readonly string[];
  offline: boolean;
}

const MAX_ROOT = 256 * 1024;

/** Prints the objects as YAML documents. */
export async function renderAdmission(inputs: RenderInputs, context: Context): Promise<CommandResult> {
  if (
    !ENVIRONMENT.test(inputs.environment) ||
    (inputs.trustRoot !== undefined && inputs.target === 'kyverno')
  ) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'trust render',
      expected: '--environment NAME in lower case; --trust-root with policy-controller alone',
      found: inputs.environment.slice(0, 100),
    });
  }
  const policy = await deployPolicy(inputs.policy, true, context);
  const rules = trustRules(policy.trust);
  const denied = await denyListOf(inputs, rules, context);
  const admissions = admissionsOf({
    rules,
    policyDigest: policy.whole.digest.sha256 ?? '',
    images: inputs.image,
    environment: inputs.environment,
    denied,
    leaveOut: inputs.leaveOut,
    now: context.clock.now(),
  });
  const root = await rootOf(inputs, context);
  for (const admission of admissions) {
    const object =
      inputs.target === 'kyverno'
        ? kyvernoPolicy(admission, root)
        : clusterImagePolicy(admission, inputs.trustRoot ?? null);
    context.out(`---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })}`);
  }
  return { exit: 0 };
}

async function denyListOf(
  { denyList, ...inputs }: RenderInputs,
  rules: ReturnType<typeof trustRules>,
  context: Context,
) {
  if (denyList === undefined) {
    if (!rules.denyList.required) return null;
    throw new SallyportError({
      code: 'SP-DENY-MISSING',
      message: 'the policy decides nothing without the deny-list',
      expected: '--deny-list FILE',
    });
  }
  const { expectation } = await trustGround(inputs, context);
  return await readDenyList(await oneBundle(denyList, context), rules, expectation);
}

async function rootOf({ target, trustedRoot }: RenderInputs, context: Context): Promise<string | null> {
  const [path, ...more] = trustedRoot;
  if (target !== 'kyverno' || path === undefined) return null;
  if (more.length === 0)
    return (await context.files.read(resolve(context.cwd, path), MAX_ROOT)).toString('utf8');
  throw new SallyportError({
    code: 'SP-ADMISSION',
    message: 'the cluster takes one trusted root',
    expected: '--trusted-root once',
    found: String(trustedRoot.length),
  });
}
