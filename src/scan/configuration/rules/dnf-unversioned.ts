import type { DockerfileRule } from '../rule.ts';
import { define } from './define.ts';
import { installRule, unversioned } from './installs.ts';
import { openRpmPackages } from './rpm-packages.ts';

export const dnfUnversioned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define(installRule('DL3041', 'dnf-unversioned', 'dnf', 'dnf install -y curl-7.76.1-34.el9')),
  check: (_file, context) =>
    unversioned(context, (command) => openRpmPackages(command, ['dnf', 'microdnf', 'dnf5', 'tdnf'])),
};
