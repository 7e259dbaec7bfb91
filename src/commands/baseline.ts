import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'baseline',
  summary: 'Write dated waivers for what exists today, so that a grown repository can start.',
  description: `Judges the whole tree and adds a waiver to the policy file for each finding that fails, with an owner, a reason and an end date. Nothing else in the file is touched; waivers that are there stay. A finding that comes later is not covered.`,
  examples: [
    { run: 'sallyport baseline --owner payments-team', does: 'waives what fails today for 90 days' },
    {
      run: 'sallyport baseline --owner payments-team --days 30 --reason "before the move to distroless"',
      does: 'the same, for a month',
    },
  ],
  inputs: z.strictObject({
    path: z
      .string()
      .default('.')
      .meta({ description: 'The folder to look at.', placeholder: 'PATH', positional: true }),
    owner: z
      .string()
      .min(1)
      .meta({ description: 'Who answers for these waivers.', placeholder: 'NAME', environment: false }),
    days: z
      .int()
      .min(1)
      .max(3660)
      .default(90)
      .meta({ description: 'How many days they count.', placeholder: 'N', environment: false }),
    reason: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'Why they are let pass.', placeholder: 'TEXT', environment: false }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const { writeBaseline } = await import('../gate/baseline.ts');
    const { count, file, expires } = await writeBaseline(inputs, context);
    context.out(
      count === 0
        ? 'nothing fails today: no waiver is needed\n'
        : `${count} ${count === 1 ? 'waiver' : 'waivers'} until ${expires} written to ${file}; review and commit it\n`,
    );
    return { exit: 0 };
  },
});
