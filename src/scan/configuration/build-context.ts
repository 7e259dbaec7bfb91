import type { Dockerfile } from './dockerfile/model.ts';
import type { IgnoreFile } from './dockerignore.ts';
import { fileNameOf, folderOf, resolveInTree } from './paths.ts';
import { sources } from './rules/copies.ts';
import type { TreeFacts } from './tree-facts.ts';

/**
 * The folder of the tree that a Dockerfile is built in: what compose files say, else the one of its own folder and
 * the root in which more of the copied files are found.
 */
export function buildContext(file: Dockerfile, tree: TreeFacts, named: readonly string[]): string {
  if (named[0] !== undefined) return named[0];
  const own = folderOf(file.source.path);
  if (own === '') return '';
  let score = 0;
  for (const instruction of file.instructions) {
    if (instruction.flags.some(({ name }) => name === 'from')) continue;
    for (const { expanded } of sources(instruction)) {
      if (/[*?[$]/u.test(expanded.value)) continue;
      const inTree = (folder: string): boolean => {
        const path = resolveInTree(folder, expanded.value.replace(/^\/+/u, ''));
        return path !== null && path !== folder && (tree.hasFile(path) || tree.hasFolder(path));
      };
      score += Number(inTree(own)) - Number(inTree(''));
    }
  }
  return score < 0 ? '' : own;
}

/** The ignore file that builders use: beside the Dockerfile by its name, else in the context. */
export function ignoreFileOf(path: string, context: string, tree: TreeFacts): IgnoreFile | null {
  const inContext = (name: string): string => (context === '' ? name : `${context}/${name}`);
  return (
    tree.ignoreFile(`${path}.dockerignore`) ??
    tree.ignoreFile(`${path}.containerignore`) ??
    tree.ignoreFile(inContext('.containerignore')) ??
    tree.ignoreFile(inContext('.dockerignore'))
  );
}

/** Whether any folder that could be the context has an ignore file: then none can be said to be missing. */
export function anyIgnoreFile(path: string, tree: TreeFacts): boolean {
  for (let folder = folderOf(path); ; folder = folderOf(folder)) {
    if (ignoreFileOf(path, folder, tree) !== null) return true;
    if (folder === '') return false;
  }
}

const MANIFESTS =
  'package.json requirements.txt pyproject.toml setup.py Pipfile pom.xml build.gradle build.gradle.kts go.mod Cargo.toml composer.json Gemfile mix.exs'.split(
    ' ',
  );

/** Whether a folder is one in which people work: the root, or one with a package manifest. */
export function isWorkFolder(folder: string, tree: TreeFacts): boolean {
  return folder === '' || MANIFESTS.some((name) => tree.hasFile(`${folder}/${fileNameOf(name)}`));
}
