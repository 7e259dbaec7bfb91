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
  const json = z.toJSONSchema(type, { io: 'input', unrepresentable: 'any' }) as {
    type?: string;
    enum?: string[];
    items?: { enum?: string[] };
    default?: unknown;
  };
  const kinds: Record<string, InputKind> = {
    boolean: 'boolean',
    array: 'list',
    integer: 'number',
    number: 'number',
  };
  const empty =
    json.default === undefined ||
    json.default === false ||
    (Array.isArray(json.default) && json.default.length === 0);
  return {
    ...meta,
    description: meta.description,
    key,
    name: key.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`),
    kind: kinds[json.type ?? ''] ?? 'string',
    required: !type.safeParse(undefined).success,
    fallback: empty
      ? undefined
      : Array.isArray(json.default)
        ? json.default.join(', ')
        : String(json.default),
    choices: json.enum ?? json.items?.enum,
  };
}

/** The environment variable of an option on a laptop. */
export function environmentName(field: InputField): string {
  return `SALLYPORT_${field.name.replaceAll('-', '_').toUpperCase()}`;
}
