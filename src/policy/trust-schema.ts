import { z } from 'zod';
import { FORBIDDEN_TRIGGERS, trustRoles } from '../model/trust.ts';

const text = (max: number) => z.string().min(1).max(max);
/** Letters that stand for more than themselves somewhere: a trusted name means exactly what it says. */
const exact = (max: number) =>
  text(max).regex(/^[^\s*?[\]{}()|^$\\]+$/u, 'expected an exact name: no wildcard, no pattern');
const digest = z.string().regex(/^[0-9a-f]{64}$/u, 'expected sha256 in lower-case hex');
const commit = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u, 'expected a whole commit in lower-case hex');
const ref = exact(255).regex(/^refs\/(?:heads|tags)\/./u, 'expected a whole ref such as refs/heads/main');
const number = z
  .string()
  .regex(/^[0-9]{1,20}$/u, 'expected an id of digits: names are given to others again');
const duration = z
  .string()
  .regex(/^[1-9][0-9]{0,3}[dh]$/u, 'expected a number of days or hours such as 7d or 12h');
const moment = z.iso.datetime({ offset: true, message: 'expected a time such as 2027-01-31T00:00:00Z' });
const https = exact(500).regex(/^https?:\/\/[^/]/u, 'expected an address that begins with https://');

const workflow = z.strictObject({
  repository: https.regex(/^https?:\/\/[^/]+\/[^/]+\/[^/]+$/u, 'expected https://HOST/OWNER/NAME').meta({
    description: 'The repository that holds the workflow; of a reusable workflow, that one.',
  }),
  path: exact(300).regex(/^\.github\/workflows\/[^/]+\.ya?ml$/u, 'expected .github/workflows/FILE.yml'),
  refs: z.array(ref).max(50).default([]).meta({ description: 'Whole refs at which it may be.' }),
  digests: z.array(commit).max(1000).default([]).meta({
    description: 'Commits of released versions, for callers that pin the workflow by commit.',
  }),
});

const signer = z
  .strictObject({
    name: text(100).meta({ description: 'What messages call it.' }),
    signs: z.array(z.enum(trustRoles)).min(1).max(trustRoles.length).meta({
      description: 'What it may sign.',
    }),
    issuer: https.optional().meta({ description: 'The identity provider that vouches for it.' }),
    workflow: workflow.optional(),
    source: z
      .strictObject({ repositoryId: number, ownerId: number })
      .optional()
      .meta({ description: 'The repository that was built, by ids.' }),
    triggers: z
      .array(
        exact(50).refine((value) => !FORBIDDEN_TRIGGERS.includes(value), 'a trigger that is never accepted'),
      )
      .max(20)
      .optional()
      .meta({
        description: 'Triggers that are accepted; without it, all but those that strangers can start.',
      }),
    runner: z.enum(['github-hosted', 'self-hosted', 'any']).optional().meta({
      description: 'Where it must have run; `github-hosted` unless said otherwise.',
    }),
    identity: exact(500).optional().meta({
      description: 'A person’s name as the identity provider writes it, instead of a workflow.',
    }),
    publicKey: text(8192).optional().meta({
      description: 'A public key in PEM, instead of an identity.',
    }),
    notBefore: moment.optional().meta({ description: 'In proven signing time.' }),
    notAfter: moment.optional(),
  })
  .refine(
    (one) => [one.workflow, one.identity, one.publicKey].filter((part) => part !== undefined).length === 1,
    { message: 'expected one of workflow, identity and publicKey' },
  )
  .refine((one) => one.workflow === undefined || (one.issuer !== undefined && one.source !== undefined), {
    message: 'a workflow needs issuer and source: whose it is, and what it was built from',
  })
  .refine((one) => one.workflow === undefined || one.workflow.refs.length + one.workflow.digests.length > 0, {
    message: 'expected refs or digests of the workflow',
  })
  .refine((one) => one.identity === undefined || one.issuer !== undefined, {
    message: 'an identity needs the issuer that vouches for it',
  })
  .refine(
    (one) =>
      one.workflow !== undefined ||
      (one.source === undefined && one.triggers === undefined && one.runner === undefined),
    { message: 'source, triggers and runner go with a workflow' },
  )
  .refine((one) => one.publicKey === undefined || one.issuer === undefined, {
    message: 'a key has no issuer',
  });

/** The key `trust` of a policy: who may sign what (trust-model rules 7 to 12). */
export const trustFile = z
  .strictObject({
    signers: z.array(signer).max(200).optional().meta({
      description:
        'Who may sign what. A later layer can only leave signers out or narrow them: nobody can add itself.',
    }),
    policies: z.array(digest).max(1000).optional().meta({
      description:
        'Digests of the policies whose summaries are accepted (`sallyport policy check` shows a policy’s).',
    }),
    roots: z
      .strictObject({
        maxAge: duration.optional().meta({
          description: 'How old a trusted root may be where the network is not used; 30d without it.',
        }),
        sha256: z.array(digest).min(1).max(50).optional().meta({
          description: 'The trusted roots that may be used.',
        }),
      })
      .optional(),
    summaries: z
      .strictObject({
        maxAge: duration.meta({
          description:
            'How long ago, by log or timestamp, a release may have been summarized when it is deployed.',
        }),
      })
      .optional(),
    denyList: z
      .strictObject({
        required: z.boolean().meta({ description: 'Whether nothing is decided without the list.' }),
        minimum: z.int().min(1).max(1_000_000_000).optional().meta({
          description: 'The lowest number of a list that is accepted: an older one was replaced.',
        }),
      })
      .optional()
      .meta({ description: 'The list of what is denied (`sallyport trust deny` writes it).' }),
    breakGlass: z
      .strictObject({ environments: z.array(exact(100)).max(100) })
      .optional()
      .meta({ description: 'Where an exception by two people is taken.' }),
  })
  .meta({ description: 'Whom to believe.' });

export type TrustFile = z.output<typeof trustFile>;
export type SignerFile = z.output<typeof signer>;
