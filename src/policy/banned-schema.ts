import { z } from 'zod';

const text = (max: number) => z.string().min(1).max(max);

/** One entry of `banned` in a policy file. */
export const bannedEntry = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,63}$/u, 'expected lower-case letters, digits and hyphens, at most 64')
      .meta({ description: 'What the ban is called in reports.' }),
    package: text(1000).optional().meta({
      description:
        'The package as a purl without a version: `pkg:maven/org.apache.logging.log4j/log4j-core`.',
    }),
    versions: text(4096).optional().meta({
      description: 'The versions, as a vers range such as `vers:maven/<2.17.1`; without it every version.',
    }),
    condition: text(4096).optional().meta({
      description:
        'A CEL expression over a component, instead of a package; true is banned (docs/reference/conditions.md).',
    }),
    reason: text(1000).meta({ description: 'Why, for whoever meets it.' }),
    instead: text(1000).optional().meta({ description: 'What to do or to use instead.' }),
    action: z
      .enum(['fail', 'warn'])
      .default('fail')
      .meta({ description: 'What it does to a change that brings the component.' }),
    existing: z
      .enum(['fail', 'warn'])
      .default('warn')
      .meta({ description: 'What it does where the component was there before the change.' }),
  })
  .refine((entry) => (entry.package === undefined) !== (entry.condition === undefined), {
    message: 'expected either package or condition',
  })
  .refine((entry) => entry.versions === undefined || entry.package !== undefined, {
    message: 'versions go with package',
  })
  .meta({ description: 'Components that must not be used. A later layer can only add to them.' });

export type BannedEntry = z.output<typeof bannedEntry>;
