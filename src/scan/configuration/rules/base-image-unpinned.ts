import type { DockerfileRule } from '../rule.ts';
import { baseUses, describeBase } from './base-uses.ts';
import { define } from './define.ts';

export const baseImageUnpinned: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD101',
    name: 'base-image-not-pinned',
    summary: 'A base image is not pinned by digest',
    why: 'A tag can be moved, by its owner or by whoever took over the account: the next build then silently contains something else. Only a digest names the bytes.',
    help: 'Add the digest behind the tag: `FROM node:24.1.0-slim@sha256:…` (`docker buildx imagetools inspect IMAGE` prints it; Renovate and Dependabot keep it current). Images without a tag are found by DL3006, `latest` by DL3007.',
    helpUri: 'https://docs.docker.com/build/building/best-practices/#pin-base-image-versions',
    severity: 'medium',
    tags: ['unpinned-image', 'reproducibility', 'supply-chain', 'CWE-1357', 'CIS-Docker-4.2'],
  }),
  *check(file) {
    for (const { base, keyword } of baseUses(file)) {
      const context = `${keyword} ${base.raw}`;
      if (base.kind === 'unknown') {
        // A digest behind a variable name is a digest all the same.
        if (/@sha256:[0-9a-f]{64}$/iu.test(base.expanded.value)) continue;
        const names = [...new Set(base.expanded.unknown)];
        const why =
          names.length === 0
            ? 'is no image reference that can be read here'
            : `depends on ${names.join(', ')}, which has no default: which image it is cannot be known here`;
        yield { message: `${base.raw} ${why}, so it counts as not pinned`, at: base, context };
      } else if (base.image !== null && base.image.tag !== null && base.image.tag !== 'latest') {
        if (base.image.digest !== null) continue;
        yield {
          message: `${describeBase(base)} is not pinned by digest`,
          at: base,
          more: base.from,
          context,
        };
      }
    }
  },
};
