import type { KeyObject } from 'node:crypto';
import { eachBounded } from '../attest/sign/many.ts';
import type { Signable, SigningSession } from '../attest/sign/session.ts';
import type { Written } from '../attest/store/store.ts';
import type { SigningSubject } from '../attest/subject.ts';
import { bundleOf } from '../attest/verify/bundle.ts';
import type { TrustedInstance } from '../attest/verify/trusted-root.ts';
import { verifyBundle } from '../attest/verify/verify.ts';
import { describeProblem, SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { visible } from '../platform/log.ts';
import type { CommandResult } from './command.ts';

export interface Task {
  subject: SigningSubject;
  items: { signable: Signable; predicateType: string | null }[];
}

interface Opened {
  session: SigningSession;
  instances: readonly TrustedInstance[];
  key: KeyObject | null;
}

/**
 * Signs every task with one session, verifies each bundle before it is kept, and tells of each subject by itself: what
 * failed can be asked for again alone.
 */
export async function signAll(
  tasks: readonly Task[],
  opened: Opened,
  context: Context,
): Promise<CommandResult> {
  const done = await eachBounded(tasks, async ({ subject, items }) => {
    if (subject.store === null) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: 'a bare digest has no place for its signature',
        expected: 'a file or an image, or --store DIR',
        found: subject.text,
      });
    }
    const written: Written[] = [];
    for (const { signable, predicateType } of items) {
      written.push({
        json: await signAndVerify(signable, subject, opened, context),
        predicateType,
        createdAt: context.clock.now(),
      });
    }
    return await subject.store.add(subject.digest, written);
  });
  const places: string[] = [];
  let failures = 0;
  for (const { item, result, problem } of done) {
    if (problem !== null) {
      failures += 1;
      context.log.error(`${visible(item.subject.text)}: ${describeProblem(problem)}`);
      continue;
    }
    places.push(...result);
    for (const place of result) context.out(`${visible(item.subject.digest)}  ${visible(place)}\n`);
  }
  if (failures > 0) {
    context.log.error(`${failures} of ${tasks.length} are not signed; run again with those alone`);
  }
  return { exit: failures === 0 ? 0 : 2, outputs: { bundles: places.join('\n') } };
}

async function signAndVerify(
  signable: Signable,
  subject: SigningSubject,
  { session, instances, key }: Opened,
  context: Context,
): Promise<string> {
  const { bundleToJSON } = await import('@sigstore/bundle');
  const value = bundleToJSON(await session.sign(signable));
  await verifyBundle({
    bundle: bundleOf(value, subject.text),
    instances,
    key,
    artifact: subject.artifact,
    now: context.clock.now(),
  });
  return JSON.stringify(value);
}
