import { z } from 'zod';
import { planInput } from './canary-shared.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'canary rollback',
  summary: 'Set the canary’s weight to 0 and end its promotion, whoever runs it.',
  description: `Takes the promotion over with a higher fence, sets the weight to 0, and reads it back. Idempotent: where nothing is under way and the weight is 0, it does nothing. For a job with \`if: always()\`: a promotion that has ended in 100 % is left alone.`,
  examples: [
    { run: 'sallyport canary rollback --reason "ticket 1234"', does: 'rolls back what is under way' },
  ],
  inputs: z.strictObject({
    ...planInput,
    reason: z
      .string()
      .min(1)
      .max(500)
      .default('asked for by hand')
      .meta({ description: 'Why.', placeholder: 'TEXT', environment: false }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const [shared, { rollBackAny }] = await Promise.all([
      import('./canary-shared.ts'),
      import('../deliver/controller/rollback-any.ts'),
    ]);
    const loaded = await shared.loadPlan(inputs.plan, context);
    const world = await shared.worldOf(loaded, inputs.plan, '', new AbortController().signal, context);
    context.out(`${await rollBackAny(world, inputs.reason)}\n`);
    return { exit: 0 };
  },
});
