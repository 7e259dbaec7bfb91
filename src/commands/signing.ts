import { eachBounded } from '../attest/sign/many.ts';
import { type Item, type OpenedSession, signVerified } from '../attest/sign/signed.ts';
import type { Written } from '../attest/store/store.ts';
import type { SigningSubject } from '../attest/subject.ts';
import { describeProblem, SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { visible } from '../platform/log.ts';
import type { CommandResult } from './command.ts';

export interface Task {
  subject: SigningSubject;
  items: Item[];
}

/**
 * Signs every task with one session, verifies each bundle before it is kept, and tells of each subject by itself: what
 * failed can be asked for again alone.
 */
export async function signAll(
  tasks: readonly Task[],
  opened: OpenedSession,
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
    for (const item of items) written.push(await signVerified(item, subject, opened, context));
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
