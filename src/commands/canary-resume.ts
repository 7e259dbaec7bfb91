import { z } from 'zod';
import { planInput } from './canary-shared.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'canary resume',
  summary: 'Go on with a promotion whose controller died, or approve its next step.',
  description: `Within the lease the promotion goes on where it was, with all of its evidence, and the old controller can change nothing any more. After the lease only the rollback is finished (exit 1). With \`--approve\` nothing is taken over: the approval is written for the controller that runs.`,
  examples: [
    { run: 'sallyport canary resume', does: 'takes the promotion over' },
    { run: 'sallyport canary resume --approve', does: 'lets the running controller take its next step' },
  ],
  inputs: z.strictObject({
    ...planInput,
    approve: z
      .boolean()
      .default(false)
      .meta({ description: 'Approve the next step, and do no more.', environment: false }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const [shared, { stopSignal }] = await Promise.all([
      import('./canary-shared.ts'),
      import('../platform/signals.ts'),
    ]);
    const loaded = await shared.loadPlan(inputs.plan, context);
    if (inputs.approve) {
      const [{ approve }, { storeOf }] = await Promise.all([
        import('../deliver/controller/approve.ts'),
        import('../deliver/state/registry.ts'),
      ]);
      const weight = await approve(loaded, storeOf(loaded.plan, context));
      context.out(`${weight} % approved\n`);
      return { exit: 0 };
    }
    const { resume } = await import('../deliver/controller/run.ts');
    const { signal, release } = stopSignal();
    try {
      const ending = await resume(await shared.worldOf(loaded, inputs.plan, '', signal, context));
      if (ending !== null) return await shared.conclude(ending, loaded, undefined, context);
      context.out('the lease was over: rolled back; a new promotion starts at the first step\n');
      return { exit: 1 };
    } finally {
      release();
    }
  },
});
