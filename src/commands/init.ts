import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'init',
  summary: 'Look at a repository and write its policy and workflow.',
  description: `Looks at what the repository holds and writes \`.sallyport.yml\` and \`.github/workflows/sallyport.yml\` for it. Files that are there already are left as they are, and said so.`,
  examples: [
    { run: 'sallyport init', does: 'sets this repository up' },
    { run: 'sallyport init --pack strict', does: 'the same, with the strict pack' },
  ],
  inputs: z.strictObject({
    path: z
      .string()
      .default('.')
      .meta({ description: 'The repository.', placeholder: 'PATH', positional: true }),
    pack: z
      .enum(['baseline', 'strict', 'pci-dss-4'])
      .default('baseline')
      .meta({ description: 'The pack to build on.', placeholder: 'PACK' }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const { initialize } = await import('../gate/init.ts');
    const { written, kept, seen } = await initialize(inputs.path, inputs.pack, context);
    context.out(
      [
        `looked at ${seen.files} files: ${seen.kinds.length === 0 ? 'nothing that a stage is for yet' : seen.kinds.join(', ')}`,
        ...written.map((path) => `written: ${path}`),
        ...kept.map((path) => `left as it is: ${path}`),
        ...(written.length === 0
          ? []
          : [
              'next: sallyport gate, then commit these files; docs/guide/start.md says what makes the gate binding',
            ]),
        '',
      ].join('\n'),
    );
    return { exit: 0 };
  },
});
