import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'engines',
  summary: 'List the engines: which are here, at which version, from which lock.',
  description: `Embedded engines come with Sallyport. Others are used where they are installed and the policy names them, or where another job hands their SARIF in. \`sha256\` is the digest of the executable, to be locked in the policy under \`engines\`.`,
  examples: [{ run: 'sallyport engines', does: 'lists every engine that can be asked for by name' }],
  inputs: z.strictObject({
    format: z
      .enum(['table', 'json'])
      .default('table')
      .meta({ description: 'How the list is written.', placeholder: 'FORMAT' }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const { inspectEngines } = await import('../gate/engines.ts');
    const found = await inspectEngines(context);
    if (inputs.format === 'json') {
      context.out(`${JSON.stringify(found, null, 2)}\n`);
      return { exit: 0 };
    }
    const { default: Table } = await import('cli-table3');
    const table = new Table({
      head: ['stage', 'engine', 'state', 'version', 'rules', 'sha256'],
      style: { head: [], border: [], compact: true },
    });
    for (const engine of found) {
      table.push([
        engine.stage,
        engine.name,
        engine.state,
        engine.version ?? '',
        engine.rules === null ? '' : String(engine.rules),
        engine.sha256?.slice(0, 16) ?? '',
      ]);
    }
    context.out(`${table.toString()}\n`);
    return { exit: 0 };
  },
});
