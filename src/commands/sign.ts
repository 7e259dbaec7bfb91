import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { signingInputs } from './signing-inputs.ts';

export default defineCommand({
  name: 'sign',
  summary: 'Sign files and images with the identity of the workflow, or with a key.',
  description: `Signs as cosign 3 does: a file gets \`FILE.sigstore.json\` beside it, an image a bundle in its registry or layout. The identity is that of the job (OpenID), of --identity-token, or a key. All subjects are signed with one short-lived certificate.

Each bundle is verified against the trusted root before it is kept. What could not be signed is named, the rest is done, and the exit code is 2.`,
  examples: [
    { run: 'sallyport sign dist/app.tgz', does: 'signs a file with the identity of the job' },
    {
      run: 'sallyport sign registry.example/app@sha256:… --signing-config sc.json --trusted-root root.json',
      does: 'signs an image with a Sigstore instance of one’s own',
    },
    {
      run: 'sallyport sign --key release.pem dist/app.tgz',
      does: 'signs with a key, without log or network',
    },
  ],
  inputs: z.strictObject({ ...signingInputs, ...commonInputs }),
  outputs: { bundles: 'Where each signature lies, one a line.' },
  action: 'sign',
  run: async (inputs, context) => {
    const [
      { openSubject, piecesOf },
      { openSession },
      { signAll, taskOf },
      { COSIGN_SIGNATURE },
      { writeStatement },
    ] = await Promise.all([
      import('../attest/subject.ts'),
      import('./signing-inputs.ts'),
      import('./signing.ts'),
      import('../attest/statement/types.ts'),
      import('../attest/statement/write.ts'),
    ]);
    const subjects = await Promise.all(
      inputs.subjects.map(async (text) => await openSubject(text, inputs.store ?? null, context)),
    );
    const opened = await openSession(inputs, context);
    const tasks = subjects.map((subject) =>
      taskOf(subject, [
        subject.kind === 'file'
          ? {
              signable: {
                kind: 'file' as const,
                sha256: Buffer.from(subject.digest.slice('sha256:'.length), 'hex'),
                open: () => piecesOf(subject),
              },
              predicateType: null,
            }
          : {
              signable: {
                kind: 'statement' as const,
                payload: writeStatement(subject, COSIGN_SIGNATURE, {}),
              },
              predicateType: COSIGN_SIGNATURE,
            },
      ]),
    );
    return await signAll(tasks, opened, context);
  },
});
