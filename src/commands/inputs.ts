import { z } from 'zod';
import { type Command, environmentPrefix, type InputMeta } from './command.ts';

export type InputKind = 'string' | 'boolean' | 'number' | 'list';

/** One input, read off the command's schema. */
export interface InputField extends InputMeta {
  /** As declared: camelCase. */
  key: string;
  /** As typed: kebab-case, the same on the command line and in an action. */
  name: string;
  kind: InputKind;
  required: boolean;
  /** What applies when it is not given, for help and reference. */
  fallback: string | undefined;
  choices: readonly string[] | undefined;
  /** Its value where it is not given. */
  standard: unknown;
  /** Values that a list may have at most. */
  most: number;
  /** Nothing but its kind, its choices and that number decides which values are right. */
  plain: boolean;
}

/** What it takes to read an input of which nothing is to be told. */
export interface QuickField
  extends Pick<InputField, 'key' | 'name' | 'kind' | 'required' | 'plain' | 'most'> {
  standard?: unknown;
  positional: boolean;
  choices: readonly string[] | null;
}

/** The inputs of a command in the order of their declaration. */
export function fieldsOf(command: Command): readonly InputField[] {
  const known = read.get(command);
  if (known !== undefined) return known;
  const fields = Object.entries(command.inputs.shape).map(([key, type]) => field(key, type as z.ZodType));
  read.set(command, fields);
  return fields;
}

/** Asked for several times in a run, and a good part of the time that a short command takes. */
const read = new WeakMap<Command, readonly InputField[]>();

function field(key: string, type: z.ZodType): InputField {
  const meta = (type.meta() ?? {}) as Partial<InputMeta>;
  if (meta.description === undefined) throw new Error(`input ${key} has no description`);
  const { inner, required, standard } = unwrapped(type);
  const { kind, choices, most, plain } = formOf(key, inner);
  const empty =
    standard === undefined || standard === false || (Array.isArray(standard) && standard.length === 0);
  return {
    ...meta,
    description: meta.description,
    key,
    name: key.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`),
    kind,
    required,
    fallback: empty ? undefined : Array.isArray(standard) ? standard.join(', ') : String(standard),
    choices,
    standard,
    most,
    plain,
  };
}

/** Read off the schema itself: through a JSON Schema it took longer than all else that a short command does. */
function unwrapped(type: z.core.$ZodType): { inner: z.core.$ZodType; required: boolean; standard: unknown } {
  if (type instanceof z.ZodOptional) return { inner: type.unwrap(), required: false, standard: undefined };
  if (type instanceof z.ZodDefault)
    return { inner: type.unwrap(), required: false, standard: type.def.defaultValue };
  return { inner: type, required: true, standard: undefined };
}

type Form = Pick<InputField, 'kind' | 'choices' | 'most' | 'plain'>;

function formOf(key: string, type: z.core.$ZodType): Form {
  if (type instanceof z.ZodArray) {
    const { choices, plain } = formOf(key, type.element);
    const checks = (type.def.checks ?? []).map((check) => check._zod.def);
    const most = checks.map((check) => ('maximum' in check ? Number(check.maximum) : -1));
    return {
      kind: 'list',
      choices,
      most: Math.min(Number.MAX_SAFE_INTEGER, ...most.filter((limit) => limit >= 0)),
      plain: plain && most.every((limit) => limit >= 0),
    };
  }
  if (type instanceof z.ZodEnum)
    return { kind: 'string', choices: type.options.map(String), most: 1, plain: true };
  if (type instanceof z.core.$ZodString) {
    const plain = type._zod.def.checks === undefined && !(type instanceof z.core.$ZodStringFormat);
    return { kind: 'string', choices: undefined, most: 1, plain };
  }
  if (type instanceof z.ZodNumber) return { kind: 'number', choices: undefined, most: 1, plain: false };
  if (type instanceof z.ZodBoolean) return { kind: 'boolean', choices: undefined, most: 1, plain: true };
  throw new Error(`input ${key} is of a kind that no flag has`);
}

/** The inputs of a command for `readQuickly`. */
export function quickFieldsOf(command: Command): QuickField[] {
  const fields = fieldsOf(command).filter(({ only }) => only !== 'action');
  const positional = fields.filter((field) => field.positional === true);
  // As they come, each takes one word; a list takes all that are left.
  if (positional.slice(0, -1).some(({ kind }) => kind === 'list'))
    throw new Error(`${command.name} takes arguments that cannot be told apart without its declaration`);
  return fields.map(({ key, name, kind, required, choices, standard, most, plain, positional }) => ({
    key,
    name,
    kind,
    required,
    choices: choices ?? null,
    standard,
    most,
    plain,
    positional: positional === true,
  }));
}

/** The environment variable of an option on a laptop. */
export function environmentName(field: InputField): string {
  return `${environmentPrefix}${field.name.replaceAll('-', '_').toUpperCase()}`;
}
