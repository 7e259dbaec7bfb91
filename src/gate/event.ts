import { z } from 'zod';
import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { isCommitId } from '../platform/git.ts';

const sha = z.string().refine(isCommitId, 'expected a commit id');
const pullRequest = z.object({
  pull_request: z.object({ base: z.object({ sha }), head: z.object({ sha }) }),
});
const mergeGroup = z.object({ merge_group: z.object({ base_sha: sha, head_sha: sha }) });
const MAX_EVENT = 32 * 1024 * 1024;

/** The webhook that set the run off. Throws the errors of files and of JSON. */
export async function readPayload({ env, files }: Pick<Context, 'env' | 'files'>): Promise<unknown> {
  return JSON.parse((await files.read(env.GITHUB_EVENT_PATH ?? '', MAX_EVENT)).toString('utf8'));
}

/** The commits that the webhook names: of the base, and of what is to be merged into it. Throws SP-EVENT. */
export async function readEvent(
  event: 'pull_request' | 'merge_group',
  context: Pick<Context, 'env' | 'files'>,
): Promise<{ base: string; heads: string[] }> {
  const path = context.env.GITHUB_EVENT_PATH ?? '';
  let value: unknown;
  try {
    value = await readPayload(context);
  } catch (cause) {
    throw new SallyportError(
      {
        code: 'SP-EVENT',
        message: 'the event cannot be read',
        place: { path },
        expected: 'the JSON of a webhook',
        found: (cause as Error).message,
      },
      { cause },
    );
  }
  if (event === 'pull_request') {
    const result = pullRequest.safeParse(value);
    if (result.success)
      return { base: result.data.pull_request.base.sha, heads: [result.data.pull_request.head.sha] };
  } else {
    const result = mergeGroup.safeParse(value);
    if (result.success)
      return { base: result.data.merge_group.base_sha, heads: [result.data.merge_group.head_sha] };
  }
  throw new SallyportError({
    code: 'SP-EVENT',
    message: `the ${event} event does not name its base`,
    place: { path },
    expected: 'the commit ids of base and head',
  });
}
