import { z } from 'zod';
import { visibleLines } from '../platform/log.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { policyInputs } from './policy-shared.ts';

export default defineCommand({
  name: 'policy controls',
  summary: 'Show which control of a standard rests on which rule.',
  description: `Lists the controls that the policy’s rules name, with the rules, what they are about and at which gates they count. It supports an assessment; it does not make one.`,
  examples: [{ run: 'sallyport policy controls', does: 'lists the controls behind this folder’s policy' }],
  inputs: z.strictObject({ ...policyInputs, ...commonInputs }),
  outputs: {},
  run: async (inputs, context) => {
    const [{ load }, { controlTable }] = await Promise.all([
      import('./policy-shared.ts'),
      import('../policy/controls.ts'),
    ]);
    const { policy } = await load(inputs, context);
    context.out(visibleLines(controlTable(policy)));
    return { exit: 0 };
  },
});
