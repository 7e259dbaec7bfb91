import type { ComposeFile } from './compose/model.ts';
import { folderOf, resolveInTree } from './paths.ts';

/** What compose files say of how a Dockerfile of the tree is built. */
export interface BuildFacts {
  /** Stage names, lower case. */
  targets: Set<string>;
  /** Folders of the tree that are build contexts; '' is the root. */
  contexts: Set<string>;
}

/** By path of the Dockerfile. Contexts and Dockerfiles outside of the tree are left out. */
export function buildsOf(files: readonly ComposeFile[]): Map<string, BuildFacts> {
  const builds = new Map<string, BuildFacts>();
  for (const { source, services } of files) {
    for (const { build } of services) {
      if (build === null || build.inline !== null) continue;
      const context = resolveInTree(folderOf(source.path), build.context);
      const path = context === null ? null : resolveInTree(context, build.dockerfile ?? 'Dockerfile');
      if (context === null || path === null || path === '') continue;
      const facts = builds.get(path) ?? { targets: new Set(), contexts: new Set() };
      facts.contexts.add(context);
      if (build.target !== null) facts.targets.add(build.target.toLowerCase());
      builds.set(path, facts);
    }
  }
  return builds;
}
