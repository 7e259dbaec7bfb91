import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { policyInputs } from './policy-shared.ts';

export default defineCommand({
  name: 'policy vex',
  summary: 'Write the waivers for vulnerabilities as an OpenVEX document.',
  description: `For whoever gets the software: a waiver that names a component and a vulnerability becomes a statement. With a \`justification\` it says \`not_affected\`; without one, \`affected\`, with the decision as the action. Other waivers speak of no vulnerability and are left out; with none of the kind it is exit 2.`,
  examples: [
    {
      run: 'sallyport policy vex --author "Payments team" --output payments.openvex.json',
      does: 'writes what the waivers of this folder say',
    },
  ],
  inputs: z.strictObject({
    author: z.string().meta({ description: 'Who says it.', placeholder: 'NAME' }),
    output: z
      .string()
      .optional()
      .meta({ description: 'Where it is written, instead of stdout.', placeholder: 'FILE' }),
    ...policyInputs,
    ...commonInputs,
  }),
  outputs: { statements: 'How many statements were written.' },
  run: async (inputs, context) => {
    const [{ load }, { openVexOf }, { SallyportError }, { documentTime }] = await Promise.all([
      import('./policy-shared.ts'),
      import('../policy/vex-write.ts'),
      import('../model/error.ts'),
      import('./sbom-shared.ts'),
    ]);
    const { policy } = await load(inputs, context);
    const timestamp = documentTime(context);
    const about = { author: inputs.author, timestamp };
    const digest = createHash('sha256')
      .update(JSON.stringify(openVexOf(policy.policy.waivers, { ...about, id: '' })))
      .digest('hex');
    const document = openVexOf(policy.policy.waivers, {
      ...about,
      id: `https://openvex.dev/docs/public/vex-${digest}`,
    });
    if (document.statements.length === 0) {
      throw new SallyportError({
        code: 'SP-VEX',
        message: 'no waiver is for a vulnerability',
        expected: 'a waiver with component and advisory',
        next: 'docs/guide/dependencies.md shows one',
      });
    }
    const text = `${JSON.stringify(document, null, 2)}\n`;
    if (inputs.output === undefined) context.out(text);
    else await context.files.write(resolve(context.cwd, inputs.output), [text]);
    return { exit: 0, outputs: { statements: String(document.statements.length) } };
  },
});
