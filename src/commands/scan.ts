import { z } from 'zod';
import { stages } from '../model/stage.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { dependencyInputs, gateOutputs, reportInput } from './gate-inputs.ts';

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
    const { scanStage } = await import('./scanning.ts');
    return await scanStage(inputs, context);
  },
});
