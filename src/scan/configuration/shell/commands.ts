import type { Command, Script, Word } from './model.ts';
import { parseShell } from './parse.ts';

/** A command without what only starts it (`sudo`, `env`, `exec` …). */
export interface Invocation {
  /** File name of the program, lower case on no platform: as written. */
  name: string;
  nameWord: Word;
  args: Word[];
  command: Command;
}

const SHELLS = new Set([
  'sh',
  'bash',
  'ash',
  'dash',
  'zsh',
  'ksh',
  'mksh',
  'fish',
  'pwsh',
  'powershell',
  'cmd',
]);

/** The shell that a program is, by its file name, or null. */
export function shellName(program: string): string | null {
  const name = baseName(program)
    .toLowerCase()
    .replace(/\.exe$/u, '');
  if (!SHELLS.has(name)) return null;
  return name === 'pwsh' ? 'powershell' : name;
}

export function isWindowsShell(shell: string): boolean {
  return shell === 'powershell' || shell === 'cmd';
}

/** The last part of a path. */
function baseName(program: string): string {
  return program.slice(Math.max(program.lastIndexOf('/'), program.lastIndexOf('\\')) + 1);
}

/** Programs that run another one, and the short and long options of theirs that take a value. */
const WRAPPERS: Record<string, ReadonlySet<string>> = {
  sudo: new Set(['u', 'g', 'h', 'p', 'C', 'r', 't', 'user', 'group']),
  doas: new Set(['u', 'C']),
  env: new Set(['u', 'C', 'S', 'unset', 'chdir']),
  exec: new Set(['a']),
  command: new Set(),
  builtin: new Set(),
  nohup: new Set(),
  time: new Set(['f', 'o']),
  nice: new Set(['n', 'adjustment']),
  ionice: new Set(['c', 'n', 'p']),
  timeout: new Set(['k', 's', 'kill-after', 'signal']),
  xargs: new Set(['n', 'I', 'P', 'L', 'd', 'a', 'E', 's', 'max-args', 'max-procs', 'delimiter']),
  gosu: new Set(),
  'su-exec': new Set(),
  eatmydata: new Set(),
  chroot: new Set(),
  busybox: new Set(),
};
/** Wrappers with operands of their own before the program: `timeout 5 …`, `gosu user …`. */
const OPERANDS: Record<string, number> = { timeout: 1, gosu: 1, 'su-exec': 1, chroot: 1 };

/** What a command runs in the end, or null where it only assigns or redirects. */
export function invocation(command: Command): Invocation | null {
  let words = command.words;
  for (let depth = 0; depth < 8; depth++) {
    const [first, ...args] = words;
    if (first === undefined) return null;
    const name = baseName(first.text);
    const valued = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
    if (valued === undefined) return { name, nameWord: first, args, command };
    let skip = 0;
    while (skip < args.length) {
      const text = args[skip]?.text ?? '';
      if (text === '--') {
        skip++;
        break;
      }
      if (name === 'env' && /^[A-Za-z_][A-Za-z0-9_]*=/u.test(text)) skip++;
      else if (text.startsWith('-') && text.length > 1) skip += valued.has(text.replace(/^--?/u, '')) ? 2 : 1;
      else break;
    }
    skip += Object.hasOwn(OPERANDS, name) ? (OPERANDS[name] ?? 0) : 0;
    if (skip >= args.length) return { name, nameWord: first, args, command };
    words = args.slice(skip);
  }
  return null;
}

/** Every command of a script as what it runs, including those given as text to `sh -c`, `su -c` or `eval`. */
export function invocations(script: Script, depth = 0): Invocation[] {
  const out: Invocation[] = [];
  for (const command of script.commands) {
    const found = invocation(command);
    if (found === null) continue;
    out.push(found);
    const code = depth < 4 ? codeArgument(found) : null;
    if (code !== null) out.push(...invocations(innerScript(code), depth + 1));
  }
  return out;
}

/** Shell code given as an argument, parsed; every place in it is the place of the argument. */
function innerScript(code: Word): Script {
  const script = parseShell(code.text);
  const move = (span: { start: number; end: number }): void => {
    span.start = code.start;
    span.end = code.end;
  };
  for (const command of script.commands) {
    move(command);
    for (const word of command.words) move(word);
    for (const { value } of command.assignments) move(value);
  }
  for (const pipe of script.pipes) move(pipe.at);
  return script;
}

/** The word of `sh -c CODE`, `su -c CODE`, `eval CODE`. */
export function codeArgument({ name, args }: Invocation): Word | null {
  if (name === 'eval') return args[0] ?? null;
  const shell = shellName(name);
  if ((shell === null || isWindowsShell(shell)) && name !== 'su' && name !== 'runuser') return null;
  const at = args.findIndex(({ text }) => /^-[A-Za-z]*c$/u.test(text) || text === '--command');
  return at === -1 ? null : (args[at + 1] ?? null);
}

/**
 * Options as they were given: `--name[=value]` is `name`, `-abc` is `a`, `b`, `c`. A letter in `valued` takes the
 * rest of its word as its value.
 */
export function optionNames(args: Word[], valued: ReadonlySet<string> = new Set()): Set<string> {
  const names = new Set<string>();
  for (const { text } of args) {
    if (text === '--') break;
    if (text.startsWith('--')) names.add(text.slice(2).split('=', 1)[0] ?? '');
    else if (text.startsWith('-'))
      for (const letter of text.slice(1)) {
        names.add(letter);
        if (valued.has(letter)) break;
      }
  }
  return names;
}

/** The words that are neither options nor values of the options in `valued`. */
export function operands(args: Word[], valued: ReadonlySet<string>): Word[] {
  const out: Word[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) break;
    const { text } = word;
    if (text === '--') {
      out.push(...args.slice(at + 1));
      break;
    }
    if (!text.startsWith('-') || text === '-') {
      out.push(word);
      continue;
    }
    if (text.includes('=')) continue;
    const name = text.startsWith('--') ? text.slice(2) : text.slice(-1);
    if (valued.has(name) || valued.has(text.replace(/^-+/u, ''))) at++;
  }
  return out;
}

/** The value of an option, as `--name=value`, `--name value`, `-n value` or `-nvalue`. */
export function optionValue(args: Word[], names: readonly string[]): Word | null {
  for (let at = 0; at < args.length; at++) {
    const word = args[at];
    if (word === undefined) break;
    for (const name of names) {
      const dashed = name.length === 1 ? `-${name}` : `--${name}`;
      if (word.text === dashed) return args[at + 1] ?? null;
      const attached = name.length === 1 ? dashed : `${dashed}=`;
      if (word.text.startsWith(attached) && !(name.length === 1 && word.text.startsWith('--'))) {
        return { ...word, text: word.text.slice(attached.length) };
      }
    }
  }
  return null;
}
