import type { DockerfileRule } from '../rule.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';
import { openRpmPackages } from './rpm-packages.ts';

export const yumUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(installRule('DL3033', 'yum-unversioned', 'yum', 'yum install -y curl-7.76.1-34.el9')),
  check: (_file, context) => unversioned(context, (command) => openRpmPackages(command, ['yum'])),
};
