import { z } from 'zod';
import { VSA_TYPE } from '../../model/evidence.ts';
import { duration, text } from './parts.ts';

const signer = z
  .strictObject({
    issuer: text(500).optional().meta({ description: 'The identity provider that vouched for the signer.' }),
    identity: text(1000)
      .optional()
      .meta({ description: 'The whole name in the certificate; of a reusable workflow, that workflow.' }),
    identityPattern: text(1000)
      .optional()
      .meta({ description: 'The same as an RE2 expression that the whole name must match.' }),
    source: text(300).optional().meta({ description: 'The repository that it must be built from.' }),
    key: text(1000).optional().meta({ description: 'A public key (PEM file) instead of an identity.' }),
    trustedRoot: z.array(text(1000)).max(8).default([]).meta({
      description: 'Trusted roots; without one that of the public Sigstore, or with `key` the key alone.',
    }),
  })
  .refine(
    ({ issuer, identity, identityPattern, source, key }) =>
      key === undefined
        ? issuer !== undefined && (identity === undefined) !== (identityPattern === undefined)
        : issuer === undefined &&
          identity === undefined &&
          identityPattern === undefined &&
          source === undefined,
    'expected either `issuer` with `identity` or `identityPattern`, or `key`',
  );

/** The fields that only a verification summary has; of one, all but the age must be asked for. */
const OF_SUMMARY = ['verifier', 'resourceUri', 'level', 'policies'] as const;

export const evidence = z
  .strictObject({
    predicateType: text(300).meta({ description: 'The type of the in-toto statement.' }),
    signer: signer.optional().meta({ description: 'Who must have signed it.' }),
    unsigned: z.boolean().default(false).meta({
      description: 'On a laptop a statement that nobody signed is enough. In CI it never is.',
    }),
    verifier: text(300).optional().meta({ description: 'Of a verification summary: who decided.' }),
    resourceUri: text(1000).optional().meta({ description: 'Of a verification summary: what for.' }),
    level: text(100)
      .optional()
      .meta({ description: 'Of a verification summary: a level that it must hold.' }),
    policies: z
      .array(z.string().regex(/^[0-9a-f]{64}$/u, 'expected the sha256 of a policy, 64 hex digits'))
      .min(1)
      .max(32)
      .optional()
      .meta({ description: 'Of a verification summary: sha256 of the policies that are accepted.' }),
    maxAge: duration.optional().meta({
      description: 'Of a verification summary: how long ago it may have been signed; any age without it.',
    }),
  })
  .superRefine((one, context) => {
    const issue = (name: string, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    if (one.signer === undefined && !one.unsigned)
      issue('signer', 'expected who must have signed it, or `unsigned: true` for a laptop');
    const summary = one.predicateType === VSA_TYPE;
    for (const name of OF_SUMMARY) {
      if (summary && one[name] === undefined) issue(name, 'expected what the summary must say');
      if (!summary && one[name] !== undefined) issue(name, `expected nothing: only ${VSA_TYPE} has it`);
    }
    if (!summary && one.maxAge !== undefined) issue('maxAge', `expected nothing: only ${VSA_TYPE} has it`);
  });

export type WantedEvidence = z.output<typeof evidence>;
