import type { Context } from '../platform/context.ts';

/** The run and job that this is; `local` on a laptop. */
export function jobName(env: Context['env']): string {
  if (env.GITHUB_ACTIONS !== 'true') return 'local';
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
    GITHUB_RUN_ATTEMPT: attempt,
    GITHUB_JOB: job,
  } = env;
  return `${server}/${repository}/actions/runs/${run}/attempts/${attempt}#${job}`;
}
