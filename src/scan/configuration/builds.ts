import type { Problem } from '../../model/error.ts';
import { interpolate } from './compose/interpolate.ts';
import type { Build, ComposeFile } from './compose/model.ts';
import { variablesOf } from './compose/services.ts';
import type { Dockerfile } from './dockerfile/model.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import { folderOf, resolveInTree } from './paths.ts';
import { SourceText } from './text.ts';
import type { TreeFacts } from './tree-facts.ts';

/** What compose files say of how a Dockerfile of the tree is built. */
export interface BuildFacts {
  /** Stage names, lower case. */
  targets: Set<string>;
  /** Folders of the tree that are build contexts; '' is the root. */
  contexts: Set<string>;
  /** Build arguments with a literal value; the first compose file that gives one counts. */
  args: Map<string, string>;
}

/** By path of the Dockerfile. Contexts and Dockerfiles outside of the tree are left out. */
export function buildsOf(files: readonly ComposeFile[], tree: TreeFacts): Map<string, BuildFacts> {
  const builds = new Map<string, BuildFacts>();
  for (const { source, services } of files) {
    const environment = tree.environment(folderOf(source.path));
    for (const { build } of services) {
      if (build === null || build.inline !== null) continue;
      const context = resolveInTree(folderOf(source.path), build.context);
      const path = context === null ? null : resolveInTree(context, build.dockerfile ?? 'Dockerfile');
      if (context === null || path === null || path === '') continue;
      const facts = builds.get(path) ?? { targets: new Set(), contexts: new Set(), args: new Map() };
      facts.contexts.add(context);
      if (build.target !== null) facts.targets.add(build.target.toLowerCase());
      addArguments(facts, build, environment);
      builds.set(path, facts);
    }
  }
  return builds;
}

function addArguments(
  facts: BuildFacts,
  { args }: Build,
  environment: ReadonlyMap<string, string> | null,
): void {
  for (const { name, text } of variablesOf(args)) {
    const value = text === null ? null : interpolate(text, environment);
    if (value !== null && value.unknown.length === 0 && !facts.args.has(name))
      facts.args.set(name, value.value);
  }
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

interface InlineDockerfile {
  file: Dockerfile | null;
  build: BuildFacts;
  problem: Problem | null;
}

/**
 * The Dockerfiles that stand in a compose file (`dockerfile_inline: |`). Each is read from a copy of the file in
 * which everything around the block is blank, so that its places are those of the compose file. What that does not
 * work for (a quoted or folded text, a heredoc, whose end must not be indented) is a problem.
 */
export function inlineDockerfiles({ source, services }: ComposeFile, tree: TreeFacts): InlineDockerfile[] {
  const environment = tree.environment(folderOf(source.path));
  return services.flatMap(({ build }): InlineDockerfile[] => {
    if (build?.inline == null) return [];
    const { node, text } = build.inline;
    const context = resolveInTree(folderOf(source.path), build.context);
    const facts: BuildFacts = {
      targets: new Set(build.target === null ? [] : [build.target.toLowerCase()]),
      contexts: new Set(context === null ? [] : [context]),
      args: new Map(),
    };
    addArguments(facts, build, environment);
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
    return [
      {
        file: parseDockerfile(new SourceText(source.path, copy), facts.args),
        build: facts,
        problem: null,
      },
    ];
  });
}
