import type { z } from 'zod';
import type { Context } from '../platform/context.ts';

/**
 * What a command declares about an input beside its zod type and description. From these come the flags, the help,
 * the action's inputs, the reference and the environment variables.
 */
export interface InputMeta {
  description: string;
  /** What stands for the value in the help: `FILE`, `REF`. */
  placeholder?: string;
  /** An argument without a flag; a list takes the rest. */
  positional?: boolean;
  /** `cli`: not an input of the action (what a workflow file must not be able to set). */
  only?: 'cli' | 'action';
  /** False: never read from the environment (trust-model rule 14). */
  environment?: boolean;
}

/** What the environment variables of options begin with. */
export const environmentPrefix = 'SALLYPORT_';

/** 0: passed or done; 1: the policy or a check said no; 2: no verdict. */
export type ExitCode = 0 | 1 | 2;

export interface CommandResult {
  exit: ExitCode;
  /** Values of the declared outputs. */
  outputs?: Record<string, string>;
  /** The job summary, in Markdown. */
  summary?: Iterable<string>;
  /** Workflow commands that annotate files. */
  annotations?: Iterable<string>;
}

export interface Command<Inputs extends z.ZodObject = z.ZodObject> {
  /** As it is typed: `gate`, `policy explain`. */
  name: string;
  summary: string;
  /** A paragraph or more, in Markdown, for the help and the reference. */
  description: string;
  examples: { run: string; does: string }[];
  inputs: Inputs;
  /** Outputs of the action: kebab-case name to description. */
  outputs: Record<string, string>;
  /** The folder under actions/, where the command is an action too. */
  action?: string;
  run(inputs: z.output<Inputs>, context: Context): Promise<CommandResult>;
}

/** Types a command by its own schema. */
export function defineCommand<Inputs extends z.ZodObject>(command: Command<Inputs>): Command<Inputs> {
  return command;
}
