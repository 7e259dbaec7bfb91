import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'demo',
  summary: 'See the gate at work on the example service, offline.',
  description: `Copies the example service into a temporary repository, judges a change with problems planted in it, says why it fails, judges the repaired change, and passes. Nothing outside the temporary folder is touched and no network is used.`,
  examples: [{ run: 'sallyport demo', does: 'runs it; npm start in a checkout does the same' }],
  inputs: z.strictObject({
    keep: z
      .boolean()
      .default(false)
      .meta({ description: 'Leave the temporary repository there to look at.' }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const { runDemo } = await import('./demo-story.ts');
    return { exit: await runDemo(inputs.keep, context) };
  },
});
