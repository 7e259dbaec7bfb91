import { z } from 'zod';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { trustInputs } from './trust-shared.ts';

export default defineCommand({
  name: 'trust break-glass',
  summary: 'Sign an exception for one artefact at one environment, for at most four hours.',
  description: `What a person signs when something must go out that no release stands for. Two people sign, each with an identity that the policy trusts with it, and \`gate --gate deploy --break-glass FILE --break-glass FILE\` takes both where the policy allows it. The deny-list counts all the same, the summary has a level of its own that no other gate writes, and a clean one is owed within a day.`,
  examples: [
    {
      run: 'sallyport trust break-glass registry.example/app@sha256:… --environment production --policy deploy.yml --reason "payments are down, fix of #812" --output alice.sigstore.json',
      does: 'signs the first half of an exception',
    },
  ],
  inputs: z.strictObject({
    subject: z.string().meta({
      description: 'What is to go out: FILE, oci:DIR[:TAG], REGISTRY/NAME@sha256:HEX or sha256:HEX.',
      placeholder: 'SUBJECT',
      positional: true,
      environment: false,
    }),
    environment: z.string().meta({ description: 'Where.', placeholder: 'NAME', environment: false }),
    minutes: z.int().min(1).max(240).default(240).meta({
      description: 'How long the exception counts.',
      placeholder: 'MINUTES',
      environment: false,
    }),
    output: z.string().meta({
      description: 'Where the signed exception goes.',
      placeholder: 'FILE',
      environment: false,
    }),
    ...trustInputs,
    ...commonInputs,
  }),
  outputs: {},
  run: async (inputs, context) => {
    const [
      { resolve },
      { BREAK_GLASS_TYPE, breakGlassPredicate },
      { signVerified },
      { writeStatement },
      { openSubject },
      { judgeTrusted },
      { readBundle },
      { openSession },
      { trustGround },
      { failed },
    ] = await Promise.all([
      import('node:path'),
      import('../attest/break-glass.ts'),
      import('../attest/sign/signed.ts'),
      import('../attest/statement/write.ts'),
      import('../attest/subject.ts'),
      import('../attest/trusted.ts'),
      import('../attest/verify/bundle.ts'),
      import('./signing-inputs.ts'),
      import('./trust-shared.ts'),
      import('../attest/verify/failure.ts'),
    ]);
    const predicate = breakGlassPredicate(
      inputs.environment,
      inputs.reason,
      inputs.minutes,
      context.clock.now(),
    );
    const { expectation } = await trustGround(inputs, context);
    const subject = await openSubject(inputs.subject, inputs.store ?? null, context);
    const { json } = await signVerified(
      {
        signable: { kind: 'statement', payload: writeStatement(subject, BREAK_GLASS_TYPE, predicate) },
        predicateType: BREAK_GLASS_TYPE,
      },
      subject,
      await openSession(inputs, context),
      context,
    );
    const found = {
      where: inputs.output,
      bundle: readBundle(Buffer.from(json), inputs.output),
      document: null,
    };
    const { refused } = await judgeTrusted([found], subject.artifact, 'break-glass', {
      ...expectation,
      denied: null,
      now: context.clock.now(),
    });
    const [refusal] = refused;
    if (refusal !== undefined) {
      throw failed(
        refusal.problem.code,
        `the policy does not take your signature: ${refusal.problem.message}`,
        {
          expected: refusal.problem.expected ?? '',
          found: refusal.problem.found ?? '',
        },
      );
    }
    await context.files.write(resolve(context.cwd, inputs.output), [json]);
    context.out(
      `${subject.digest} to ${inputs.environment} until ${predicate.expires}: one of two signatures\n`,
    );
    return { exit: 0 };
  },
});
