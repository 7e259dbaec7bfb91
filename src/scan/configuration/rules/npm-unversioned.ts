import type { DockerfileRule } from '../rule.ts';
import { operands } from '../shell/commands.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';

const VALUED = new Set(
  'loglevel registry prefix C cache userconfig globalconfig tag omit include w workspace modules-folder cwd install-strategy before'.split(
    ' ',
  ),
);
const INSTALL = new Set(['install', 'i', 'add', 'in', 'ins']);

export const npmUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(installRule('DL3016', 'npm-unversioned', 'npm', 'npm install --global serve@14.2.4')),
  check: (_file, context) =>
    unversioned(context, ({ invocation: { name, args } }) => {
      if (!['npm', 'yarn', 'pnpm'].includes(name)) return null;
      let [action, ...packages] = operands(args, VALUED);
      if (name === 'yarn' && action?.text === 'global') [action, ...packages] = packages;
      if (action === undefined || !INSTALL.has(action.text)) return null;
      return packages.filter(({ text }) => !isVersioned(text));
    }),
};

function isVersioned(text: string): boolean {
  if (/^git(?:\+(?:ssh|https?|file))?:\/\//u.test(text)) return text.includes('#');
  if (/\.(?:tar|tgz|tar\.gz)$/u.test(text) || /^(?:\/|\.|~\/|file:|https?:)/u.test(text)) return true;
  return text.slice(1).includes('@');
}
