import type { DockerfileRule } from '../rule.ts';
import { operands, optionNames } from '../shell/commands.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';

const VALUED = new Set(
  'abi b build config-settings C extra-index-url f find-links i index-url implementation no-binary only-binary platform prefix progress-bar proxy python python-version root root-user-action src t target timeout retries trusted-host cert client-cert cache-dir log upgrade-strategy e editable'.split(
    ' ',
  ),
);
/** These name a file that holds the versions. */
const FROM_FILE = ['r', 'requirement', 'c', 'constraint', 'require-hashes', 'group'];
const VCS = /^(?:git|hg|svn|bzr)\+/u;

export const pipUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(installRule('DL3013', 'pip-unversioned', 'pip', 'pip install requests==2.32.5')),
  check: (_file, context) =>
    unversioned(context, ({ invocation: { name, args } }) => {
      const words = pipArguments(
        name,
        args.map(({ text }) => text),
      );
      if (words === -1) return null;
      const rest = args.slice(words);
      const names = optionNames(rest);
      if (FROM_FILE.some((option) => names.has(option))) return null;
      const [action, ...packages] = operands(rest, VALUED);
      if (action?.text !== 'install' || packages.some(({ text }) => text === '.')) return null;
      return packages.filter(({ text }) => !isVersioned(text));
    }),
};

/** How many words stand before pip's own arguments; -1 where it is not pip. */
function pipArguments(name: string, args: string[]): number {
  if (/^pip[0-9.]*$/u.test(name)) return 0;
  if (name === 'uv' && args[0] === 'pip') return 1;
  if (!/^(?:python|pypy)[0-9.]*$/u.test(name)) return -1;
  const at = args.indexOf('-m');
  return at !== -1 && args[at + 1] === 'pip' ? at + 2 : -1;
}

function isVersioned(text: string): boolean {
  if (VCS.test(text) || text.startsWith('git://')) return text.slice(text.indexOf('://') + 3).includes('@');
  return (
    /[=<>~]=?|!=/u.test(text) ||
    text.includes(' @ ') ||
    /\.(?:whl|tar\.gz|zip)$/u.test(text) ||
    text.includes('/')
  );
}
