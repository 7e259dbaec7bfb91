import { serviceContext } from '../compose/services.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';
import { serviceImages } from './service-images.ts';

export const serviceImageUntagged: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC101',
    name: 'service-image-untagged',
    summary: 'A service starts an image that has neither a tag nor a digest',
    why: 'Without a tag `latest` is taken: what is started changes without a change in the repository.',
    help: 'Name a version and its digest: `image: postgres:17.6@sha256:…`.',
    severity: 'medium',
    tags: ['unpinned-image', 'reproducibility', 'supply-chain', 'CWE-1357', 'CIS-Docker-5.28'],
  }),
  *check(file, context) {
    for (const { service, text, image, at } of serviceImages(file, context)) {
      if (image === null || image.tag !== null || image.digest !== null) continue;
      yield {
        message: `${text.slice(0, 200)} has no tag and no digest`,
        at,
        context: serviceContext(service, `image ${text}`),
      };
    }
  },
};
