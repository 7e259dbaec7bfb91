import type { DockerfileRule } from '../rule.ts';
import { baseUses, describeBase } from './base-uses.ts';
import { define } from './define.ts';

export const baseImageUntagged: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL3006',
    name: 'base-image-untagged',
    summary: 'A base image has neither a tag nor a digest',
    why: 'Without a tag the builder takes `latest`: what the image is made of changes without a change in the repository, and nobody can say afterwards what was built.',
    help: 'Name a version and its digest: `FROM node:24.1.0-slim@sha256:…`. `docker buildx imagetools inspect IMAGE` prints the digest.',
    severity: 'medium',
    tags: ['unpinned-image', 'reproducibility', 'supply-chain', 'CWE-1357', 'CIS-Docker-4.2'],
  }),
  *check(file) {
    for (const { base, keyword } of baseUses(file)) {
      if (base.image === null || base.image.tag !== null || base.image.digest !== null) continue;
      yield {
        message: `${describeBase(base)} has no tag and no digest`,
        at: base,
        more: base.from,
        context: `${keyword} ${base.raw}`,
      };
    }
  },
};
