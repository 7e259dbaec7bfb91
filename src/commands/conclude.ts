import { problemOf } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { offlineHttp } from '../platform/http.ts';
import { problemText } from '../platform/log.ts';
import type { Command, CommandResult } from './command.ts';

/** What inputs say of the world that a command runs in: `offline` takes the network away. */
export async function runWith(
  run: Command['run'],
  inputs: Record<string, unknown>,
  context: Context,
): Promise<CommandResult> {
  return await run(inputs, inputs.offline === true ? { ...context, http: offlineHttp } : context);
}

/** The result of some work. Whatever goes wrong is said on the log and ends as `failed`: no verdict. */
export async function conclude(
  work: () => Promise<CommandResult>,
  context: Context,
  failed: CommandResult & { exit: 2 } = { exit: 2 },
): Promise<CommandResult> {
  try {
    return await work();
  } catch (thrown) {
    const problem = problemOf(thrown);
    context.log.progress(null);
    context.log.error(problemText(problem));
    if (thrown instanceof Error && thrown.stack !== undefined) context.log.debug(thrown.stack);
    return failed;
  }
}
