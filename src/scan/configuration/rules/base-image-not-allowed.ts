import { imageMatches } from '../image.ts';
import type { DockerfileRule } from '../rule.ts';
import { describeBase } from './base-uses.ts';
import { define } from './define.ts';

export const baseImageNotAllowed: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD102',
    name: 'base-image-not-allowed',
    summary: 'An image is built on a base image that the policy does not list',
    why: 'Every package in the base image is attack surface and has to be patched. A short list of small, kept base images is what makes that possible.',
    help: 'Build the last stage on an image of the list (`allowedBaseImages` in the options of the stage configuration). Earlier stages, which only build, are not judged.',
    severity: 'medium',
    tags: ['base-image', 'attack-surface', 'CWE-1395', 'CIS-Docker-4.2', 'CIS-Docker-4.3'],
  }),
  *check(_file, { options, shipped }) {
    const allowed = options.allowedBaseImages;
    if (allowed === undefined) return;
    for (const stage of shipped) {
      let root = stage;
      while (root.parent !== null) root = root.parent;
      const { base } = root;
      const { image } = base;
      if (
        base.kind === 'scratch' ||
        (image !== null && allowed.some((pattern) => imageMatches(image, pattern)))
      )
        continue;
      yield {
        message: `${describeBase(base)} is not among the allowed base images`,
        at: base,
        context: `FROM ${base.raw}`,
      };
    }
  },
};
