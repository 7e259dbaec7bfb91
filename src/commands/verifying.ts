import { createPublicKey, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { type Accepted, type Expectation, judgeFound, requireKind } from '../attest/find.ts';
import type { Manifests } from '../attest/kubernetes/images.ts';
import { isServiceKey } from '../attest/sign/kms/reference.ts';
import { readBundleFile } from '../attest/store/files.ts';
import type { Found } from '../attest/store/store.ts';
import { openSubject, type SigningSubject } from '../attest/subject.ts';
import { trustedInstances } from '../attest/trust/root.ts';
import { failed, VerificationFailed } from '../attest/verify/failure.ts';
import { describeProblem, SallyportError } from '../model/error.ts';
import { DEFAULT_ROOT_DAYS } from '../model/trust.ts';
import type { Context } from '../platform/context.ts';
import { visible } from '../platform/log.ts';
import type { CommandResult } from './command.ts';
import { explain, summarize, type Told } from './explain-signature.ts';
import type { Judge } from './policy-judge.ts';

const MAX_MANIFEST = 16 * 1024 * 1024;

interface VerifyInputs {
  subjects: readonly string[];
  bundle: readonly string[];
  identity?: string | undefined;
  identityPattern?: string | undefined;
  issuer?: string | undefined;
  source?: string | undefined;
  key?: string | undefined;
  type: readonly string[];
  trustedRoot: readonly string[];
  maxRootAge?: number | undefined;
  policy?: string | undefined;
  gate?: 'release' | 'deploy' | undefined;
  environment?: string | undefined;
  resource?: string | undefined;
  denyList?: string | undefined;
  manifest: readonly string[];
  explain: boolean;
  report: 'table' | 'json';
  store?: string | undefined;
  offline: boolean;
}

/** Verifies each subject; the first that fails is told with its reason, the others are looked at all the same. */
export async function verifyAll(inputs: VerifyInputs, context: Context): Promise<CommandResult> {
  const { judge, told } = await judgeOf(inputs, context);
  const types = await Promise.all(inputs.type.map(readType));
  const manifests = await Promise.all(
    inputs.manifest.map(async (path) => await openManifests(path, context)),
  );
  const named = manifests.flatMap(({ images }) => images.map(({ name }) => name));
  requireSubjects(inputs, manifests);
  const results: { subject: SigningSubject; accepted: Accepted[] }[] = [];
  const digests = new Map<string, string>();
  let exit = 0 as 0 | 1 | 2;
  for (const text of new Set([...inputs.subjects, ...named])) {
    try {
      const subject = await openSubject(text, inputs.store ?? null, context);
      results.push({
        subject,
        accepted: await judge(await findAll(subject, inputs.bundle, context), subject, types),
      });
      digests.set(text, subject.digest);
    } catch (thrown) {
      if (!(thrown instanceof SallyportError)) throw thrown;
      context.log.error(`${visible(text)}: ${describeProblem(thrown.problem)}`);
      exit = thrown instanceof VerificationFailed && exit !== 2 ? 1 : 2;
    }
  }
  tell(results, manifests, digests, { told, exit, inputs, context });
  return {
    exit,
    outputs: {
      verified: String(exit === 0),
      digests: exit === 0 ? results.map(({ subject }) => subject.digest).join('\n') : '',
    },
  };
}

function requireSubjects({ subjects, manifest }: VerifyInputs, manifests: readonly Manifests[]): void {
  if (subjects.length === 0 && manifest.length === 0) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'verify needs something to verify',
      expected: 'SUBJECT..., or --manifest FILE',
      next: 'sallyport help verify',
    });
  }
  const empty = manifest.find((_path, index) => manifests[index]?.images.length === 0);
  if (empty === undefined) return;
  throw new SallyportError({
    code: 'SP-MANIFEST',
    message: 'the Kubernetes manifests name no image: nothing was verified',
    place: { path: empty },
    expected: 'a pod, or something with a pod template',
  });
}

async function openManifests(path: string, context: Context): Promise<Manifests> {
  const [{ readManifests }, { readStdin }] = await Promise.all([
    import('../attest/kubernetes/images.ts'),
    import('../platform/stdin.ts'),
  ]);
  const bytes =
    path === '-'
      ? await readStdin(MAX_MANIFEST)
      : await context.files.read(resolve(context.cwd, path), MAX_MANIFEST);
  return readManifests(bytes.toString('utf8'), path === '-' ? 'stdin' : path);
}

