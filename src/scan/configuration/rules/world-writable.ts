import type { DockerfileRule } from '../rule.ts';
import { define } from './define.ts';
import { clip } from './installs.ts';
import { givenModes, isWorldWritable } from './modes.ts';

export const worldWritable: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD114',
    name: 'world-writable',
    summary: 'Files are made writable for everybody',
    why: 'A process that was broken into, whatever its user, can replace the programs or the configuration of all others.',
    help: 'Give the files to the user that needs them (`COPY --chown=`, `chown`) with mode 755, 750 or 644. A shared folder needs the sticky bit: 1777.',
    severity: 'low',
    tags: ['permissions', 'CWE-732'],
  }),
  *check(file, { commands }) {
    for (const { mode, target, by, at } of givenModes(file, commands)) {
      if (!isWorldWritable(mode)) continue;
      yield {
        message: `${by} ${mode} makes ${clip(target)} writable for everybody`,
        at,
        context: `${by} ${mode} ${target}`,
      };
    }
  },
};
