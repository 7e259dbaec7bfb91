import { z } from 'zod';
import type { Command, InputMeta } from './command.ts';

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
  const { kind, choices } = formOf(key, inner);
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
  };
}

/** Read off the schema itself: through a JSON Schema it took longer than all else that a short command does. */
function unwrapped(type: z.core.$ZodType): { inner: z.core.$ZodType; required: boolean; standard: unknown } {
  if (type instanceof z.ZodOptional) return { inner: type.unwrap(), required: false, standard: undefined };
  if (type instanceof z.ZodDefault)
    return { inner: type.unwrap(), required: false, standard: type.def.defaultValue };
  return { inner: type, required: true, standard: undefined };
}

function formOf(key: string, type: z.core.$ZodType): Pick<InputField, 'kind' | 'choices'> {
  if (type instanceof z.ZodArray) {
    const { choices } = formOf(key, type.element);
    return { kind: 'list', choices };
  }
  if (type instanceof z.ZodEnum) return { kind: 'string', choices: type.options.map(String) };
  if (type instanceof z.core.$ZodString) return { kind: 'string', choices: undefined };
  if (type instanceof z.ZodNumber) return { kind: 'number', choices: undefined };
  if (type instanceof z.ZodBoolean) return { kind: 'boolean', choices: undefined };
  throw new Error(`input ${key} is of a kind that no flag has`);
}

/** The environment variable of an option on a laptop. */
export function environmentName(field: InputField): string {
  return `SALLYPORT_${field.name.replaceAll('-', '_').toUpperCase()}`;
}
