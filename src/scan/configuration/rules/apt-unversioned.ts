import type { DockerfileRule } from '../rule.ts';
import { operands } from '../shell/commands.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';

const VALUED = new Set([
  't',
  'target-release',
  'default-release',
  'o',
  'option',
  'c',
  'config-file',
  'a',
  'host-architecture',
]);

export const aptUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(installRule('DL3008', 'apt-unversioned', 'apt-get', 'apt-get install -y curl=8.14.1-2')),
  check: (_file, context) =>
    unversioned(context, ({ invocation: { name, args } }) => {
      if (!['apt-get', 'apt', 'aptitude'].includes(name)) return null;
      const [action, ...packages] = operands(args, VALUED);
      if (action?.text !== 'install') return null;
      return packages.filter(({ text }) => !/[=/]|\.deb$/u.test(text));
    }),
};
