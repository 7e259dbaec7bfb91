import { Argument, Command as Commander, CommanderError, Option } from 'commander';
import { inAutomation } from '../platform/context.ts';
import type { Command } from './command.ts';
import { environmentName, fieldsOf, type InputField } from './inputs.ts';

export type Parsed =
  | { kind: 'run'; raw: Record<string, unknown>; ignored: string[] }
  | { kind: 'said'; text: string; exit: 0 | 2 };

/** Reads a command's flags and arguments; help and usage errors come back as text. */
export function parseFlags(
  command: Command,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Parsed {
  let text = '';
  const parser = buildParser(command).configureOutput({
    writeOut: (s) => {
      text += s;
    },
    writeErr: (s) => {
      text += s;
    },
  });
  try {
    parser.parse([...argv], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return { kind: 'said', text, exit: thrown.exitCode === 0 ? 0 : 2 };
  }
  const fields = fieldsOf(command).filter((f) => f.only !== 'action');
  const options = parser.opts();
  const raw: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const field of fields.filter((f) => f.positional !== true)) {
    const given = options[field.key] as unknown;
    if (given !== undefined) raw[field.key] = given;
    else readEnvironment(field, env, raw, ignored);
  }
  fields
    .filter((f) => f.positional === true)
    .forEach((field, index) => {
      const given = parser.processedArgs[index] as unknown;
      if (given !== undefined && !(Array.isArray(given) && given.length === 0)) raw[field.key] = given;
    });
  return { kind: 'run', raw, ignored };
}

/** Trust-model rule 14: an earlier step can write a job's environment, so it is read on a laptop only. */
function readEnvironment(
  field: InputField,
  env: Readonly<Record<string, string | undefined>>,
  raw: Record<string, unknown>,
  ignored: string[],
): void {
  const name = environmentName(field);
  const value = env[name];
  if (value === undefined || value === '') return;
  if (field.environment === false || inAutomation(env)) {
    ignored.push(name);
    return;
  }
  raw[field.key] = fromText(field, value);
}

/** A value that came as text: from the environment or as an action's input. Lists are newline-separated. */
export function fromText(field: InputField, value: string): unknown {
  if (field.kind === 'list')
    return value
      .split('\n')
      .map((s) => s.trim())
      .filter((s) => s !== '');
  if (field.kind === 'number') return Number(value);
  if (field.kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}

function buildParser(command: Command): Commander {
  const parser = new Commander(`sallyport ${command.name}`)
    .description(`${command.summary}\n\n${command.description}`)
    .helpOption('-h, --help', 'Show this help.')
    .exitOverride()
    .allowExcessArguments(false)
    .showSuggestionAfterError(true)
    .showHelpAfterError(`(sallyport help ${command.name})`);
  for (const field of fieldsOf(command)) {
    if (field.only === 'action') continue;
    if (field.positional === true) parser.addArgument(argument(field));
    else parser.addOption(option(field));
  }
  const examples = command.examples.map((e) => `  $ ${e.run}\n      ${e.does}`).join('\n');
  return parser.addHelpText('after', examples === '' ? '' : `\nExamples:\n${examples}`);
}

function argument(field: InputField): Argument {
  const dots = field.kind === 'list' ? '...' : '';
  const name = `${field.placeholder ?? field.name}${dots}`;
  return new Argument(field.required ? `<${name}>` : `[${name}]`, field.description);
}

function option(field: InputField): Option {
  const value = field.placeholder ?? field.name.toUpperCase();
  const flag = field.kind === 'boolean' ? `--${field.name}` : `--${field.name} <${value}>`;
  const made = new Option(flag, description(field));
  if (field.kind === 'list')
    made.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
  if (field.kind === 'number') made.argParser(Number);
  return made;
}

function description(field: InputField): string {
  const notes = [
    ...(field.kind === 'list' ? ['repeatable'] : []),
    ...(field.choices === undefined ? [] : [`one of ${field.choices.join(', ')}`]),
    ...(field.fallback === undefined ? [] : [`default: ${field.fallback}`]),
  ];
  return notes.length === 0 ? field.description : `${field.description} (${notes.join('; ')})`;
}
