import type { DockerfileRule } from '../rule.ts';
import { wildcardMatch } from '../wildcard.ts';
import { baseUses, describeBase } from './base-uses.ts';
import { define } from './define.ts';

export const registryNotAllowed: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'DL3026',
    name: 'registry-not-allowed',
    summary: 'An image comes from a registry that the policy does not list',
    why: 'Registries differ in who may push and what is checked. Images from outside the list bypass the mirror, the scanning and the audit trail.',
    help: 'Take the image from a registry of the list (`allowedRegistries` in the options of the stage configuration), or mirror it there.',
    severity: 'high',
    tags: ['base-image', 'supply-chain', 'CWE-829'],
  }),
  *check(file, { options }) {
    const allowed = options.allowedRegistries;
    if (allowed === undefined) return;
    for (const { base, keyword } of baseUses(file)) {
      const registry = base.image?.registry;
      if (registry !== undefined && allowed.some((pattern) => wildcardMatch(pattern, registry))) continue;
      const where = registry === undefined ? 'a registry that cannot be known here' : registry;
      yield {
        message: `${describeBase(base)} comes from ${where}, which is not among the allowed registries`,
        at: base,
        context: `${keyword} ${base.raw}`,
      };
    }
  },
};
