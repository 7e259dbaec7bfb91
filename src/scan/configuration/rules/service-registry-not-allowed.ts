import { serviceContext } from '../compose/services.ts';
import type { ComposeRule } from '../rule.ts';
import { wildcardMatch } from '../wildcard.ts';
import { define } from './define.ts';
import { serviceImages } from './service-images.ts';

export const serviceRegistryNotAllowed: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC104',
    name: 'service-registry-not-allowed',
    summary: 'A service starts an image from a registry that the policy does not list',
    why: 'Registries differ in who may push and what is checked. Images from outside the list bypass the mirror, the scanning and the audit trail.',
    help: 'Take the image from a registry of the list (`allowedRegistries` in the options of the stage configuration), or mirror it there.',
    severity: 'high',
    tags: ['supply-chain', 'CWE-829'],
  }),
  *check(file, context) {
    const allowed = context.options.allowedRegistries;
    if (allowed === undefined) return;
    for (const { service, text, image, at } of serviceImages(file, context)) {
      const registry = image?.registry;
      if (registry !== undefined && allowed.some((pattern) => wildcardMatch(pattern, registry))) continue;
      yield {
        message: `${text.slice(0, 200)} comes from ${registry ?? 'a registry that cannot be known here'}, which is not among the allowed registries`,
        at,
        context: serviceContext(service, `image ${text}`),
      };
    }
  },
};
