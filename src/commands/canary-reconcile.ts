import { z } from 'zod';
import { planInput } from './canary-shared.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'canary reconcile',
  summary: 'Watch the lease of a promotion and set the weight back when its controller is gone.',
  description: `Looks at the state four times a lease. When its holder has changed nothing for a whole lease, on this process’s own clock, it raises the fence, sets the weight to 0 and says so in the state. The bound is lease + poll + propagation while the state and the provider answer.

\`canary run\` starts one by itself where the state is a file or a Git ref. In a cluster it runs as a Deployment in a namespace of its own; \`--manifests IMAGE@sha256:HEX\` prints that namespace, the Deployment, its Roles, the Lease and the admission policy.`,
  examples: [
    { run: 'sallyport canary reconcile', does: 'watches for ever' },
    {
      run: 'sallyport canary reconcile --manifests ghcr.io/org/sallyport@sha256:HEX --runner ci:canary-runner',
      does: 'prints what to apply to the cluster',
    },
  ],
  inputs: z.strictObject({
    ...planInput,
    untilOver: z
      .boolean()
      .default(false)
      .meta({ description: 'End some leases after the promotion has.', environment: false }),
    manifests: z
      .string()
      .regex(/^[^\s@]{1,400}@sha256:[0-9a-f]{64}$/u, 'expected IMAGE@sha256:HEX')
      .optional()
      .meta({
        description: 'Print the manifests for this image instead, and watch nothing.',
        placeholder: 'IMAGE@sha256:HEX',
        environment: false,
      }),
    runner: z
      .string()
      .regex(/^[a-z0-9-]{1,63}:[a-z0-9.-]{1,253}$/u, 'expected NAMESPACE:SERVICEACCOUNT')
      .optional()
      .meta({
        description: 'For the manifests: the service account that runs the promotions.',
        placeholder: 'NAMESPACE:NAME',
        environment: false,
      }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const [shared, { stopSignal }] = await Promise.all([
      import('./canary-shared.ts'),
      import('../platform/signals.ts'),
    ]);
    const loaded = await shared.loadPlan(inputs.plan, context);
    if (inputs.manifests !== undefined) {
      const { manifestsFor } = await import('../deliver/kubernetes/manifests.ts');
      context.out(manifestsFor(loaded, inputs.manifests, inputs.runner));
      return { exit: 0 };
    }
    const [{ watch }, { pollOf }, { signOf }] = await Promise.all([
      import('../deliver/controller/reconcile.ts'),
      import('../deliver/controller/watched.ts'),
      import('../deliver/state/registry.ts'),
    ]);
    const { signal, release } = stopSignal();
    try {
      const { lease } = loaded.plan;
      const world = await shared.worldOf(loaded, inputs.plan, '', signal, context);
      const sign = signOf(loaded.plan, context);
      await watch({ ...world, sign, lease, poll: pollOf(lease) }, inputs.untilOver);
      return { exit: 0 };
    } finally {
      release();
    }
  },
});
