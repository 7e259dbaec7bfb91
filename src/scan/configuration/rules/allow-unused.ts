import type { CommentRule } from '../rule.ts';
import { define } from './define.ts';

export const allowUnused: CommentRule = {
  kind: 'comment',
  rule: define({
    id: 'SPX002',
    name: 'allow-unused',
    summary: 'An allow-comment lets nothing pass',
    why: 'It is a leftover, a misspelt rule, or it stands at the wrong line; left there it will let pass what comes next.',
    help: 'Remove the comment, or put it on the line above the instruction that it is about, with the id of the rule.',
    severity: 'low',
    tags: ['suppression'],
  }),
};
