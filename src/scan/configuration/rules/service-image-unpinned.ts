import { serviceContext } from '../compose/services.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';
import { serviceImages } from './service-images.ts';

export const serviceImageUnpinned: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC103',
    name: 'service-image-not-pinned',
    summary: 'A service starts an image that is not pinned by digest',
    why: 'A tag can be moved, by its owner or by whoever took over the account. Only a digest names the bytes.',
    help: 'Add the digest behind the tag: `image: postgres:17.6@sha256:…` (`docker buildx imagetools inspect IMAGE` prints it).',
    severity: 'low',
    tags: ['unpinned-image', 'reproducibility', 'supply-chain', 'CWE-1357'],
  }),
  *check(file, context) {
    for (const { service, text, image, unknown, at } of serviceImages(file, context)) {
      const identity = serviceContext(service, `image ${text}`);
      const shown = text.slice(0, 200);
      if (unknown.length > 0) {
        if (/@sha256:[0-9a-f]{64}$/iu.test(text)) continue;
        const names = [...new Set(unknown)].join(', ').slice(0, 200);
        yield {
          message: `${shown} depends on ${names}, which has no default: which image it is cannot be known here`,
          at,
          context: identity,
        };
      } else if (image === null) {
        yield { message: `${shown} is no image reference that can be read here`, at, context: identity };
      } else if (image.digest === null && image.tag !== null && image.tag !== 'latest') {
        yield { message: `${shown} is not pinned by digest`, at, context: identity };
      }
    }
  },
};
