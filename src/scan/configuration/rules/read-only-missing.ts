import { entryOf } from '../compose/yaml.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';
import { lacking } from './lacking.ts';

export const readOnlyMissing: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC117',
    name: 'read-only-missing',
    summary: 'Services can write to the files of their image',
    why: 'With a read-only root file system what breaks in cannot replace programs or leave tools behind.',
    help: 'Add `read_only: true`, and `tmpfs: [/tmp]` or volumes for what has to be written.',
    severity: 'info',
    tags: ['confinement', 'CWE-732', 'CIS-Docker-5.13'],
  }),
  check: (file) => lacking(file, 'set read_only', ({ node }) => entryOf(node, 'read_only') !== null),
};
