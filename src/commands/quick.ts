import { parseArgs } from 'node:util';
import type { Context } from '../platform/context.ts';
import { type Command, type CommandResult, environmentPrefix } from './command.ts';
import type { QuickField } from './inputs.ts';
import { quickFields } from './quick.generated.ts';

/**
 * Commands that run for every commit or artefact and are over in a moment: what declares and explains them, and what
 * reads any command line there is, takes longer to load than many a piece of the work itself. One line each; the fields
 * are generated from the declaration.
 */
const runs: Readonly<Record<string, () => Promise<Run>>> = {
  gate: async () => (await import('./gating.ts')).judgeChange,
  scan: async () => (await import('./scanning.ts')).scanStage,
  verify: async () => (await import('./verifying.ts')).verifyAll,
};

type Run = (inputs: never, context: Context) => Promise<CommandResult>;

/** Their names, for the generator of what they are read by. */
export const quickCommands: readonly string[] = Object.keys(runs);

export interface Quick {
  inputs: Record<string, unknown>;
  run: Command['run'];
}

/**
 * Reads a command line that leaves no question open. Null for every other one: help, slips, values with bounds of their
 * own, settings in the environment; those are for the command's declaration.
 */
export async function readQuickly(
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Quick | null> {
  const load = Object.hasOwn(runs, name) ? runs[name] : undefined;
  const fields = quickFields[name];
  if (load === undefined || fields === undefined) return null;
  if (Object.keys(env).some((variable) => variable.startsWith(environmentPrefix))) return null;
  const inputs = inputsIn(fields, argv);
  return inputs === null ? null : { inputs, run: (await load()) as Command['run'] };
}

function inputsIn(fields: readonly QuickField[], argv: readonly string[]): Record<string, unknown> | null {
  const read = readArguments(fields, argv);
  if (read === null) return null;
  const inputs: Record<string, unknown> = {};
  const words = [...read.positionals];
  for (const field of fields) {
    const value = field.positional
      ? field.kind === 'list'
        ? words.splice(0)
        : words.shift()
      : read.values[field.name];
    const given = Array.isArray(value) ? value.length > 0 : value !== undefined;
    if (given) {
      if (!isPlain(field, value)) return null;
      inputs[field.key] = value;
    } else {
      if (field.required) return null;
      if (field.standard !== undefined) inputs[field.key] = structuredClone(field.standard);
    }
  }
  return words.length === 0 ? inputs : null;
}

function isPlain({ plain, choices, most }: QuickField, value: unknown): boolean {
  const texts = Array.isArray(value) ? value : [value];
  return (
    plain &&
    texts.length <= most &&
    (choices === null || texts.every((text) => (choices as readonly unknown[]).includes(text)))
  );
}

function readArguments(fields: readonly QuickField[], argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: fields.some(({ positional }) => positional),
      options: Object.fromEntries(
        fields
          .filter(({ positional }) => !positional)
          .map(({ name, kind }) => [
            name,
            { type: kind === 'boolean' ? 'boolean' : 'string', multiple: kind === 'list' } as const,
          ]),
      ),
    });
  } catch {
    // What is wrong with it is told by the declaration's own reader.
    return null;
  }
}
