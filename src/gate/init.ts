import { join, resolve } from 'node:path';
import { REPOSITORY, VERSION } from '../model/version.ts';
import type { Context } from '../platform/context.ts';
import { findRepository, openTree } from '../platform/open-tree.ts';
import { toolEnvironment } from '../platform/process.ts';
import { kindOfFile } from '../scan/configuration/files.ts';
import { isSource } from '../scan/presence.ts';
import { POLICY_FILE } from './policy-source.ts';

const WORKFLOW = '.github/workflows/sallyport.yml';

export interface Initialized {
  written: string[];
  kept: string[];
  seen: { files: number; kinds: string[] };
}

/** Writes what is missing, and nothing over what is there. */
export async function initialize(path: string, pack: string, context: Context): Promise<Initialized> {
  const root = resolve(context.cwd, path);
  const tools = toolEnvironment(context.env);
  const tree = await openTree({ root }, context.run, tools);
  const repository = await findRepository(root, context.run, tools);
  const names = tree.entries.filter((entry) => entry.kind === 'file').map((entry) => entry.path);
  await tree.close();
  const counts = {
    Dockerfiles: names.filter((name) => kindOfFile(name) === 'dockerfile').length,
    'compose files': names.filter((name) => kindOfFile(name) === 'compose').length,
    'source files': names.filter(isSource).length,
  };
  const branch =
    (await repository?.git.maybe(['symbolic-ref', '--short', 'refs/remotes/origin/HEAD']))?.replace(
      /^origin\//u,
      '',
    ) ?? 'main';
  const result: Initialized = {
    written: [],
    kept: [],
    seen: {
      files: names.length,
      kinds: Object.entries(counts)
        .filter(([, n]) => n > 0)
        .map(([kind, n]) => `${n} ${kind}`),
    },
  };
  for (const [name, text] of [
    [POLICY_FILE, policyText(pack)],
    [WORKFLOW, workflowText(branch)],
  ] as const) {
    const file = join(root, name);
    if (await context.files.exists(file)) {
      result.kept.push(name);
      continue;
    }
    await context.files.write(file, [text]);
    result.written.push(name);
  }
  return result;
}

function policyText(pack: string): string {
  return `# What must hold before a change passes. \`sallyport policy explain\` shows what the pack says.
version: 1
extends: [${pack}]
`;
}

/** A branch's name comes from the repository: as JSON text it is a YAML scalar and nothing else. */
function workflowText(branch: string): string {
  return `# The gate on every change. It needs no more than to read the repository.
name: sallyport
on:
  pull_request:
  merge_group:
  push:
    branches: [${JSON.stringify(branch)}]
permissions:
  contents: read
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0
          persist-credentials: false
      # Pin the commit of the release: a tag can be moved.
      - uses: ${REPOSITORY}/actions/gate@v${VERSION}
`;
}
