import { anyIgnoreFile, buildContext, isWorkFolder } from '../build-context.ts';
import type { DockerfileRule } from '../rule.ts';
import { copiesContext } from './copies.ts';
import { define } from './define.ts';

export const dockerignoreMissing: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD110',
    name: 'dockerignore-missing',
    summary: 'The whole folder is copied into the image, and no .dockerignore leaves anything out',
    why: 'What lies in the folder of whoever builds comes along: `.git` with all that was ever committed, `.env` files, keys, local dependencies.',
    help: 'Add a `.dockerignore` with at least `.git`, `.env*` and what the build makes itself, or copy only what is needed.',
    helpUri: 'https://docs.docker.com/build/concepts/context/#dockerignore-files',
    severity: 'low',
    tags: ['hygiene', 'secret', 'CWE-538'],
  }),
  *check(file, { tree, contexts }) {
    const copy = file.instructions.find(copiesContext);
    if (copy === undefined || anyIgnoreFile(file.source.path, tree)) return;
    const folder = buildContext(file, tree, contexts);
    if (!isWorkFolder(folder, tree)) return;
    yield {
      message: `${copy.keyword} takes in the whole folder${folder === '' ? '' : ` ${folder}`}, which has no .dockerignore`,
      at: copy,
      context: 'no .dockerignore',
    };
  },
};
