import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';

const file = (description: string, placeholder = 'FILE') =>
  z.string().optional().meta({ description, placeholder, environment: false });

export default defineCommand({
  name: 'trust render',
  summary: 'Write what a policy asks of deployments as admission policies for a cluster.',
  description: `Writes for each image what \`verify --gate deploy\` asks: who signed the deploy gate’s summary, what it says, and that the digest is not denied. Targets: \`kyverno\` (ImageValidatingPolicy) and \`policy-controller\` (sigstore’s ClusterImagePolicy). Each object names the versions that it was made for and the policy’s digest. A rule that the target cannot ask is an error; where the deploy gate asks it, name it with \`--leave-out\`, and the object says so.`,
  examples: [
    {
      run: 'sallyport trust render kyverno --policy deploy.yml --environment production --image registry.example/app --leave-out source --leave-out triggers --leave-out runner',
      does: 'writes an ImageValidatingPolicy',
    },
  ],
  inputs: z.strictObject({
    target: z.enum(['kyverno', 'policy-controller']).meta({
      description: 'Which controller it is for.',
      placeholder: 'TARGET',
      positional: true,
      environment: false,
    }),
    policy: z.string().meta({
      description: 'The deploying side’s policy.',
      placeholder: 'FILE',
      environment: false,
    }),
    environment: z
      .string()
      .meta({ description: 'Which environment the cluster is.', placeholder: 'NAME', environment: false }),
    image: z.array(z.string()).min(1).max(500).meta({
      description: 'An image, without tag or digest.',
      placeholder: 'REGISTRY/NAME',
      environment: false,
    }),
    denyList: file('The signed list of what is denied.'),
    trustedRoot: z.array(z.string()).default([]).meta({
      description:
        'The trusted root of an instance of one’s own; kyverno takes it in, with others it verifies the deny-list alone.',
      placeholder: 'FILE',
      environment: false,
    }),
    tufMirror: z.string().optional().meta({
      description:
        'kyverno: where the TUF repository of an instance of one’s own is; without it the public one has to be in reach.',
      placeholder: 'URL',
      environment: false,
    }),
    tufRoot: file('kyverno: the root of that repository that the cluster begins with.'),
    trustRoot: file('policy-controller: the TrustRoot object of an instance of one’s own.', 'NAME'),
    leaveOut: z
      .array(z.enum(['source', 'triggers', 'runner', 'digests', 'validity']))
      .default([])
      .meta({
        description: 'A rule that the target cannot ask and the deploy gate does.',
        placeholder: 'RULE',
        environment: false,
      }),
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const { renderAdmission } = await import('./trust-rendering.ts');
    return await renderAdmission(inputs, context);
  },
});
