import type { DockerfileRule } from '../rule.ts';
import { define } from './define.ts';
import { clip } from './installs.ts';
import { givenModes, isSetuid } from './modes.ts';

export const setuid: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD115',
    name: 'setuid',
    summary: 'A program is made setuid',
    why: 'Everybody in the container runs it with the rights of its owner: the usual way from an unprivileged process back to root.',
    help: 'Do without the bit. For one right of root give a capability (`setcap cap_net_bind_service=+ep`); to drop rights at start use `USER`.',
    severity: 'medium',
    tags: ['permissions', 'root', 'CWE-250', 'CIS-Docker-4.8'],
  }),
  *check(file, { commands }) {
    for (const { mode, target, by, at } of givenModes(file, commands)) {
      if (!isSetuid(mode)) continue;
      yield { message: `${by} ${mode} makes ${clip(target)} setuid`, at, context: `${by} ${mode} ${target}` };
    }
  },
};
