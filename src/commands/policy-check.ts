import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { policyInputs } from './policy-shared.ts';

export default defineCommand({
  name: 'policy check',
  summary: 'Check that the policy can be used.',
  description: `Reads the policy and everything it extends, merges the layers, and compiles and type-checks every condition. Whatever is wrong is told with file, line and column; nothing is scanned.`,
  examples: [{ run: 'sallyport policy check', does: 'checks .sallyport.yml of this folder' }],
  inputs: z.strictObject({ ...policyInputs, ...commonInputs }),
  outputs: {},
  run: async (inputs, context) => {
    const { load } = await import('./policy-shared.ts');
    const { policy, fromFile } = await load(inputs, context);
    const waivers = policy.policy.waivers.length;
    context.out(
      [
        `valid: ${policy.layers.length} ${policy.layers.length === 1 ? 'layer' : 'layers'}, ${policy.rules.size} rules, ${waivers} ${waivers === 1 ? 'waiver' : 'waivers'}${fromFile ? '' : ' (no policy file: the baseline pack applies)'}`,
        ...policy.layers.map(
          (layer) => `  ${layer.name.padEnd(20)} sha256:${layer.digest.sha256}  ${layer.uri}`,
        ),
        `policy digest sha256:${policy.digest.sha256}`,
        '',
      ].join('\n'),
    );
    return { exit: 0 };
  },
});
