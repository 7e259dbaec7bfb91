import type { Problem } from '../../model/error.ts';
import type { ComposeFile } from './compose/model.ts';
import type { Dockerfile } from './dockerfile/model.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import { folderOf, resolveInTree } from './paths.ts';
import { SourceText } from './text.ts';

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

/** Files of the tree that services name by `env_file`. */
export function environmentFiles(files: readonly ComposeFile[]): Set<string> {
  const paths = new Set<string>();
  for (const { source, references } of files) {
    for (const { kind, path } of references) {
      const resolved = kind === 'env_file' ? resolveInTree(folderOf(source.path), path) : null;
      if (resolved !== null) paths.add(resolved);
    }
  }
  return paths;
}

export interface InlineDockerfile {
  file: Dockerfile | null;
  build: BuildFacts;
  problem: Problem | null;
}

/**
 * The Dockerfiles that stand in a compose file (`dockerfile_inline: |`). Each is read from a copy of the file in
 * which everything around the block is blank, so that its places are those of the compose file. What that does not
 * work for (a quoted or folded text, a heredoc, whose end must not be indented) is a problem.
 */
export function inlineDockerfiles({ source, services }: ComposeFile): InlineDockerfile[] {
  return services.flatMap(({ build }): InlineDockerfile[] => {
    if (build?.inline == null) return [];
    const { node, text } = build.inline;
    const context = resolveInTree(folderOf(source.path), build.context);
    const facts: BuildFacts = {
      targets: new Set(build.target === null ? [] : [build.target.toLowerCase()]),
      contexts: new Set(context === null ? [] : [context]),
    };
    const header = source.text.slice(node.start, node.end).split('\n', 1)[0] ?? '';
    if (!/^\|[-+0-9]*\s*(?:#.*)?$/u.test(header.trim()) || text.includes('<<')) {
      const problem: Problem = {
        code: 'SP-CONFIGURATION-SYNTAX',
        message: 'this dockerfile_inline cannot be read with exact places',
        expected: 'a literal block (`|`) without heredocs',
        place: source.place(node),
        next: 'move it into a Dockerfile of its own',
      };
      return [{ file: null, build: facts, problem }];
    }
    const blank = (part: string): string => part.replace(/[^\n]/gu, ' ');
    const start = node.start + header.length;
    const copy =
      blank(source.text.slice(0, start)) +
      source.text.slice(start, node.end) +
      blank(source.text.slice(node.end));
    return [{ file: parseDockerfile(new SourceText(source.path, copy)), build: facts, problem: null }];
  });
}
