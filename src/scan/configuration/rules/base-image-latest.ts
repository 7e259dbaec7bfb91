import type { DockerfileRule } from '../rule.ts';
import { baseUses, describeBase } from './base-uses.ts';
import { define } from './define.ts';

export const baseImageLatest: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL3007',
    name: 'base-image-latest',
    summary: 'A base image is taken by the tag `latest`',
    why: '`latest` is moved with every release of the image: what is built changes without a change in the repository.',
    help: 'Name a version and its digest: `FROM node:24.1.0-slim@sha256:…`.',
    severity: 'medium',
    tags: ['unpinned-image', 'reproducibility', 'supply-chain', 'CWE-1357', 'CIS-Docker-4.2'],
  }),
  *check(file) {
    for (const { base, keyword } of baseUses(file)) {
      if (base.image?.tag !== 'latest' || base.image.digest !== null) continue;
      yield {
        message: `${describeBase(base)} is taken by the tag latest`,
        at: base,
        more: base.from,
        context: `${keyword} ${base.raw}`,
      };
    }
  },
};
