import { basename, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { describeProblem } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import type { LockedTree } from '../sbom/read-tree.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { writeInputs } from './sbom-shared.ts';

const MAX_OUTPUT = 256 * 1024 * 1024;

export default defineCommand({
  name: 'sbom generate',
  summary: 'Make the bill of materials of a repository from what its lockfiles say.',
  description: `Reads every lockfile in the folder, without running a package manager and without a network, and writes one document: the service, or the repository with its services inside; with \`--split\` one document for each service. The same input gives the same bytes; the time is \`SOURCE_DATE_EPOCH\` where it is set.

A lockfile that cannot be read is exit 2, after everything else was written: a document with a gap must not pass for a whole one.`,
  examples: [
    { run: 'sallyport sbom generate --output bom.cdx.json', does: 'writes CycloneDX 1.6' },
    { run: 'sallyport sbom generate --format spdx --output bom.spdx.json', does: 'writes SPDX 2.3' },
    {
      run: 'sallyport sbom generate --split --output sboms',
      does: 'writes one document for each service into a folder',
    },
  ],
  inputs: z.strictObject({
    path: z
      .string()
      .default('.')
      .meta({ description: 'The folder to look at.', placeholder: 'PATH', positional: true }),
    ...writeInputs,
    split: z
      .boolean()
      .default(false)
      .meta({ description: 'One document for each service, into the folder that --output names.' }),
    name: z.string().optional().meta({
      description: 'What the whole is called, where it holds several services; else the folder’s name.',
      placeholder: 'NAME',
    }),
    author: z.string().optional().meta({ description: 'Who answers for the document.', placeholder: 'NAME' }),
    exclude: z
      .array(z.string())
      .default([])
      .meta({ description: 'A glob of paths to leave out.', placeholder: 'GLOB' }),
    buildOutput: z.array(z.string()).default([]).meta({
      description:
        'What a build wrote about its dependencies: `dependency-tree.json` of `mvn dependency:tree -DoutputType=json`, or `target/bom.json` of the CycloneDX plug-ins. Such files are not read where they merely lie in the folder.',
      placeholder: 'FILE',
    }),
    ...commonInputs,
  }),
  outputs: { components: 'How many components were found.', services: 'How many services were found.' },
  action: 'sbom',
  run: async (inputs, context) => {
    const [{ assemble, split }, { rendered, put }, { SallyportError }] = await Promise.all([
      import('../sbom/assemble.ts'),
      import('./sbom-shared.ts'),
      import('../model/error.ts'),
    ]);
    const root = resolve(context.cwd, inputs.path);
    const tree = await readTree(root, inputs.exclude, inputs.buildOutput, context);
    const options = { name: inputs.name ?? (basename(root) || 'repository'), author: inputs.author };
    if (inputs.split) {
      if (inputs.output === undefined)
        throw new SallyportError({
          code: 'SP-USAGE',
          message: '--split without --output',
          expected: '--output FOLDER',
        });
      const taken = new Set<string>();
      for (const { root: service, bom } of split(tree, options)) {
        const file = `${inputs.output}/${fileFor(service.ref, taken)}.${inputs.format === 'spdx' ? 'spdx' : 'cdx'}.json`;
        await put(await rendered(bom, inputs, context), file, context);
        context.log.info(`${file}: ${bom.components.length} components`);
      }
    } else await put(await rendered(assemble(tree, options), inputs, context), inputs.output, context);
    const outputs = {
      components: String(tree.bom.components.length),
      services: String(tree.bom.roots.length),
    };
    for (const problem of tree.problems) context.log.error(describeProblem(problem));
    const blocked = tree.skipped.filter((one) => one.blocking);
    for (const { path, reason } of blocked) context.log.error(`not read: ${path}: ${reason}`);
    if (tree.files.length === 0) context.log.error('SP-SBOM-EMPTY: no lockfile was found');
    return { exit: tree.problems.length + blocked.length > 0 || tree.files.length === 0 ? 2 : 0, outputs };
  },
});

async function readTree(
  root: string,
  exclude: readonly string[],
  buildOutputs: readonly string[],
  context: Context,
): Promise<LockedTree> {
  const builds = await Promise.all(
    buildOutputs.map(async (file) => {
      const full = resolve(context.cwd, file);
      const path = relative(root, full).split(sep).join('/');
      return { path, bytes: await context.files.read(full, MAX_OUTPUT) };
    }),
  );
  const [{ openTree }, { toolEnvironment }, { readLocked }, { excluder }] = await Promise.all([
    import('../platform/open-tree.ts'),
    import('../platform/process.ts'),
    import('../sbom/read-tree.ts'),
    import('../scan/frame.ts'),
  ]);
  const tree = await openTree({ root }, context.run, toolEnvironment(context.env));
  try {
    return await readLocked(tree, { excluded: excluder(exclude), builds });
  } finally {
    await tree.close();
  }
}

/** A file name from a ref, told apart by a number. */
function fileFor(ref: string, taken: Set<string>): string {
  const base =
    ref
      .replace(/^pkg:[^/]*\//u, '')
      .replace(/[^A-Za-z0-9._-]+/gu, '-')
      .replace(/^[.-]+|-+$/gu, '')
      .slice(0, 120) || 'service';
  let name = base;
  for (let n = 2; taken.has(name); n++) name = `${base}-${n}`;
  taken.add(name);
  return name;
}
