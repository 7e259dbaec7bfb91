import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

export default defineCommand({
  name: 'init',
  summary: 'Look at a repository and write its policy and workflow.',
  description: `Looks at what the repository holds and writes \`.sallyport.yml\` and \`.github/workflows/sallyport.yml\` for it. Files that are there already are left as they are, and said so.

With \`--hook\` it also installs a pre-commit hook that runs \`sallyport scan secrets --staged\`, in \`core.hooksPath\` where that is set for this repository. A hook that is there already is never changed: the line to add to it is said instead.`,
  examples: [
    { run: 'sallyport init', does: 'sets this repository up' },
    { run: 'sallyport init --pack strict', does: 'the same, with the strict pack' },
    { run: 'sallyport init --hook', does: 'the same, and no commit with a secret in it any more' },
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
    hook: z.boolean().default(false).meta({
      description: 'Also install a pre-commit hook that looks for secrets in what is staged.',
      environment: false,
    }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const [{ initialize }, { installHook }] = await Promise.all([
      import('../gate/init.ts'),
      import('../gate/hook.ts'),
    ]);
    // First, since it may be refused: then nothing else is written.
    const hook = inputs.hook ? await installHook(inputs.path, context) : null;
    const { written, kept, seen } = await initialize(inputs.path, inputs.pack, context);
    context.out(
      [
        `looked at ${seen.files} files: ${seen.kinds.length === 0 ? 'nothing that a stage is for yet' : seen.kinds.join(', ')}`,
        ...written.map((path) => `written: ${path}`),
        ...kept.map((path) => `left as it is: ${path}`),
        ...(hook === null ? [] : [`${hook.state === 'written' ? 'written' : 'left as it is'}: ${hook.file}`]),
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
