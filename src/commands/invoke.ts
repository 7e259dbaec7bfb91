import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import type { Command, CommandResult } from './command.ts';
import { conclude, runWith } from './conclude.ts';
import { fieldsOf } from './inputs.ts';

/** Runs a command on raw inputs. Whatever goes wrong is said on the log and ends as exit code 2, no verdict. */
export async function invoke(
  command: Command,
  raw: Record<string, unknown>,
  context: Context,
): Promise<CommandResult> {
  return await conclude(
    async () => await runWith(command.run, parseInputs(command, raw), context),
    context,
    'decision' in command.outputs ? { exit: 2, outputs: { decision: 'error' } } : { exit: 2 },
  );
}

function parseInputs(command: Command, raw: Record<string, unknown>): Record<string, unknown> {
  const result = command.inputs.safeParse(raw);
  if (result.success) return result.data as Record<string, unknown>;
  const issue = result.error.issues[0];
  const field = fieldsOf(command).find((f) => f.key === issue?.path[0]);
  const name =
    field === undefined
      ? String(issue?.path[0] ?? '')
      : field.positional === true
        ? field.name.toUpperCase()
        : `--${field.name}`;
  throw new SallyportError({
    code: 'SP-USAGE',
    message: `${command.name}: ${name === '' ? 'inputs' : name}: ${issue?.message ?? 'not valid'}`,
    expected: field?.choices === undefined ? field?.description : field.choices.join(', '),
    next: `sallyport help ${command.name}`,
  });
}
