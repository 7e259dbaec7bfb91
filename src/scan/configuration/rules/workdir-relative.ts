import type { DockerfileRule } from '../rule.ts';
import { define } from './define.ts';

export const workdirRelative: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL3000',
    name: 'workdir-relative',
    summary: 'A WORKDIR is relative',
    why: 'A relative WORKDIR depends on the one before it, which may be that of the base image: files land elsewhere when the base image changes.',
    help: 'Write the whole path: `WORKDIR /srv/app`.',
    severity: 'info',
    tags: ['reproducibility'],
  }),
  *check(file) {
    for (const { keyword, args } of file.instructions) {
      const [path] = args;
      if (keyword !== 'WORKDIR' || path === undefined) continue;
      if (/^(?:[/\\$%]|[A-Za-z]:)/u.test(path.text) || path.expanded.value.startsWith('/')) continue;
      yield {
        message: `WORKDIR ${path.text.slice(0, 80)} is relative`,
        at: path,
        context: `WORKDIR ${path.text}`,
      };
    }
  },
};
