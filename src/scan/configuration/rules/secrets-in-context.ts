import { buildContext, ignoreFileOf } from '../build-context.ts';
import { isInside, resolveInTree } from '../paths.ts';
import type { DockerfileRule, RuleHit } from '../rule.ts';
import { sources } from './copies.ts';
import { define } from './define.ts';

const SAMPLE =
  /(?:^|[/._-])(?:tests?|testdata|__tests__|spec|specs|fixtures?|examples?|samples?|mocks?|docs?|e2e)(?:[/._-]|$)/iu;

export const secretsInContext: DockerfileRule = {
  kind: 'dockerfile',
  rule: define({
    id: 'SPD109',
    name: 'secrets-in-copied-folder',
    summary: 'A folder with files that hold secrets is copied into the image',
    why: 'Files that lie in the folder come along with it: the keys and passwords are then in the image, for everyone who can pull it.',
    help: 'Leave them out with `.dockerignore`, or copy only what is needed. They are in the repository too: replace them.',
    severity: 'high',
    tags: ['secret', 'CWE-538', 'CWE-312', 'CIS-Docker-4.10'],
  }),
  *check(file, { tree, contexts }): Iterable<RuleHit> {
    const secret = tree.secretFiles.filter(({ verdict }) => verdict === 'secret');
    if (secret.length === 0) return;
    const context = buildContext(file, tree, contexts);
    const ignore = ignoreFileOf(file.source.path, context, tree);
    const told = new Set<string>();
    for (const instruction of file.instructions) {
      if (instruction.flags.some(({ name }) => name === 'from')) continue;
      for (const source of sources(instruction)) {
        if (/[*?[$]/u.test(source.expanded.value.replace(/\/\*$/u, ''))) continue;
        const folder = resolveInTree(context, source.expanded.value.replace(/^\/+/u, '').replace(/\*$/u, ''));
        if (folder === null || !tree.hasFolder(folder)) continue;
        const inside = secret.filter(({ path }) => {
          if (told.has(path) || !isInside(path, folder) || !isInside(path, context)) return false;
          return ignore?.leavesOut(context === '' ? path : path.slice(context.length + 1)) !== true;
        });
        if (inside.length === 0) continue;
        for (const { path } of inside) told.add(path);
        const names = inside.slice(0, 3).map(({ path, what }) => `${path.slice(-100)} (${what})`);
        const more = inside.length > 3 ? ` and ${inside.length - 3} more` : '';
        yield {
          message: `${instruction.keyword} ${source.text.slice(0, 60)} takes along ${names.join(', ')}${more}`,
          at: source,
          context: `${instruction.keyword} ${source.text} ${inside.map(({ path }) => path).join(' ')}`,
          severity: inside.every(({ path }) => SAMPLE.test(path))
            ? 'low'
            : inside.every(({ what }) => what === 'environment file')
              ? 'medium'
              : undefined,
        };
      }
    }
  },
};
