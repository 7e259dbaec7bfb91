import { createPublicKey, type KeyObject } from 'node:crypto';
import { resolve } from 'node:path';
import { type Accepted, type Expectation, judgeFound, requireKind } from '../attest/find.ts';
import { readBundleFile } from '../attest/store/files.ts';
import type { Found } from '../attest/store/store.ts';
import { openSubject, type SigningSubject } from '../attest/subject.ts';
import { trustedInstances } from '../attest/trust/root.ts';
import { failed, VerificationFailed } from '../attest/verify/failure.ts';
import { describeProblem, SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { visible } from '../platform/log.ts';
import type { CommandResult } from './command.ts';
import { explain, summarize } from './explain-signature.ts';

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
  maxRootAge: number;
  explain: boolean;
  report: 'table' | 'json';
  store?: string | undefined;
  offline: boolean;
}

/** Verifies each subject; the first that fails is told with its reason, the others are looked at all the same. */
export async function verifyAll(inputs: VerifyInputs, context: Context): Promise<CommandResult> {
  const expectation = await expectationOf(inputs, context);
  const types = await Promise.all(inputs.type.map(readType));
  const results: { subject: SigningSubject; accepted: Accepted[] }[] = [];
  let exit = 0 as 0 | 1 | 2;
  for (const text of inputs.subjects) {
    try {
      const subject = await openSubject(text, inputs.store ?? null, context);
      const outcome = await judgeFound(await findAll(subject, inputs.bundle, context), subject, expectation);
      for (const { where, problem } of outcome.refused)
        context.log.debug(`${visible(where)}: ${describeProblem(problem)}`);
      const accepted =
        types.length === 0
          ? requireKind(outcome, subject, null)
          : types.flatMap((accept) => requireKind(outcome, subject, accept));
      results.push({ subject, accepted });
    } catch (thrown) {
      if (!(thrown instanceof SallyportError)) throw thrown;
      context.log.error(`${visible(text)}: ${describeProblem(thrown.problem)}`);
      exit = thrown instanceof VerificationFailed && exit !== 2 ? 1 : 2;
    }
  }
  if (inputs.report === 'json') context.out(`${JSON.stringify(results.map(summarize), null, 2)}\n`);
  else
    for (const result of results) {
      for (const line of explain(result, expectation, inputs.explain)) context.out(`${line}\n`);
    }
  return {
    exit,
    outputs: {
      verified: String(exit === 0),
      digests: exit === 0 ? results.map(({ subject }) => subject.digest).join('\n') : '',
    },
  };
}

async function expectationOf(inputs: VerifyInputs, context: Context): Promise<Expectation> {
  const { identity, identityPattern: pattern, issuer, key, source } = inputs;
  const byName = identity !== undefined || pattern !== undefined;
  if ((key === undefined) !== byName || (key === undefined && issuer === undefined)) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'verify needs to know who must have signed',
      expected: '--issuer with --identity or --identity-pattern, or --key',
      next: 'sallyport help verify',
    });
  }
  const roots = { offline: inputs.offline, maxAgeDays: inputs.maxRootAge };
  const alone = key !== undefined && inputs.trustedRoot.length === 0;
  return {
    instances: alone ? [] : await trustedInstances(inputs.trustedRoot, roots, context),
    key: key === undefined ? null : await readKey(key, context),
    identity: key === undefined && issuer !== undefined ? { issuer, identity, pattern, source } : null,
    now: context.clock.now(),
  };
}

export async function readKey(path: string, context: Context): Promise<KeyObject> {
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
