import { folderOf, resolveInTree } from '../paths.ts';
import type { ComposeRule } from '../rule.ts';
import { define } from './define.ts';

export const envFileSecrets: ComposeRule = {
  kind: 'compose',
  rule: define({
    id: 'SPC113',
    name: 'env-file-with-secrets',
    summary: 'An env_file that holds secrets lies in the repository',
    why: 'The secrets lie in every clone of the repository and in its history.',
    help: 'Take the file out of the repository (`.gitignore`), keep a sample without values, and replace the secrets.',
    severity: 'medium',
    tags: ['secret', 'CWE-798', 'CWE-538'],
  }),
  *check(file, { tree }) {
    for (const { kind, path: named, start, end } of file.references) {
      if (kind !== 'env_file') continue;
      const path = resolveInTree(folderOf(file.source.path), named);
      const known = tree.secretFiles.find((each) => each.path === path);
      if (known === undefined || known.names.length === 0) continue;
      const names = known.names.slice(0, 5).join(', ');
      const more = known.names.length > 5 ? ` and ${known.names.length - 5} more` : '';
      yield {
        message: `${named.slice(0, 200)} is in the tree and sets ${names}${more}`,
        at: { start, end },
        context: `env_file ${named}`,
      };
    }
  },
};
