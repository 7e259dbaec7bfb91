import type { DockerfileContext, RuleHit, RunCommand } from '../rule.ts';
import { secretLiterals } from '../secret-literals.ts';
import type { Word } from '../shell/model.ts';
import type { Span } from '../text.ts';

/**
 * The text of a command, for fingerprints: words only, so that line breaks and indentation do not count, and with
 * the secrets in it masked.
 */
export function commandText({ invocation }: RunCommand): string {
  const { name, args } = invocation;
  const secret = new Set(secretLiterals(invocation).map(({ word }) => word.start));
  return [name, ...args.map(({ text, start }) => (secret.has(start) ? '*' : text))].join(' ');
}

/** The source range of a word of a command. */
export function wordSpan({ code }: RunCommand, word: Span): Span {
  return code.span({ start: word.start, end: word.end });
}

/**
 * One hit for each install command that leaves packages open: `open` gives the words that name no version, or null
 * for a command of another kind.
 */
export function* unversioned(
  { commands }: DockerfileContext,
  open: (command: RunCommand) => Word[] | null,
): Iterable<RuleHit> {
  for (const command of commands) {
    const words = open(command);
    const [first] = words ?? [];
    const last = words?.at(-1);
    if (words === null || first === undefined || last === undefined) continue;
    const names = words.slice(0, 5).map(({ text }) => clip(text));
    const more = words.length > 5 ? ` and ${words.length - 5} more` : '';
    const start = wordSpan(command, first).start;
    yield {
      message: `${names.join(', ')}${more} ${words.length === 1 ? 'is' : 'are'} installed without a version`,
      at: { start, end: Math.max(start, wordSpan(command, last).end) },
      context: commandText(command),
    };
  }
}

/** A word of an attacker's file, short enough for a message. */
export function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** Whether a text names a variable that ENV or ARG of the stage gives (a version that is set elsewhere). */
export function namesDeclared(text: string, { instruction }: RunCommand): boolean {
  const names = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)[^}]{0,100}\}/gu)].map((match) => match[1]);
  if (names.length === 0) return false;
  for (let stage = instruction.stage; stage !== null; stage = stage.parent)
    for (const { keyword, pairs } of stage.instructions)
      if ((keyword === 'ENV' || keyword === 'ARG') && pairs.some(({ name }) => names.includes(name)))
        return true;
  return false;
}

const WHY =
  'The package that is installed depends on the day of the build: a build that worked can break, a fixed version can be lost, and a package that was taken over comes in at the next build.';

/** What the rules on unversioned installs share. */
export function installRule(id: string, name: string, tool: string, example: string) {
  return {
    id,
    name,
    summary: `${tool} installs a package without a version`,
    why: WHY,
    help: `Name the version: \`${example}\`.`,
    severity: 'low' as const,
    tags: ['reproducibility', 'unversioned-install', 'CWE-1357'],
  };
}
