import type { DockerfileRule } from '../rule.ts';
import { operands } from '../shell/commands.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';

const VALUED = new Set('t type r repo from C D R root reposd-dir cache-dir p plus-repo'.split(' '));

export const zypperUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(installRule('DL3037', 'zypper-unversioned', 'zypper', 'zypper install -y curl=8.14.1')),
  check: (_file, context) =>
    unversioned(context, ({ invocation: { name, args } }) => {
      if (name !== 'zypper') return null;
      const [action, ...packages] = operands(args, VALUED);
      if (action?.text !== 'install' && action?.text !== 'in') return null;
      return packages.filter(({ text }) => !/[=<>/]|\.rpm$/u.test(text));
    }),
};
