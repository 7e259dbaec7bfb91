import { resolve } from 'node:path';
import { z } from 'zod';
import type { OpenedSession } from '../attest/sign/signed.ts';
import type { Store } from '../attest/store/store.ts';
import type { SigningSubject } from '../attest/subject.ts';
import { SallyportError } from '../model/error.ts';
import type { Context } from '../platform/context.ts';
import { defineCommand } from './command.ts';
import { commonInputs } from './common.ts';
import { identityInputs, subjectsMeta } from './signing-inputs.ts';

export default defineCommand({
  name: 'attest',
  summary: 'Sign a statement about files and images: provenance, a bill of materials, a report.',
  description: `Wraps a predicate in an in-toto statement about each subject and signs it. \`--type provenance\` needs no predicate: it is written from the identity token of the job, and only where the token and the runner agree; the actions that the workflow pins and the components of \`--bom\` are its resolved dependencies. An image that this signer has not signed yet gets a signature beside the attestation, since some verifiers look for it first.

With \`--checksums\`, all files that a checksum file names are the subjects of one statement: they need not be here. Each of them is verified with \`verify FILE --bundle BUNDLE\`.`,
  examples: [
    {
      run: 'sallyport attest --type provenance dist/app.tgz',
      does: 'attests where and how a file was built',
    },
    {
      run: 'sallyport attest --type provenance --checksums SHA256SUMS',
      does: 'attests the same of every file that sha256sum listed, in one bundle',
    },
    {
      run: 'sallyport attest --type cyclonedx --predicate bom.cdx.json registry.example/app@sha256:…',
      does: 'attests the bill of materials of an image',
    },
  ],
  inputs: z.strictObject({
    type: z.string().meta({
      description:
        'provenance, cyclonedx, spdx, vulnerabilities, vex, test-result, summary, or the address of a predicate type.',
      placeholder: 'TYPE',
      environment: false,
    }),
    predicate: z.string().optional().meta({
      description: 'The predicate, as JSON.',
      placeholder: 'FILE',
      environment: false,
    }),
    cacheless: z.boolean().default(false).meta({
      description:
        'The jobs of the build ran with `cache-mode: none`: without that, provenance reaches level 2 at most.',
      environment: false,
    }),
    bom: z.array(z.string()).default([]).meta({
      description:
        'With provenance: a bill of materials (CycloneDX or SPDX) whose components with a digest went into the build.',
      placeholder: 'FILE',
      environment: false,
    }),
    checkout: z.string().optional().meta({
      description:
        'With provenance: the checkout of the commit that was built, whose workflow names the actions that it pins; this folder where nothing is said.',
      placeholder: 'DIR',
      environment: false,
    }),
    checksums: z.string().optional().meta({
      description:
        'A checksum file of sha256sum, sha384sum or sha512sum: what it lists, up to 1024 files, are the subjects of one statement.',
      placeholder: 'FILE',
      environment: false,
    }),
    subjects: z.array(z.string()).max(1000).default([]).meta(subjectsMeta),
    ...identityInputs,
    ...commonInputs,
  }),
  outputs: {
    bundles: 'Where each attestation lies, one a line.',
  },
  action: 'attest',
  run: async (inputs, context) => {
    const [
      { openSubject },
      { openChecksums },
      { openSession },
      { signAll, taskOf },
      types,
      { writeStatement, writeStatementAbout, MAX_PREDICATE },
      { parseJson },
    ] = await Promise.all([
      import('../attest/subject.ts'),
      import('../attest/checksum-file.ts'),
      import('./signing-inputs.ts'),
      import('./signing.ts'),
      import('../attest/statement/types.ts'),
      import('../attest/statement/write.ts'),
      import('../model/json/parse.ts'),
    ]);
    const type = types.typesOf(inputs.type);
    if (type === null) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: `--type ${inputs.type.slice(0, 100)}`,
        expected: `${types.predicateKinds.map((kind) => kind.name).join(', ')}, or an address`,
      });
    }
    const provenance = type.write === types.typesOf('provenance')?.write && inputs.predicate === undefined;
    if (!provenance && inputs.predicate === undefined) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: `--type ${inputs.type} needs a predicate`,
        expected: '--predicate FILE',
      });
    }
    if (!provenance && (inputs.bom.length > 0 || inputs.checkout !== undefined || inputs.cacheless)) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: '--bom, --checkout and --cacheless are for provenance that is written here',
        expected: '--type provenance without --predicate',
      });
    }
    if (inputs.subjects.length === 0 && inputs.checksums === undefined) {
      throw new SallyportError({
        code: 'SP-USAGE',
        message: 'attest needs something to attest',
        expected: 'SUBJECT..., or --checksums FILE',
        next: 'sallyport help attest',
      });
    }
    let predicate: unknown = null;
    if (inputs.predicate !== undefined) {
      const path = resolve(context.cwd, inputs.predicate);
      const limits = { bytes: MAX_PREDICATE, depth: 64, string: MAX_PREDICATE };
      predicate = parseJson(await context.files.read(path, MAX_PREDICATE), inputs.predicate, limits);
    }
    const subjects = await Promise.all(
      inputs.subjects.map(async (text) => await openSubject(text, inputs.store ?? null, context)),
    );
    const { checksums, store } = inputs;
    const listed = checksums === undefined ? [] : [await openChecksums(checksums, store ?? null, context)];
    const opened = await openSession(inputs, context);
    if (provenance) {
      const { buildLevelOf, hasIsolatedSigner, provenanceOf } = await import(
        '../attest/statement/provenance.ts'
      );
      if (opened.token === null) {
        throw new SallyportError({
          code: 'SP-PROVENANCE-CLAIMS',
          message: 'provenance is written from an identity token, which a key does not have',
          expected: 'the identity of a workflow job',
          found: '--key',
        });
      }
      const { claims } = opened.token;
      const { resolvedDependencies } = await import('./provenance-dependencies.ts');
      predicate = provenanceOf(claims, context.env, await resolvedDependencies(inputs, claims, context));
      const { level, reasons } = buildLevelOf(claims, {
        cacheRestored: !inputs.cacheless,
        isolatedSigner: hasIsolatedSigner(claims),
      });
      context.log.info(`SLSA build level ${level}${reasons.length === 0 ? '' : `: ${reasons.join('; ')}`}`);
    }
    const item = (predicateType: string, payload: Buffer) => ({
      signable: { kind: 'statement' as const, payload },
      predicateType,
    });
    const tasks = await Promise.all(
      subjects.map(async (subject) => {
        const items = [item(type.write, writeStatement(subject, type.write, predicate))];
        if (subject.kind !== 'image' || subject.store === null) return taskOf(subject, items);
        const signed = await isSigned(subject, subject.store, opened, context);
        const signature = item(types.COSIGN_SIGNATURE, writeStatement(subject, types.COSIGN_SIGNATURE, {}));
        return taskOf(subject, signed ? items : [...items, signature]);
      }),
    );
    for (const file of listed) {
      const items = [item(type.write, writeStatementAbout(file.subjects, type.write, predicate))];
      tasks.push({ subject: file, items, keep: file.keep });
    }
    return await signAll(tasks, opened, context);
  },
});

/** Whether the image has a signature of this very signer: anybody may put something there that looks like one. */
async function isSigned(
  subject: SigningSubject,
  store: Store,
  { session, instances, key }: OpenedSession,
  context: Context,
): Promise<boolean> {
  const [{ judgeFound }, { COSIGN_SIGNATURE }] = await Promise.all([
    import('../attest/find.ts'),
    import('../attest/statement/types.ts'),
  ]);
  const expectation = { instances, key, identity: session.identity, now: context.clock.now() };
  const { accepted } = await judgeFound(await store.find(subject.digest), subject, expectation);
  return accepted.some(({ statement }) => statement === null || statement.predicateType === COSIGN_SIGNATURE);
}
