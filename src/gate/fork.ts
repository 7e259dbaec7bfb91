import { z } from 'zod';
import { SallyportError } from '../model/error.ts';
import { type Context, inAutomation } from '../platform/context.ts';
import { readPayload } from './event.ts';

const repository = z.object({ id: z.int() });
const pullRequest = z.object({
  pull_request: z.object({
    base: z.object({ repo: repository }),
    head: z.object({ repo: repository }),
  }),
});
const workflowRun = z.object({
  repository,
  workflow_run: z.object({ head_repository: repository }),
});

/** Events that only somebody who may write to the repository, or its clock, sets off. */
const OWN_EVENTS = new Set([
  'push',
  'schedule',
  'workflow_dispatch',
  'repository_dispatch',
  'release',
  'merge_group',
]);

/**
 * Refuses to go on where what is looked at comes from a fork, or where that cannot be told: whoever wrote it could have
 * credentials of others tried out from here. Repositories are told apart by their ids, not by names. Throws
 * SP-SECRETS-FORK.
 */
export async function refuseForks(context: Pick<Context, 'env' | 'files'>): Promise<void> {
  const { env } = context;
  if (!inAutomation(env)) return;
  if (env.GITHUB_ACTIONS === 'true') {
    const event = env.GITHUB_EVENT_NAME ?? '';
    if (OWN_EVENTS.has(event) || (await isOwn(event, context))) return;
    throw refused(`the event ${JSON.stringify(event)}`);
  }
  if (env.GITLAB_CI === 'true') {
    const source = env.CI_MERGE_REQUEST_SOURCE_PROJECT_ID;
    if (source === undefined || source === env.CI_PROJECT_ID) return;
    throw refused('a merge request of another project');
  }
  throw refused('a CI system that is not known here');
}

/** True only where the payload says that both ends of the change lie in one repository. */
async function isOwn(event: string, context: Pick<Context, 'env' | 'files'>): Promise<boolean> {
  let payload: unknown;
  try {
    payload = await readPayload(context);
  } catch {
    return false;
  }
  if (event.startsWith('pull_request')) {
    const { data } = pullRequest.safeParse(payload);
    return data !== undefined && data.pull_request.head.repo.id === data.pull_request.base.repo.id;
  }
  if (event === 'workflow_run') {
    const { data } = workflowRun.safeParse(payload);
    return data !== undefined && data.workflow_run.head_repository.id === data.repository.id;
  }
  return false;
}

function refused(found: string): SallyportError {
  return new SallyportError({
    code: 'SP-SECRETS-FORK',
    message: 'credentials are not tried out for a change that comes from a fork, or may come from one',
    expected: 'a change of this repository’s own',
    found,
    next: 'leave --verify out; run it where the change has been merged',
  });
}
