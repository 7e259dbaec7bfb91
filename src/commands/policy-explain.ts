import { z } from 'zod';
import { visibleLines } from '../platform/log.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { policyInputs } from './policy-shared.ts';

export default defineCommand({
  name: 'policy explain',
  summary: 'Show which layer said what, or why a finding was judged as it was.',
  description: `Without an argument: the merged policy, and for each part of it which layer said it, with file and line. With a rule’s id: its condition and who set its action. With a finding’s fingerprint, as reports show it: how the last run in this folder judged it.`,
  examples: [
    { run: 'sallyport policy explain', does: 'shows the merged policy' },
    { run: 'sallyport policy explain introduced-high', does: 'shows one rule' },
    {
      run: 'sallyport policy explain 0123456789abcdef0123456789abcdef:0',
      does: 'shows why that finding failed',
    },
  ],
  inputs: z.strictObject({
    what: z.string().optional().meta({
      description: 'A rule id or a fingerprint.',
      placeholder: 'RULE|FINGERPRINT',
      positional: true,
    }),
    ...policyInputs,
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const [{ load }, explain] = await Promise.all([
      import('./policy-shared.ts'),
      import('../policy/explain.ts'),
    ]);
    if (inputs.what !== undefined && /^[0-9a-f]{32}:\d+$/u.test(inputs.what)) {
      const { explainFinding } = await import('./explain-finding.ts');
      context.out(await explainFinding(inputs.path, inputs.what, context));
      return { exit: 0 };
    }
    const { policy } = await load(inputs, context);
    context.out(
      visibleLines(
        inputs.what === undefined ? explain.explainPolicy(policy) : explain.explainRule(policy, inputs.what),
      ),
    );
    return { exit: 0 };
  },
});
