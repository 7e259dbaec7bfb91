import type { DockerfileRule, RuleHit } from '../rule.ts';
import { lastUser, startsSomething, stepsDown, userOfImage } from '../runs-as.ts';
import { describeBase } from './base-uses.ts';
import { define } from './define.ts';

export const userMissing: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD103',
    name: 'no-user',
    summary: 'No USER is set, so the image runs as root',
    why: 'Without USER the process has the user of the base image, and that is root for almost every image. What breaks into it is root in the container, and close to root on the host.',
    help: 'Put `USER` with a numeric id of no rights at the end of the last stage: `USER 10001:10001`. If the base image already does so, list it in `nonRootBaseImages` in the options of the stage configuration.',
    helpUri: 'https://docs.docker.com/build/building/best-practices/#user',
    severity: 'medium',
    tags: ['root', 'CWE-250', 'CIS-Docker-4.1'],
  }),
  *check(_file, { shipped, options }): Iterable<RuleHit> {
    for (const stage of shipped) {
      if (lastUser(stage) !== null || !startsSomething(stage)) continue;
      let root = stage;
      while (root.parent !== null) root = root.parent;
      const { base } = root;
      if (/windows|nanoserver|servercore/u.test(base.expanded.value)) continue;
      const known = base.image === null ? null : userOfImage(base.image, options.nonRootBaseImages);
      const down = stepsDown(stage);
      if (known === 'not-root' || down === 'exec') continue;
      const says =
        known === 'steps-down' || down === 'installed'
          ? 'the image starts as root, though its entry point may step down by itself'
          : base.kind === 'scratch'
            ? 'an image from scratch runs as root'
            : base.kind === 'unknown'
              ? `the image runs as the user of ${describeBase(base)}, which cannot be known here`
              : `the image runs as the user of ${describeBase(base)}, which is root unless that image says otherwise`;
      const mild = known === 'steps-down' || down === 'installed' || base.kind === 'unknown';
      yield {
        message: `no USER is set: ${says}`,
        at: stage.instruction,
        context: `no USER in ${stage.name ?? 'the last stage'}`,
        severity: mild ? 'low' : undefined,
      };
    }
  },
};
