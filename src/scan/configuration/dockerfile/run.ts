import { shellName } from '../shell/commands.ts';
import type { Command, Script } from '../shell/model.ts';
import { parseShell } from '../shell/parse.ts';
import type { Span } from '../text.ts';
import type { Argument, Instruction, ShellCode } from './model.ts';

export interface ShellSetting {
  shell: string;
  pipefail: boolean;
}

/** What SHELL (or the first words of an exec form) sets. */
export function shellSetting(words: string[]): ShellSetting {
  const shell = shellName(words[0] ?? '') ?? 'exec';
  const at = words.findIndex((word) => /^-[A-Za-z]*o$/u.test(word) || word === '-o');
  return { shell, pipefail: at !== -1 && words[at + 1] === 'pipefail' };
}

/** The commands of a RUN: its shell form, its exec form, or the heredoc that stands for a script. */
export function readShellCode(
  { json, args, rest }: Instruction,
  lineLength: number,
  setting: ShellSetting,
): ShellCode | null {
  if (json) return execForm(args);
  const own = rest.text.slice(0, lineLength);
  const bare = /^\s*[0-9]*<<-?\s*["']?[^\s"'<]+["']?\s*$/u.test(own);
  if (!bare) {
    return { script: parseShell(rest.text), span: ({ start, end }) => rest.span(start, end), ...setting };
  }
  const begin = rest.text.indexOf('\n') + 1;
  const end = rest.text.lastIndexOf('\n');
  const body = begin > 0 && end >= begin ? rest.from(begin) : rest.from(rest.text.length);
  const text = body.text.slice(0, Math.max(0, end - begin));
  const shebang = /^#![ \t]*(?:\S*\/env[ \t]+)?(\S+)/u.exec(text)?.[1];
  const interpreter = shebang === undefined ? setting.shell : (shellName(shebang) ?? 'other');
  const pipefail = shebang === undefined && setting.pipefail;
  const script = interpreter === 'other' ? emptyScript() : parseShell(text);
  return { script, span: ({ start, end }) => body.span(start, end), shell: interpreter, pipefail };
}

function emptyScript(): Script {
  return { commands: [], pipes: [], broken: false, cut: false };
}

/** The exec form: one command, or the script behind `sh -c`. */
function execForm(args: Argument[]): ShellCode | null {
  const first = args[0];
  const last = args.at(-1);
  if (first === undefined || last === undefined) return null;
  const texts = args.map(({ text }) => text);
  const shell = shellName(first.text);
  const flag = texts.findIndex((text, index) => index > 0 && /^-[A-Za-z]*c$/u.test(text));
  const code = flag === -1 ? undefined : args[flag + 1];
  if (shell !== null && code !== undefined) {
    // A JSON string without escapes stands in the file character by character.
    const exact = code.raw.slice(1, -1) === code.text && code.end - code.start === code.raw.length;
    const span = ({ start, end }: Span): Span =>
      exact
        ? { start: code.start + 1 + start, end: code.start + 1 + end }
        : { start: code.start, end: code.end };
    return {
      script: parseShell(code.text),
      span,
      shell,
      pipefail: shellSetting(texts.slice(0, flag)).pipefail,
    };
  }
  const command: Command = {
    start: first.start,
    end: last.end,
    assignments: [],
    redirects: [],
    nested: false,
    words: args.map(({ text, start, end }) => ({ text, start, end, dynamic: false, substitutions: [] })),
  };
  const script = { commands: [command], pipes: [], broken: false, cut: false };
  return { script, span: (range) => range, shell: 'exec', pipefail: false };
}
