import { z } from 'zod';
import { canaryOutputs, planInput } from './canary-shared.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'canary run',
  summary: 'Bring a version to its users step by step; roll it back by itself when it is worse.',
  description: `Checks the plan (one whose bounds cannot be reached by its deadline is refused), asks for the evidence that the plan names, arms the lease, and walks the steps: sets the weight, discards the propagation time, reads the counters of both versions, and decides after each look. SIGINT and SIGTERM roll back at once. Whatever ends a promotion is told in one sentence and kept in \`.sallyport/runs/\`: record, picture, summary, test-result statement.

Exit code 0: promoted. 1: rolled back, or no decision. 2: nothing was begun.`,
  examples: [
    { run: 'sallyport canary run --subject registry/payments@sha256:HEX', does: 'promotes by canary.yml' },
  ],
  inputs: z.strictObject({
    ...planInput,
    subject: z
      .string()
      .regex(/^(?:[^\s@]{1,400}@)?sha256:[0-9a-f]{64}$/u, 'expected NAME@sha256:HEX or sha256:HEX')
      .meta({ description: 'What is promoted, by digest.', placeholder: 'SUBJECT', environment: false }),
    evidence: z.array(z.string()).max(64).default([]).meta({
      description: 'A statement about the subject that the plan asks for.',
      placeholder: 'FILE',
      environment: false,
    }),
    commitTime: z.iso.datetime({ offset: true }).optional().meta({
      description: 'When the change was committed, for the lead time.',
      placeholder: 'TIME',
      environment: false,
    }),
    ...commonInputs,
  }),
  outputs: canaryOutputs,
  action: 'canary',
  run: async (inputs, context) => {
    const [
      shared,
      { requireReachable },
      { requireEvidence },
      { judgeEvidence },
      { promote },
      { stopSignal },
    ] = await Promise.all([
      import('./canary-shared.ts'),
      import('../deliver/plan/feasibility.ts'),
      import('../deliver/evidence.ts'),
      import('./canary-evidence.ts'),
      import('../deliver/controller/run.ts'),
      import('../platform/signals.ts'),
    ]);
    const loaded = await shared.loadPlan(inputs.plan, context);
    requireReachable(loaded);
    const { subject, evidence, offline } = inputs;
    requireEvidence(loaded, subject, await judgeEvidence(loaded, subject, evidence, offline, context));
    const { signal, release } = stopSignal();
    try {
      const world = await shared.worldOf(loaded, inputs.plan, inputs.subject, signal, context);
      return await shared.conclude(await promote(world), loaded, inputs.commitTime, context);
    } finally {
      release();
    }
  },
});
