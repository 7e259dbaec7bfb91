import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Context } from '../platform/context.ts';
import { databaseInput } from './advisories-input.ts';
import { databaseFolder, tellUnpackaged } from './advisories-shared.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'advisories update',
  summary: 'Fetch advisories from OSV or a mirror, and build the database from them.',
  description: `Fetches the archive of each ecosystem, unless the server says that it has not changed, and imports them together. Without \`--ecosystem\` these are the ecosystems of the lockfiles under the folder. The archives are kept beside the database, so that the next update is quick. Nothing about the repository is sent: whole archives are fetched.`,
  examples: [
    { run: 'sallyport advisories update', does: 'fetches what this repository needs' },
    {
      run: 'sallyport advisories update --ecosystem npm --ecosystem "GitHub Actions"',
      does: 'fetches two ecosystems',
    },
  ],
  inputs: z.strictObject({
    path: z.string().default('.').meta({
      description: 'The folder whose lockfiles say which ecosystems are needed.',
      placeholder: 'PATH',
      positional: true,
    }),
    ecosystem: z
      .array(z.string())
      .default([])
      .meta({ description: 'An ecosystem as OSV calls it, instead.', placeholder: 'NAME' }),
    from: z.string().optional().meta({
      description: 'A mirror with the layout of OSV’s own archives.',
      placeholder: 'URL',
      environment: false,
    }),
    ...databaseInput,
    ...commonInputs,
  }),
  outputs: { digest: 'sha256 of the whole database.' },
  run: async (inputs, context) => {
    const [
      { downloadArchive, OSV_ARCHIVES },
      { importAdvisories },
      { AdvisoryDatabase },
      { SallyportError },
    ] = await Promise.all([
      import('../advisories/download.ts'),
      import('../advisories/import.ts'),
      import('../advisories/database.ts'),
      import('../model/error.ts'),
    ]);
    const folder = databaseFolder(inputs.advisories, context);
    const wanted =
      inputs.ecosystem.length > 0
        ? [...new Set(inputs.ecosystem)].sort()
        : await ecosystemsOf(inputs.path, context);
    if (wanted.length === 0) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: 'no lockfile here says which ecosystems are needed',
        expected: '--ecosystem NAME',
      });
    }
    const paths: string[] = [];
    for (const name of wanted) {
      context.log.progress(`fetching ${name} ...`);
      const archives = join(folder, 'archives');
      const { path, fresh } = await downloadArchive(
        name,
        inputs.from ?? OSV_ARCHIVES,
        archives,
        context.http,
      );
      context.log.info(`${name}: ${fresh ? 'fetched' : 'not changed'}`);
      paths.push(path);
    }
    context.log.progress(null);
    const done = await importAdvisories(paths, folder);
    const { records } = done;
    context.log.info(`${records} records`);
    tellUnpackaged(done, context);
    const database = new AdvisoryDatabase(folder);
    try {
      const { digest } = database.all();
      context.out(`${folder}\nsha256:${digest}\n`);
      return { exit: 0, outputs: { digest } };
    } finally {
      database.close();
    }
  },
});

/** What OSV calls the ecosystems of the components that the lockfiles name, sorted. */
async function ecosystemsOf(path: string, context: Context): Promise<string[]> {
  const [
    { openTree },
    { toolEnvironment },
    { readLocked },
    { packageNameOf, baseEcosystem },
    { parseLenientPurl },
  ] = await Promise.all([
    import('../platform/open-tree.ts'),
    import('../platform/process.ts'),
    import('../sbom/read-tree.ts'),
    import('../advisories/package-key.ts'),
    import('../versions/purl.ts'),
  ]);
  const tree = await openTree(
    { root: resolve(context.cwd, path) },
    context.run,
    toolEnvironment(context.env),
  );
  try {
    const { bom } = await readLocked(tree);
    const found = bom.components.flatMap(({ purl }) => {
      const named = purl === undefined ? undefined : packageNameOf(parseLenientPurl(purl));
      return named === undefined ? [] : [baseEcosystem(named.ecosystem)];
    });
    return [...new Set(found)].sort();
  } finally {
    await tree.close();
  }
}
