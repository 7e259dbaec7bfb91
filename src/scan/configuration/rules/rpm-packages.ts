import type { RunCommand } from '../rule.ts';
import { operands } from '../shell/commands.ts';
import type { Word } from '../shell/model.ts';
import { namesDeclared } from './installs.ts';

const VALUED = new Set(
  'c config x exclude setopt enablerepo disablerepo repo repoid installroot releasever forcearch advisory comment d e R'.split(
    ' ',
  ),
);

/** The packages of `yum install` and the like that name no version; null for another command. */
export function openRpmPackages(command: RunCommand, programs: readonly string[]): Word[] | null {
  const { name, args } = command.invocation;
  if (!programs.includes(name)) return null;
  const words = operands(args, VALUED);
  const at = words.findIndex(({ text }) => text === 'install' || text === 'localinstall');
  if (at === -1 || at > 1) return null;
  const before = words[at - 1]?.text;
  if (before === 'group' || (before !== undefined && before !== 'module')) return null;
  const packages = words.slice(at + 1);
  if (before === 'module') return packages.filter(({ text }) => !text.includes(':'));
  return packages.filter((word) => !isVersioned(word.text, command));
}

/** `name-1.2-3`, a file or URL, a package group (`@tools`), or a version that ENV or ARG gives. */
function isVersioned(text: string, command: RunCommand): boolean {
  if (text.endsWith('.rpm') || text.includes('/') || text.startsWith('@')) return true;
  if (text.includes('$')) return text.includes('-') && namesDeclared(text, command);
  return /-[0-9][\w.~^:+]*(?:-[\w.~^:+]+)?$/u.test(text) || /[=<>]/u.test(text);
}
