import { z } from 'zod';
import { databaseInput } from './advisories-input.ts';
import { ageInDays, databaseFolder } from './advisories-shared.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'advisories info',
  summary: 'Say what the advisory database holds, from where, how old it is, and its digest.',
  description: `The age is that of the newest change inside, not of the files. A policy limits it with \`stages.dependencies.maxDataAge\`, and names the databases that it accepts with the option \`indexDigests\`. Exit 2 where there is no database, or a damaged one.`,
  examples: [{ run: 'sallyport advisories info', does: 'shows every ecosystem of the database' }],
  inputs: z.strictObject({
    format: z
      .enum(['table', 'json'])
      .default('table')
      .meta({ description: 'How it is written.', placeholder: 'FORMAT' }),
    ...databaseInput,
    ...commonInputs,
  }),
  outputs: { digest: 'sha256 of the whole database.' },
  run: async (inputs, context) => {
    const [{ AdvisoryDatabase }, { readSignals }, { SallyportError }] = await Promise.all([
      import('../advisories/database.ts'),
      import('../advisories/signals.ts'),
      import('../model/error.ts'),
    ]);
    const folder = databaseFolder(inputs.advisories, context);
    const database = new AdvisoryDatabase(folder);
    try {
      const { ecosystems, digest } = database.all();
      if (ecosystems.length === 0) {
        throw new SallyportError({
          code: 'SP-ADVISORIES-MISSING',
          message: 'there is no advisory database here',
          place: { path: folder },
          next: 'sallyport advisories update, or sallyport advisories import SOURCE',
        });
      }
      const signals = await readSignals(folder);
      const now = context.clock.now();
      const rows = ecosystems.map((one) => ({ ...one, ageDays: ageInDays(one.asOf, now) }));
      const exploitation = { epss: signals.epss?.size ?? null, kev: signals.kev?.size ?? null };
      if (inputs.format === 'json') {
        context.out(`${JSON.stringify({ folder, digest, ecosystems: rows, exploitation }, null, 2)}\n`);
        return { exit: 0, outputs: { digest } };
      }
      const { default: Table } = await import('cli-table3');
      const table = new Table({
        head: ['ecosystem', 'advisories', 'packages', 'withdrawn', 'age', 'sources', 'sha256'],
        style: { head: [], border: [], compact: true },
      });
      for (const row of rows) {
        table.push([
          row.ecosystem,
          String(row.advisories),
          String(row.packages),
          String(row.withdrawn),
          row.ageDays === null ? 'unknown' : `${row.ageDays.toFixed(1)} days`,
          row.sources.map((source) => source.name).join(', '),
          row.digest.slice(0, 16),
        ]);
      }
      context.out(`${table.toString()}\n`);
      if (exploitation.epss !== null) context.out(`EPSS: ${exploitation.epss} scores\n`);
      if (exploitation.kev !== null) context.out(`KEV: ${exploitation.kev} vulnerabilities\n`);
      context.out(`${folder}\nsha256:${digest}\n`);
      return { exit: 0, outputs: { digest } };
    } finally {
      database.close();
    }
  },
});
