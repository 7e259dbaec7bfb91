import type { Dockerfile } from '../dockerfile/model.ts';
import type { RunCommand } from '../rule.ts';
import { operands } from '../shell/commands.ts';
import type { Span } from '../text.ts';
import { wordSpan } from './installs.ts';

/** A mode that is given to files: by chmod, install or mkdir in a RUN, or by `--chmod` of COPY and ADD. */
interface GivenMode {
  mode: string;
  /** What gets it, for a message. */
  target: string;
  by: string;
  at: Span;
}

export function givenModes(file: Dockerfile, commands: readonly RunCommand[]): GivenMode[] {
  const out: GivenMode[] = [];
  for (const { keyword, flags, args } of file.instructions) {
    if (keyword !== 'COPY' && keyword !== 'ADD') continue;
    for (const flag of flags)
      if (flag.name === 'chmod')
        out.push({
          mode: flag.expanded.value,
          target: args.at(-1)?.text ?? '',
          by: `${keyword} --chmod`,
          at: flag,
        });
  }
  for (const command of commands) {
    const { name, args } = command.invocation;
    if (name === 'chmod') {
      const symbolic = args.find(({ text }) => /^[ugoa]*[-+=][rwxXst]+/u.test(text));
      const words = operands(args, new Set(['reference']));
      const mode = symbolic ?? words[0];
      const target = words.find((word) => word !== mode && word !== symbolic);
      if (mode !== undefined)
        out.push({ mode: mode.text, target: target?.text ?? '', by: 'chmod', at: wordSpan(command, mode) });
    } else if (name === 'install' || name === 'mkdir') {
      const at = args.findIndex(
        ({ text }) => text === '-m' || text.startsWith('--mode') || /^-m[0-7]/u.test(text),
      );
      const word = args[at];
      if (at === -1 || word === undefined) continue;
      const mode =
        word.text === '-m' ? args[at + 1] : { ...word, text: word.text.replace(/^(?:--mode=?|-m)/u, '') };
      if (mode !== undefined)
        out.push({ mode: mode.text, target: args.at(-1)?.text ?? '', by: name, at: wordSpan(command, mode) });
    }
  }
  return out;
}

/** Everybody may write, and no sticky bit keeps them from each other's files. */
export function isWorldWritable(mode: string): boolean {
  if (/^[0-7]{3,5}$/u.test(mode)) {
    const value = Number.parseInt(mode, 8);
    return (value & 0o2) !== 0 && (value & 0o1000) === 0;
  }
  return mode.split(',').some((part) => /^(?:[ug]*[oa][ugoa]*)[+=][rxXst]*w/u.test(part)) && !/t/u.test(mode);
}

/** Runs with the rights of the file's owner. */
export function isSetuid(mode: string): boolean {
  if (/^[0-7]{4,5}$/u.test(mode)) return (Number.parseInt(mode, 8) & 0o4000) !== 0;
  return mode.split(',').some((part) => /^(?:[ugoa]*[ua][ugoa]*|)[+=][rwxX]*s/u.test(part));
}