/** Manifests are the result where there are any; then what was verified is said beside them. */
function tell(
  results: readonly { subject: SigningSubject; accepted: Accepted[] }[],
  manifests: readonly Manifests[],
  digests: ReadonlyMap<string, string>,
  { told, exit, inputs, context }: { told: Told; exit: number; inputs: VerifyInputs; context: Context },
): void {
  const say =
    manifests.length > 0
      ? (line: string) => context.log.info(line)
      : (line: string) => context.out(`${line}\n`);
  if (inputs.report === 'json') say(JSON.stringify(results.map(summarize), null, 2));
  else for (const result of results) for (const line of explain(result, told, inputs.explain)) say(line);
  if (exit !== 0) return;
  for (const { images, render } of manifests) {
    for (const { name, node } of images) node.value = `${name.split('@')[0]}@${digests.get(name)}`;
    context.out(render());
  }
}

/** What to judge by, and what to tell of it. */
async function judgeOf(inputs: VerifyInputs, context: Context): Promise<{ judge: Judge; told: Told }> {
  const { policy } = inputs;
  if (policy !== undefined) {
    refuseBeside(inputs, ['identity', 'identityPattern', 'issuer', 'source', 'key']);
    const { policyJudge } = await import('./policy-judge.ts');
    return {
      judge: await policyJudge({ ...inputs, policy }, context),
      told: { identity: null, now: context.clock.now() },
    };
  }
  const needing = (['gate', 'environment', 'resource', 'denyList'] as const).find(
    (name) => inputs[name] !== undefined,
  );
  if (needing !== undefined) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: `--${needing === 'denyList' ? 'deny-list' : needing} does nothing without --policy`,
      expected: '--policy FILE',
    });
  }
  const expectation = await expectationOf(inputs, context);
  const judge: Judge = async (found, subject, types) => {
    const outcome = await judgeFound(found, subject, expectation);
    for (const { where, problem } of outcome.refused)
      context.log.debug(`${visible(where)}: ${describeProblem(problem)}`);
    return types.length === 0
      ? requireKind(outcome, subject, null)
      : types.flatMap((accept) => requireKind(outcome, subject, accept));
  };
  return { judge, told: expectation };
}

function refuseBeside(inputs: VerifyInputs, names: readonly (keyof VerifyInputs)[]): void {
  const given = names.find((name) => inputs[name] !== undefined);
  if (given === undefined) return;
  throw new SallyportError({
    code: 'SP-USAGE',
    message: `--${given.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)} beside --policy: who counts is said twice`,
    expected: 'one of the two',
  });
}

async function expectationOf(inputs: VerifyInputs, context: Context): Promise<Expectation> {
  const { identity, identityPattern: pattern, issuer, key, source } = inputs;
  const byName = identity !== undefined || pattern !== undefined;
  if ((key === undefined) !== byName || (key === undefined && issuer === undefined)) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'verify needs to know who must have signed',
      expected: '--policy, --issuer with --identity or --identity-pattern, or --key',
      next: 'sallyport help verify',
    });
  }
  const roots = { offline: inputs.offline, maxAgeDays: inputs.maxRootAge ?? DEFAULT_ROOT_DAYS };
  const alone = key !== undefined && inputs.trustedRoot.length === 0;
  return {
    instances: alone ? [] : await trustedInstances(inputs.trustedRoot, roots, context),
    key: key === undefined ? null : await readKey(key, context),
    identity: key === undefined && issuer !== undefined ? { issuer, identity, pattern, source } : null,
    now: context.clock.now(),
  };
}

/** A public key of a file, or that of a key service, which is asked for it. */
export async function readKey(path: string, context: Context): Promise<KeyObject> {
  if (isServiceKey(path)) {
    const { openServiceKey } = await import('../attest/sign/kms/registry.ts');
    return (await openServiceKey(path, context)).publicKey;
  }
  const pem = await context.files.read(resolve(context.cwd, path), 64 * 1024);
  try {
    if (!pem.includes('PUBLIC KEY')) throw new Error('no public key in PEM');
    return createPublicKey(pem);
  } catch (cause) {
    throw new SallyportError(
      {
        code: 'SP-KEY-FORMAT',
        message: 'the key cannot be read',
        place: { path },
        expected: 'a public key in PEM',
        found: 'something else',
      },
      { cause },
    );
  }
}

async function readType(name: string): Promise<readonly string[]> {
  const { predicateKinds, typesOf } = await import('../attest/statement/types.ts');
  const type = typesOf(name);
  if (type !== null) return type.read;
  throw new SallyportError({
    code: 'SP-USAGE',
    message: `--type ${name.slice(0, 100)}`,
    expected: `${predicateKinds.map((kind) => kind.name).join(', ')}, or an address`,
  });
}

async function findAll(
  subject: SigningSubject,
  bundles: readonly string[],
  context: Context,
): Promise<Found[]> {
  if (bundles.length > 0) {
    const read = bundles.map(async (path) => await readBundleFile(resolve(context.cwd, path), context.files));
    return (await Promise.all(read)).flat();
  }
  if (subject.store !== null) return await subject.store.find(subject.digest);
  throw failed('SP-VERIFY-MISSING', 'a bare digest has no place where its signatures lie', {
    expected: '--bundle FILE, or --store DIR',
    found: subject.text,
  });
}
