import type { DockerfileRule } from '../rule.ts';
import { operands } from '../shell/commands.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';

const VALUED = new Set(
  't virtual X repository p root repositories-file keys-dir arch cache-dir wait'.split(' '),
);

export const apkUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(installRule('DL3018', 'apk-unversioned', 'apk', 'apk add curl=8.17.0-r1')),
  check: (_file, context) =>
    unversioned(context, ({ invocation: { name, args } }) => {
      if (name !== 'apk') return null;
      const [action, ...packages] = operands(args, VALUED);
      if (action?.text !== 'add') return null;
      return packages.filter(({ text }) => !/[=~<>]|\.apk$/u.test(text));
    }),
};
