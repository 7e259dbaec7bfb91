import type { Problem } from '../../model/error.ts';
import type { EmbeddedEngine, EngineInput, EngineOutput, Hit } from '../engine.ts';
import { ImageBom } from './bom.ts';
import { buildsOf, environmentFiles, inlineDockerfiles } from './builds.ts';
import { checkCompose, checkDockerfile } from './check.ts';
import type { ComposeFile, Reference } from './compose/model.ts';
import { parseCompose } from './compose/parse.ts';
import { parseDockerfile } from './dockerfile/parse.ts';
import { kindOfFile } from './files.ts';
import { type ConfigurationOptions, configurationDirections, parseConfigurationOptions } from './options.ts';
import { folderOf, resolveInTree } from './paths.ts';
import { FileReader } from './read.ts';
import { readTreeFacts } from './read-tree-facts.ts';
import { configurationRules } from './rules/index.ts';

/** Dockerfiles and compose files: what images are built from, what they run as, and what they give away. */
export const configuration: EmbeddedEngine<ConfigurationOptions> = {
  name: 'sallyport-configuration',
  stage: 'configuration',
  summary: 'Dockerfiles and compose files',
  rules: configurationRules.map(({ rule }) => rule),
  wants: (path) => kindOfFile(path) !== null,
  byName: true,
  directions: configurationDirections,
  parseOptions: parseConfigurationOptions,
  run,
};

async function run(input: EngineInput<ConfigurationOptions>): Promise<EngineOutput> {
  const { tree, options } = input;
  const reader = new FileReader(input);
  const found = { dockerfile: new Set<string>(), compose: new Set<string>() };
  for (const { path, kind, reason } of tree.entries) {
    const is = kindOfFile(path);
    if (kind !== 'file') {
      if (input.excluded(path)) continue;
      reader.skipped.push({ path, reason: reason ?? kind, blocking: is !== null });
    } else if (is === null) continue;
    else if (input.excluded(path))
      reader.skipped.push({ path, reason: 'left out by the policy', blocking: false });
    else found[is].add(path);
  }

  const composeFiles: ComposeFile[] = [];
  // Grows while it is walked: files that are included or extended are added at its end.
  for (const path of found.compose) {
    const source = await reader.read(path);
    if (source === null) continue;
    const file = parseCompose(source);
    composeFiles.push(file);
    for (const reference of file.references) follow(reference, file, input, found.compose, reader);
  }
  const facts = await readTreeFacts(tree, input.excluded, environmentFiles(composeFiles));
  const builds = buildsOf(composeFiles, facts);
  const files = new Set(tree.entries.filter(({ kind }) => kind === 'file').map(({ path }) => path));
  for (const path of builds.keys()) if (files.has(path) && !input.excluded(path)) found.dockerfile.add(path);

  const bom = new ImageBom();
  const hits: Hit[] = [];
  const problems: Problem[] = [];
  for (const path of [...found.dockerfile].sort()) {
    const source = await reader.read(path);
    if (source === null) continue;
    const file = parseDockerfile(source, builds.get(path)?.args);
    bom.dockerfile(file);
    const result = checkDockerfile(file, options, facts, builds.get(path));
    hits.push(...result.hits);
    problems.push(...file.problems, ...result.problems);
  }
  for (const file of composeFiles) {
    for (const inline of inlineDockerfiles(file, facts)) {
      if (inline.problem !== null) problems.push(inline.problem);
      if (inline.file === null) continue;
      const result = checkDockerfile(inline.file, options, facts, inline.build);
      hits.push(...result.hits);
      problems.push(...inline.file.problems, ...result.problems);
    }
    bom.compose(file, facts);
    const result = checkCompose(file, options, facts);
    hits.push(...result.hits);
    problems.push(...file.problems, ...result.problems);
  }
  return {
    hits,
    looked: {
      files: reader.files,
      bytes: reader.bytes,
      commits: null,
      rules: configurationRules.length,
      skipped: reader.skipped,
      // What cannot hold a file of this kind takes nothing from the look; it is named all the same.
      complete: !reader.skipped.some(({ blocking }) => blocking),
    },
    problems: [...reader.problems, ...problems],
    bom: bom.build(),
  };
}

/** A file that a compose file takes in: looked at if it is in the tree, named if not. */
function follow(
  { kind, path: named }: Reference,
  { source }: ComposeFile,
  { tree, excluded }: EngineInput<ConfigurationOptions>,
  compose: Set<string>,
  reader: FileReader,
): void {
  if (kind === 'env_file') return;
  const path = resolveInTree(folderOf(source.path), named);
  if (path !== null && tree.entries.some((entry) => entry.path === path && entry.kind === 'file')) {
    if (!excluded(path)) compose.add(path);
    return;
  }
  reader.skipped.push({
    path: path ?? source.path,
    reason: `${kind} of ${source.path} names ${JSON.stringify(named.slice(0, 200))}, which is not in the tree`,
    blocking: false,
  });
}
