import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { storeInput, subjectsMeta } from './signing-inputs.ts';

export default defineCommand({
  name: 'verify',
  summary: 'Check who signed files and images, and what was attested of them.',
  description: `Verifies Sigstore bundles: certificate, log, timestamps, signature; then who signed (identity and issuer), then what (the subject’s digest, the predicate’s type, and for provenance that the predicate says what the certificate says).

Without \`--type\` one signature or attestation of the signer that is asked for must be there; with it, one attestation of each type. Exit code 1: a check said no, or there is no signature; 2: nothing could be decided.`,
  examples: [
    {
      run: 'sallyport verify app.tgz --issuer https://token.actions.githubusercontent.com --identity https://github.com/o/r/.github/workflows/release.yml@refs/heads/main',
      does: 'verifies the signature beside a file',
    },
    {
      run: 'sallyport verify registry.example/app:v1 --type provenance --source acme/payments --issuer … --identity-pattern "https://github.com/acme/.*" --explain',
      does: 'verifies the provenance of an image and shows what was checked against what',
    },
    { run: 'sallyport verify app.tgz --key release.pub', does: 'verifies with a public key alone' },
    {
      run: 'sallyport verify registry.example/app@sha256:… --policy deploy.yml --gate deploy --environment production --explain',
      does: 'verifies by the signers of a policy that the image may run in production',
    },
    {
      run: 'kustomize build prod | sallyport verify --manifest - --policy deploy.yml --gate deploy --environment production > verified.yml',
      does: 'verifies every image of Kubernetes manifests and writes digests in place of tags',
    },
  ],
  inputs: z.strictObject({
    subjects: z.array(z.string()).max(1000).default([]).meta(subjectsMeta),
    bundle: z.array(z.string()).default([]).meta({
      description: 'A bundle to verify, instead of those beside the subject.',
      placeholder: 'FILE',
      environment: false,
    }),
    identity: z.string().optional().meta({
      description:
        'Who must have signed: the whole name in the certificate. Of a reusable workflow, that workflow.',
      placeholder: 'NAME',
      environment: false,
    }),
    identityPattern: z.string().optional().meta({
      description: 'The same as an RE2 expression that the whole name must match.',
      placeholder: 'REGEX',
      environment: false,
    }),
    issuer: z.string().optional().meta({
      description: 'The identity provider that vouched for the signer.',
      placeholder: 'URL',
      environment: false,
    }),
    source: z.string().optional().meta({
      description: 'The repository that it must be built from.',
      placeholder: 'OWNER/NAME',
      environment: false,
    }),
    policy: z.string().optional().meta({
      description: 'The policy whose signers count, instead of an identity.',
      placeholder: 'FILE',
      environment: false,
    }),
    gate: z.enum(['release', 'deploy']).optional().meta({
      description: 'With --policy: the gate whose summary must be there.',
      placeholder: 'GATE',
      environment: false,
    }),
    environment: z.string().optional().meta({
      description: 'With --gate deploy: where it may run.',
      placeholder: 'NAME',
      environment: false,
    }),
    resource: z.string().optional().meta({
      description: 'With --gate: what the summary calls it; its own name where nothing is said.',
      placeholder: 'URI',
      environment: false,
    }),
    denyList: z.string().optional().meta({
      description: 'With --policy: the signed list of what is denied.',
      placeholder: 'FILE',
      environment: false,
    }),
    manifest: z.array(z.string()).default([]).meta({
      description:
        'Kubernetes manifests, - for stdin: every image in them is verified, and they are printed with digests in place of tags.',
      placeholder: 'FILE',
      environment: false,
    }),
    key: z.string().optional().meta({
      description:
        'The public key that must have signed, instead of an identity: a file, or the name of a key as `sign --key` takes it.',
      placeholder: 'FILE|SERVICE://KEY',
      environment: false,
    }),
    type: z.array(z.string()).default([]).meta({
      description: 'A type of attestation that must be there.',
      placeholder: 'TYPE',
      environment: false,
    }),
    trustedRoot: z.array(z.string()).default([]).meta({
      description:
        'A trusted root; without one, that of the public Sigstore. With --key and without one, the key alone counts.',
      placeholder: 'FILE',
      environment: false,
    }),
    maxRootAge: z.int().min(1).max(3660).optional().meta({
      description:
        'How old the trusted root may be, in days, when the network is not used: 30, or what the policy says, where nothing is said.',
      placeholder: 'DAYS',
      environment: false,
    }),
    explain: z.boolean().default(false).meta({ description: 'Show what was checked against what.' }),
    report: z
      .enum(['table', 'json'])
      .default('table')
      .meta({ description: 'The form of the result.', placeholder: 'FORMAT' }),
    ...storeInput,
    ...commonInputs,
  }),
  outputs: {
    verified: '`true` where everything holds.',
    digests: 'The digests that were verified, one a line.',
  },
  action: 'verify',
  run: async (inputs, context) => {
    const { verifyAll } = await import('./verifying.ts');
    return await verifyAll(inputs, context);
  },
});
