import { join, resolve } from 'node:path';
import { z } from 'zod';
import { databaseInput } from './advisories-input.ts';
import { databaseFolder, tellUnpackaged } from './advisories-shared.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

const MAX_SIGNALS = 128 * 1024 * 1024;

export default defineCommand({
  name: 'advisories import',
  summary: 'Build the advisory database from OSV data on disk.',
  description: `Takes OSV records from folders, from archives as OSV publishes them (\`all.zip\`), and from files with one record a line (\`.ndjson\`): GitHub’s database, malicious-packages and advisories of your own have the same form. For each ecosystem that the sources speak of, an index is built and put in the place of the old one at the very end; a record that cannot be read ends the import with nothing changed.

\`--epss\` takes the scores that FIRST publishes, \`--kev\` the catalogue of known exploited vulnerabilities of CISA. Rules can read both.`,
  examples: [
    { run: 'sallyport advisories import PyPI.zip npm.zip', does: 'imports archives of OSV' },
    {
      run: 'sallyport advisories import --kev known_exploited_vulnerabilities.json',
      does: 'adds which vulnerabilities are known to be exploited',
    },
  ],
  inputs: z.strictObject({
    source: z
      .array(z.string())
      .default([])
      .meta({ description: 'Folders and files with OSV records.', placeholder: 'SOURCE', positional: true }),
    epss: z
      .string()
      .optional()
      .meta({ description: 'EPSS scores: CSV, also packed with gzip.', placeholder: 'FILE' }),
    kev: z
      .string()
      .optional()
      .meta({ description: 'Known exploited vulnerabilities: CISA’s JSON.', placeholder: 'FILE' }),
    ...databaseInput,
    ...commonInputs,
  }),
  outputs: { records: 'How many records were read.', digest: 'sha256 of the whole database.' },
  run: async (inputs, context) => {
    const folder = databaseFolder(inputs.advisories, context);
    const { SallyportError } = await import('../model/error.ts');
    if (inputs.source.length === 0 && inputs.epss === undefined && inputs.kev === undefined) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: 'there is nothing to import',
        expected: 'SOURCE, --epss FILE or --kev FILE',
      });
    }
    const { parseEpss, parseKev, readSignals, signalsFile } = await import('../advisories/signals.ts');
    const read = async (file: string) => await context.files.read(resolve(context.cwd, file), MAX_SIGNALS);
    // What can be refused is read before anything is replaced.
    const epss = inputs.epss === undefined ? null : parseEpss(await read(inputs.epss), inputs.epss);
    const kev = inputs.kev === undefined ? null : parseKev(await read(inputs.kev), inputs.kev);
    let records = 0;
    if (inputs.source.length > 0) {
      const { importAdvisories } = await import('../advisories/import.ts');
      const done = await importAdvisories(
        inputs.source.map((source) => resolve(context.cwd, source)),
        folder,
      );
      records = done.records;
      context.log.info(`${records} records, ${done.ecosystems.join(', ') || 'of no package'}`);
      tellUnpackaged(done, context);
    }
    if (epss !== null || kev !== null) {
      const before = await readSignals(folder);
      const { name, content } = signalsFile({ epss: epss ?? before.epss, kev: kev ?? before.kev });
      await context.files.write(join(folder, name), [content]);
      context.log.info(`${epss?.size ?? 0} EPSS scores, ${kev?.size ?? 0} known exploited`);
    }
    const { AdvisoryDatabase } = await import('../advisories/database.ts');
    const database = new AdvisoryDatabase(folder);
    try {
      const { digest } = database.all();
      context.out(`${folder}\nsha256:${digest}\n`);
      return { exit: 0, outputs: { records: String(records), digest } };
    } finally {
      database.close();
    }
  },
});
