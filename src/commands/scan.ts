import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { SallyportError } from '../model/error.ts';
import { stages } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { dependencyInputs, gateOutputs, reportInput } from './gate-shared.ts';

export default defineCommand({
  name: 'scan',
  summary: 'Run one stage and judge it by the policy’s rules.',
  description: `Runs one stage over a folder and judges its findings by the rules of the pull-request gate. A stage that is asked for by name must have something to look at: nothing scanned is a failure.`,
  examples: [
    { run: 'sallyport scan configuration', does: 'looks at Dockerfiles and compose files' },
    {
      run: 'sallyport scan configuration --engine hadolint',
      does: 'runs hadolint beside the embedded engine',
    },
    {
      run: 'sallyport scan secrets --verify',
      does: 'also asks the vendors which of the secrets still count',
    },
    { run: 'sallyport scan secrets --staged', does: 'looks at what the next commit would add' },
    {
      run: 'sallyport scan dependencies bom.cdx.json',
      does: 'judges a bill of materials: banned components, known vulnerabilities',
    },
    {
      run: 'sallyport scan code --engine semgrep --report sarif=code.sarif',
      does: 'writes results that a gate in another job takes in',
    },
  ],
  inputs: z.strictObject({
    stage: z.enum(stages).meta({ description: 'The stage to run.', placeholder: 'STAGE', positional: true }),
    path: z.string().default('.').meta({
      description: 'The folder to look at; for dependencies also a bill of materials in any form.',
      placeholder: 'PATH',
      positional: true,
    }),
    base: z
      .string()
      .optional()
      .meta({ description: 'What the change is held against.', placeholder: 'REF', environment: false }),
    policy: z.string().optional().meta({
      description: 'The policy file, instead of .sallyport.yml.',
      placeholder: 'FILE',
      environment: false,
    }),
    engine: z.array(z.string()).default([]).meta({
      description: 'An engine to run beside the embedded ones.',
      placeholder: 'NAME',
      environment: false,
    }),
    staged: z.boolean().default(false).meta({
      description: 'With secrets: look at what is staged for the next commit, and at nothing else.',
      environment: false,
    }),
    verify: z.boolean().default(false).meta({
      description:
        'With secrets: ask each vendor’s own server whether what was found still counts. The secret is sent there.',
      environment: false,
    }),
    fix: z
      .boolean()
      .default(false)
      .meta({ description: 'First apply the fixes that cannot change what the software does.' }),
    ...dependencyInputs,
    ...reportInput,
    ...commonInputs,
  }),
  outputs: gateOutputs,
  run: async (inputs, context) => {
    const [{ judge, judgeBom }, { secretsOptions }] = await Promise.all([
      import('./gate-shared.ts'),
      import('./scan-secrets.ts'),
    ]);
    if (inputs.stage === 'dependencies' && (await isFile(inputs.path, context))) {
      refuseTreeOptions(inputs);
      return await judgeBom({ ...inputs, file: inputs.path }, context);
    }
    const options = await secretsOptions(inputs, context);
    if (options === null) {
      context.log.info('nothing is staged that could hold a secret');
      return { exit: 0 };
    }
    return await judge(
      {
        ...inputs,
        root: inputs.path,
        gate: 'pull-request',
        sarif: [],
        baseSarif: [],
        only: inputs.stage,
        options,
      },
      context,
    );
  },
});

/** A file is a bill of materials; everything else is for `judge` to look at or to refuse. */
async function isFile(path: string, context: Pick<Context, 'cwd'>): Promise<boolean> {
  const found = await stat(resolve(context.cwd, path)).catch(() => null);
  return found?.isFile() === true;
}

/** What only a folder has is no option of a bill of materials: it would do nothing. */
function refuseTreeOptions(inputs: {
  base?: string | undefined;
  engine: readonly string[];
  fix: boolean;
  buildOutput: readonly string[];
}): void {
  const given = [
    ...(inputs.base === undefined ? [] : ['--base']),
    ...(inputs.engine.length === 0 ? [] : ['--engine']),
    ...(inputs.buildOutput.length === 0 ? [] : ['--build-output']),
    ...(inputs.fix ? ['--fix'] : []),
  ];
  if (given.length === 0) return;
  throw new SallyportError({
    code: 'SP-USAGE',
    message: `${given.join(', ')} with a bill of materials`,
    expected: 'a folder, or a bill of materials without it',
  });
}
