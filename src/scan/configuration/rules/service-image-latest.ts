import { serviceContext } from '../compose/services.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';
import { serviceImages } from './service-images.ts';

export const serviceImageLatest: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC102',
    name: 'service-image-latest',
    summary: 'A service starts an image by the tag `latest`',
    why: '`latest` is moved with every release: what is started changes without a change in the repository.',
    help: 'Name a version and its digest: `image: postgres:17.6@sha256:…`.',
    severity: 'medium',
    tags: ['unpinned-image', 'reproducibility', 'supply-chain', 'CWE-1357', 'CIS-Docker-5.28'],
  }),
  *check(file, context) {
    for (const { service, text, image, at } of serviceImages(file, context)) {
      if (image?.tag !== 'latest' || image.digest !== null) continue;
      yield {
        message: `${text.slice(0, 200)} is taken by the tag latest`,
        at,
        context: serviceContext(service, `image ${text}`),
      };
    }
  },
};
