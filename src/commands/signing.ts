import { eachBounded } from '../attest/sign/many.ts';
import { type Item, type OpenedSession, signVerified } from '../attest/sign/signed.ts';
import type { Written } from '../attest/store/store.ts';
import type { SigningSubject } from '../attest/subject.ts';
import { describeProblem, SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { visible } from '../platform/log.ts';
import type { CommandResult } from './command.ts';

export interface Task {
  /** What is signed, and is verified once it is. */
  subject: Pick<SigningSubject, 'text' | 'artifact'>;
  items: Item[];
  /** Keeps what was signed; tells by which digest each lies where. Null where there is no place for it. */
  keep: ((written: readonly Written[]) => Promise<{ digest: string; place: string }[]>) | null;
}

/** What is signed about one file or image is kept in its store. */
export function taskOf(subject: SigningSubject, items: Item[]): Task {
  const { store, digest } = subject;
  const keep =
    store === null
      ? null
      : async (written: readonly Written[]) =>
          (await store.add(digest, written)).map((place) => ({ digest, place }));
  return { subject, items, keep };
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
  const done = await eachBounded(tasks, async ({ subject, items, keep }) => {
    if (keep === null) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: 'a bare digest has no place for its signature',
        expected: 'a file or an image, or --store DIR',
        found: subject.text,
      });
    }
    const written: Written[] = [];
    for (const item of items) written.push(await signVerified(item, subject, opened, context));
    return await keep(written);
  });
  const places: string[] = [];
  let failures = 0;
  for (const { item, result, problem } of done) {
    if (problem !== null) {
      failures += 1;
      context.log.error(`${visible(item.subject.text)}: ${describeProblem(problem)}`);
      continue;
    }
    for (const { digest, place } of result) {
      places.push(place);
      context.out(`${visible(digest)}  ${visible(place)}\n`);
    }
  }
  if (failures > 0) {
    context.log.error(`${failures} of ${tasks.length} are not signed; run again with those alone`);
  }
  return { exit: failures === 0 ? 0 : 2, outputs: { bundles: places.join('\n') } };
}
