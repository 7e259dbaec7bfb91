import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { readDenyList } from '../attest/deny-list.ts';
import { admissionsOf, refused } from '../attest/kubernetes/admission.ts';
import { type ClusterInstance, kyvernoPolicy } from '../attest/kubernetes/kyverno.ts';
import { clusterImagePolicy } from '../attest/kubernetes/policy-controller.ts';
import { oneBundle } from '../gate/release/ground.ts';
import { deployPolicy } from '../gate/release/policy.ts';
import { SallyportError } from '../model/error.ts';
import { ENVIRONMENT } from '../model/evidence.ts';
import { parseJson } from '../model/json/parse.ts';
import { isObject } from '../model/json/values.ts';
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
  tufMirror?: string | undefined;
  tufRoot?: string | undefined;
  leaveOut: readonly string[];
  offline: boolean;
}

const MAX_ROOT = 256 * 1024;

/** Prints the objects as YAML documents. */
export async function renderAdmission(inputs: RenderInputs, context: Context): Promise<CommandResult> {
  if (
    !ENVIRONMENT.test(inputs.environment) ||
    (inputs.trustRoot !== undefined && inputs.target === 'kyverno') ||
    ((inputs.tufMirror ?? inputs.tufRoot) !== undefined && inputs.target !== 'kyverno') ||
    (inputs.tufMirror === undefined) !== (inputs.tufRoot === undefined)
  ) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'trust render',
      expected:
        '--environment NAME in lower case; --trust-root with policy-controller alone; --tuf-mirror and --tuf-root together, with kyverno alone',
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
  const instance = { trustedRoot: await rootOf(inputs, context), tuf: await tufOf(inputs, context) };
  for (const admission of admissions) {
    const object =
      inputs.target === 'kyverno'
        ? kyvernoPolicy(admission, instance)
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

async function tufOf(
  { tufMirror, tufRoot }: RenderInputs,
  context: Context,
): Promise<ClusterInstance['tuf']> {
  if (tufMirror === undefined || tufRoot === undefined) return null;
  const path = resolve(context.cwd, tufRoot);
  const root = await context.files.read(path, MAX_ROOT);
  const value = parseJson(root, tufRoot, { bytes: MAX_ROOT, depth: 16, string: MAX_ROOT });
  const signed = isObject(value) ? value.signed : null;
  if (!isObject(signed) || signed._type !== 'root')
    throw refused('this is no root of a TUF repository', 'signed metadata of the type root', tufRoot);
  if (!URL.canParse(tufMirror) || !/^https?:$/u.test(new URL(tufMirror).protocol))
    throw refused('a TUF repository has an address', 'https://...', tufMirror);
  return { mirror: tufMirror, root };
}
