import { z } from 'zod';
import { gates } from '../model/decision.ts';
import { isGlob } from '../model/glob.ts';
import { stages } from '../model/stage.ts';
import { justifications } from '../model/vex.ts';
import { bannedEntry } from './banned-schema.ts';
import { trustFile } from './trust-schema.ts';

/** Over what a rule's condition runs. */
export const ruleSubjects = ['finding', 'component', 'run', 'statement'] as const;
export type RuleSubject = (typeof ruleSubjects)[number];

const MAX_ITEMS = 10_000;
const text = (max: number) => z.string().min(1).max(max);
const identifier = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/u, 'expected lower-case letters, digits and hyphens, at most 64');
const tooManyBraces = 'expected a pattern whose braces stand for at most 256 alternatives';
const glob = text(512).refine(isGlob, tooManyBraces).meta({
  description: 'A path pattern: `*`, `**`, `?`, `{a,b}`, relative to the root.',
});

/** `7d`, `12h`: whole days or hours. */
const duration = z
  .string()
  .regex(/^[1-9][0-9]{0,3}[dh]$/u, 'expected a number of days or hours such as 7d or 12h');

const calendarDate = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/u, 'expected a date such as 2027-01-31')
  .refine((value) => isCalendarDate(value), 'expected a date that exists in the calendar');

/** `2026-02-30` looks like a date and is none; JavaScript would make it March. */
function isCalendarDate(value: string): boolean {
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}

const stage = z
  .strictObject({
    engines: z.array(identifier).max(32).optional().meta({
      description: 'Engines that must each report, beside the embedded ones. A later layer can only add.',
    }),
    exclude: z.array(glob).max(1000).optional().meta({
      description:
        'Paths that are not looked at. A layer that builds on another cannot add any: use a waiver.',
    }),
    maxDataAge: duration
      .optional()
      .meta({ description: 'How old an engine’s data may be. A later layer can only shorten it.' }),
    options: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'Options of the stage’s engines (docs/reference/engines.md).' }),
  })
  .meta({ description: 'How a stage is run.' });

const rule = z
  .strictObject({
    id: identifier,
    over: z
      .enum(ruleSubjects)
      .optional()
      .meta({ description: 'What the condition is about, one at a time.' }),
    condition: text(4096).optional().meta({
      description:
        'A CEL expression. True is a violation (docs/reference/conditions.md lists what it can read).',
    }),
    action: z
      .enum(['fail', 'warn'])
      .meta({ description: 'A later layer can turn `warn` into `fail`, not back.' }),
    message: text(1000).optional().meta({ description: 'What people read when it is violated.' }),
    controls: z
      .array(
        z
          .string()
          .regex(
            /^[a-z0-9.-]{1,40}:[A-Za-z0-9.()-]{1,40}$/u,
            'expected STANDARD:CONTROL, such as pci-dss-4:6.3.2',
          ),
      )
      .max(50)
      .optional()
      .meta({ description: 'The controls of a standard that rest on this rule.' }),
  })
  .meta({
    description:
      'A rule. `over`, `condition` and `message` belong to its definition; a later layer that only tightens it repeats `id` and `action`.',
  });

const waiver = z
  .strictObject({
    fingerprint: z
      .string()
      .regex(/^[0-9a-f]{32}:\d{1,6}$/u, 'expected a fingerprint as reports show it')
      .optional(),
    rule: text(200)
      .refine(isGlob, tooManyBraces)
      .optional()
      .meta({ description: 'A rule id or a pattern such as `DL*`; goes with `path`.' }),
    path: glob.optional(),
    component: text(1000).optional().meta({
      description: 'A component as a purl, with its version or for every version; goes with `advisory`.',
    }),
    advisory: text(256).optional().meta({
      description: 'A vulnerability of the component, by any of its names: CVE, GHSA, ...',
    }),
    justification: z.enum(justifications).optional().meta({
      description:
        'Why the vulnerability does not concern the service, in the words of VEX: what `policy vex` writes; goes with `advisory`.',
    }),
    owner: text(200).meta({ description: 'Who answers for it.' }),
    reason: text(2000),
    expires: calendarDate.meta({ description: 'The last day on which it counts, UTC.' }),
  })
  .refine((w) => (w.rule === undefined) === (w.path === undefined), { message: 'rule and path go together' })
  .refine((w) => (w.component === undefined) === (w.advisory === undefined), {
    message: 'component and advisory go together',
  })
  .refine((w) => w.justification === undefined || w.advisory !== undefined, {
    message: 'justification goes with advisory',
  })
  .refine((w) => [w.fingerprint, w.rule, w.component].filter((one) => one !== undefined).length === 1, {
    message: 'expected either fingerprint, or rule and path, or component and advisory',
  })
  .meta({
    description:
      'Lets a finding pass for a time: by fingerprint, by rule and path, or by a component and one of its vulnerabilities.',
  });

const gate = z
  .strictObject({
    stages: z
      .partialRecord(z.enum(stages), z.enum(['always', 'when-present']))
      .optional()
      .meta({
        description:
          '`always`: it must have looked at something. `when-present`: it passes too where a complete look met nothing of its kind.',
      }),
    rules: z
      .array(identifier)
      .max(1000)
      .optional()
      .meta({ description: 'Ids of the rules that count at this gate.' }),
  })
  .meta({ description: 'What a gate asks for.' });

/** `.sallyport.yml`, and the packs: one format. */
export const policyFile = z
  .strictObject({
    version: z.literal(1),
    title: text(200).optional(),
    description: text(4000).optional(),
    extends: z.array(text(1000)).max(16).optional().meta({
      description:
        'Packs that this file builds on: `baseline`, `strict`, `pci-dss-4`, or PATH@sha256:HEX, or https://…@sha256:HEX.',
    }),
    stages: z.partialRecord(z.enum(stages), stage).optional(),
    gates: z.partialRecord(z.enum(gates), gate).optional(),
    engines: z
      .record(
        identifier,
        z.strictObject({
          sha256: z
            .array(z.string().regex(/^[0-9a-f]{64}$/u, 'expected sha256 in lower-case hex'))
            .min(1)
            .max(32)
            .meta({
              description: 'The executables that are accepted. A later layer can only narrow the list.',
            }),
        }),
      )
      .optional()
      .meta({ description: 'Locks for engines that are not embedded.' }),
    limits: z
      .strictObject({
        vexDays: z.int().min(1).max(3660).optional().meta({
          description:
            'How long a VEX statement counts after it was made. A later layer can only shorten it.',
        }),
        waiverDays: z.int().min(1).max(3660).optional().meta({
          description: 'How far ahead a waiver may expire. A later layer can only shorten it.',
        }),
      })
      .optional(),
    rules: z.array(rule).max(1000).optional(),
    vex: z.array(glob).max(100).optional().meta({
      description:
        'VEX documents (OpenVEX, CycloneDX) of this repository, by path; read at the base. A vulnerability that one says does not concern a component, or is fixed in it, does not count; what is banned or malicious does.',
    }),
    banned: z.array(bannedEntry).max(MAX_ITEMS).optional(),
    waivers: z.array(waiver).max(MAX_ITEMS).optional(),
    trust: trustFile.optional(),
  })
  .meta({
    title: 'Sallyport policy',
    description: 'What must hold before a change, a release or a deployment passes.',
  });

export type PolicyFile = z.output<typeof policyFile>;
export type WaiverEntry = z.output<typeof waiver>;
