import type { SourceTree } from '../../platform/tree.ts';
import { type IgnoreFile, parseDockerignore } from './dockerignore.ts';
import { fileNameOf, folderOf } from './paths.ts';
import { readSecretFiles } from './secret-files.ts';
import type { TreeFacts } from './tree-facts.ts';

const MAX_IGNORE_BYTES = 1024 * 1024;

/**
 * Gathers what rules need to know of the tree: names, files that promise secrets, ignore files. `environmentFiles`
 * are read as environment files whatever they are called.
 */
export async function readTreeFacts(
  tree: SourceTree,
  excluded: (path: string) => boolean,
  environmentFiles: ReadonlySet<string>,
): Promise<TreeFacts> {
  const files = new Set<string>();
  const folders = new Set<string>(['']);
  const ignores = new Map<string, IgnoreFile>();
  for (const { path, kind } of tree.entries) {
    if (kind !== 'file') continue;
    files.add(path);
    for (let folder = folderOf(path); !folders.has(folder); folder = folderOf(folder)) folders.add(folder);
    if (!/(?:^|\.)(?:docker|container)ignore$/iu.test(fileNameOf(path))) continue;
    // An ignore file that cannot be read leaves nothing out: the rules then see more, not less.
    const bytes = await tree.read(path, MAX_IGNORE_BYTES).catch(() => null);
    ignores.set(path, parseDockerignore(path, bytes?.toString('utf8') ?? ''));
  }
  const secrets = await readSecretFiles(tree, excluded, environmentFiles);
  return {
    hasFile: (path) => files.has(path),
    hasFolder: (path) => folders.has(path),
    secretFiles: secrets.files,
    environment: (folder) => secrets.environments.get(folder) ?? null,
    ignoreFile: (path) => ignores.get(path) ?? null,
  };
}
