import { z } from 'zod';
import { gates } from '../model/decision.ts';
import { artifactInputs } from './artifact-inputs.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { dependencyInputs, gateOutputs, reportInput } from './gate-inputs.ts';

export default defineCommand({
  name: 'gate',
  summary: 'Judge a change: run the stages that the policy asks for, and decide.',
  description: `Looks at a folder as the policy asks, writes what it saw to \`.sallyport/runs/\`, and decides.

On a runner the base of the change comes from the \`pull_request\` or \`merge_group\` event. On a laptop \`--base REF\` splits findings into those that the change brings and those that were there. Policy, waivers and everything that suppresses a finding are read at the base.

Without a policy file the baseline pack applies.

\`--gate release\` runs no engine: it takes the reports of this run’s own stage jobs, each by digest (\`--evidence JOB=FILE@sha256:HEX\`; on a laptop without JOB), matches the bill of materials against the advisories again, decides about \`--subject\`, and with \`--sign\` signs the evidence and the summary. \`--gate deploy\` verifies that summary by the deploying side’s policy, the deny-list and what runs there now, and decides for one \`--environment\`. docs/guide/trust.md tells who believes whom.`,
  examples: [
    { run: 'sallyport gate', does: 'judges this folder as it lies there' },
    { run: 'sallyport gate --base origin/main', does: 'judges what the branch brings' },
    {
      run: 'sallyport gate --sarif code=semgrep.sarif --report html=gate.html',
      does: 'takes in another tool’s results and writes a page',
    },
    {
      run: 'sallyport gate --gate release --subject registry.example/app@sha256:… --policy acme.yml@sha256:… --evidence secrets=secrets.sarif@sha256:… --evidence secrets=secrets.intoto.json@sha256:… --sign',
      does: 'judges a release by its own run’s evidence, and signs the summary',
    },
    {
      run: 'sallyport gate --gate deploy --environment production --subject registry.example/app@sha256:… --policy deploy.yml --deny-list deny.sigstore.json --explain',
      does: 'verifies a release for production and shows the whole chain',
    },
  ],
  inputs: z.strictObject({
    path: z.string().default('.').meta({
      description: 'The folder to look at.',
      placeholder: 'PATH',
      positional: true,
      environment: false,
    }),
    gate: z
      .enum(gates)
      .default('pull-request')
      .meta({ description: 'Which gate decides.', placeholder: 'GATE', environment: false }),
    base: z.string().optional().meta({
      description: 'What the change is held against; in a workflow it comes from the event.',
      placeholder: 'REF',
      only: 'cli',
      environment: false,
    }),
    policy: z.string().optional().meta({
      description:
        'The policy file, instead of .sallyport.yml; one inside the repository is read at the base.',
      placeholder: 'FILE',
      environment: false,
    }),
    sarif: z.array(z.string()).default([]).meta({
      description: 'Another tool’s results for a stage, with its digest where another job hands it over.',
      placeholder: 'STAGE=FILE[@sha256:HEX]',
      environment: false,
    }),
    baseSarif: z.array(z.string()).default([]).meta({
      description:
        'The same tool’s results for the merge-base, so that only what the change brings counts as new.',
      placeholder: 'STAGE=FILE[@sha256:HEX]',
      environment: false,
    }),
    engine: z.array(z.string()).default([]).meta({
      description: 'An engine to run beside those of the policy (sallyport engines lists them).',
      placeholder: 'NAME',
      only: 'cli',
      environment: false,
    }),
    fix: z
      .boolean()
      .default(false)
      .meta({ description: 'First apply the fixes that cannot change what the software does.', only: 'cli' }),
    ...artifactInputs,
    ...dependencyInputs,
    ...reportInput,
    ...commonInputs,
  }),
  outputs: {
    ...gateOutputs,
    bundles: 'Where each signed statement lies, one a line (release and deploy).',
    digest: 'The digest that was decided about (release and deploy).',
  },
  action: 'gate',
  run: async (inputs, context) => {
    const { judgeChange } = await import('./gating.ts');
    return await judgeChange(inputs, context);
  },
});
