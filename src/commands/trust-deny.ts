import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { trustInputs } from './trust-shared.ts';

export default defineCommand({
  name: 'trust deny',
  summary: 'Put digests and signers on the deny-list, and sign the list.',
  description: `Writes the next list: everything that the one in \`--list\` holds, and what is added. It is numbered, signed, and has an end within 90 days, so that nobody can hold back a newer one for long; without anything to add it is renewed. The list that is there must be signed by somebody whom the policy trusts with it, and so must the new one be.`,
  examples: [
    {
      run: 'sallyport trust deny --list deny.sigstore.json --policy deploy.yml --reason "CVE-2026-1234 is exploited" sha256:…',
      does: 'denies a digest',
    },
    {
      run: 'sallyport trust deny --list deny.sigstore.json --policy deploy.yml --reason "release 1.4.2 was made with a stolen token" --signer 0123456789abcdef0123456789abcdef01234567',
      does: 'revokes every signature of a release of the signing workflow',
    },
  ],
  inputs: z.strictObject({
    digests: z
      .array(z.string().regex(/^sha256:[0-9a-f]{64}$/u, 'expected sha256:HEX'))
      .max(10_000)
      .default([])
      .meta({
        description: 'What must not be deployed.',
        placeholder: 'sha256:HEX',
        positional: true,
        environment: false,
      }),
    signer: z.array(z.string().min(1).max(2000)).max(10_000).default([]).meta({
      description:
        'Whose signatures no longer count: the whole name in the certificate, the commit of the signing workflow, or sha256 of a key.',
      placeholder: 'NAME',
      environment: false,
    }),
    list: z.string().meta({
      description: 'The list that is there, or where the first one goes.',
      placeholder: 'FILE',
      environment: false,
    }),
    days: z.int().min(1).max(90).default(7).meta({
      description: 'How long the new list counts.',
      placeholder: 'DAYS',
      environment: false,
    }),
    ...trustInputs,
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const { deny } = await import('./trust-denying.ts');
    return await deny(inputs, context);
  },
});
