import type { CommentRule } from '../rule.ts';
import { define } from './define.ts';

export const allowWithoutReason: CommentRule = {
  kind: 'comment',
  rule: define({
    id: 'SPX001',
    name: 'allow-without-reason',
    summary: 'An allow-comment gives no reason',
    why: 'A finding that somebody let pass without saying why cannot be reviewed, and nobody knows when it may go.',
    help: 'Write why behind the rule: `# sallyport:allow DL3008 the mirror keeps one version only`. Until then the comment lets nothing pass.',
    severity: 'low',
    tags: ['suppression'],
  }),
};
