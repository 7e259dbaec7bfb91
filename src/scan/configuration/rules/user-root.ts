import type { DockerfileRule, RuleHit } from '../rule.ts';
import { isRootUser, lastUser, stepsDown } from '../runs-as.ts';
import { define } from './define.ts';

export const userRoot: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL3002',
    name: 'last-user-root',
    summary: 'The last USER is root',
    why: 'What breaks into the process is root in the container: it can change every file of the image, and a hole in the runtime or a mount makes it root on the host.',
    help: 'Put `USER` with a numeric id of no rights at the end of the last stage, after everything that needs root: `USER 10001:10001`.',
    severity: 'medium',
    tags: ['root', 'CWE-250', 'CIS-Docker-4.1'],
  }),
  *check(_file, { shipped }): Iterable<RuleHit> {
    for (const stage of shipped) {
      const last = lastUser(stage);
      if (last === null || !isRootUser(last.user)) continue;
      const down = stepsDown(stage);
      if (down === 'exec') continue;
      yield {
        message:
          down === null
            ? `the image runs as root (USER ${last.user.slice(0, 40)})`
            : `the image starts as root (USER ${last.user.slice(0, 40)}); it holds gosu or su-exec, so its entry point may step down by itself`,
        at: last.instruction,
        context: `${last.instruction.args.map(({ text }) => text).join(' ')} ${stage.name ?? ''}`,
        severity: down === null ? undefined : 'low',
      };
    }
  },
};
