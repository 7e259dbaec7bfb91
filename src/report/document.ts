import { z } from 'zod';
import { type Decision, gates } from '../model/decision.ts';
import { SallyportError } from '../model/error.ts';
import { verifications } from '../model/finding.ts';
import { parseJson, placeInJson } from '../model/json/parse.ts';
import { scanStates } from '../model/report.ts';
import { severities } from '../model/severity.ts';
import { GATE_STAGE, stages } from '../model/stage.ts';
import { DOCUMENT_VERSION } from './json.ts';

const LIMITS = { bytes: 256 * 1024 * 1024, depth: 64, string: 4 * 1024 * 1024 };

const place = z.object({
  path: z
    .string()
    .meta({ description: 'Relative to the root of what was scanned, with / between its parts.' }),
  line: z.int().positive().optional().meta({ description: 'From 1.' }),
  column: z.int().positive().optional().meta({ description: 'From 1, in UTF-16 code units.' }),
  endLine: z.int().positive().optional(),
  endColumn: z.int().positive().optional().meta({ description: 'The column after the last character.' }),
});

const problem = z.object({
  code: z.string().meta({ description: 'Stable: SP-<AREA>-<WORD>.' }),
  message: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
  place: place.optional(),
  next: z.string().optional().meta({ description: 'What to do next.' }),
});

const digests = z.record(z.string(), z.string());
const findingStage = z.enum([...stages, GATE_STAGE]);
const severity = z.enum(severities);

const rule = z.object({
  engine: z.string(),
  id: z.string(),
  name: z.string().optional(),
  summary: z.string(),
  why: z.string().optional().meta({ description: 'Why it matters.' }),
  help: z.string().optional().meta({ description: 'What to do.' }),
  helpUri: z.string().optional(),
  severity,
  tags: z.array(z.string()),
});

const edit = z.object({
  place: place.required(),
  text: z.string(),
});

const finding = z.object({
  stage: findingStage,
  engine: z.string(),
  rule: z.string(),
  severity,
  score: z.number().nullable().meta({ description: '0 to 10 as in CVSS, where the engine gives one.' }),
  message: z.string(),
  places: z.array(place).meta({ description: 'The first is where to look.' }),
  help: z.string().optional(),
  fix: z.object({ description: z.string(), edits: z.array(edit), safe: z.boolean() }).optional(),
  fingerprint: z
    .string()
    .meta({ description: 'What waivers name. It survives moved lines and squashed commits.' }),
  suppressions: z.array(
    z.object({ kind: z.enum(['inSource', 'external']), justification: z.string(), place: place.optional() }),
  ),
  component: z.string().optional().meta({ description: 'purl of the component it is about.' }),
  tags: z.array(z.string()),
  verification: z
    .enum(verifications)
    .optional()
    .meta({ description: 'Of a credential that was to be tried out at its vendor.' }),
});

const violation = z.object({
  rule: z.string(),
  action: z.enum(['fail', 'warn']),
  message: z.string(),
  controls: z.array(z.string()),
  place: place.meta({ description: 'Where the rule of the policy stands.' }),
  layer: z.string(),
});

const outcome = z.enum(['failed', 'warned', 'passed', 'waived', 'suppressed']);

const judged = z.object({
  finding,
  introduced: z.boolean().nullable().meta({ description: 'Null where there is no base to compare with.' }),
  outcome,
  violations: z.array(violation),
  waiver: z
    .object({ owner: z.string(), reason: z.string(), expires: z.string(), place, layer: z.string() })
    .optional(),
  suppressedBy: z.string().optional(),
  refusedSuppression: z.string().optional(),
  alsoBy: z
    .array(
      z.object({
        engine: z.string(),
        rule: z.string(),
        severity,
        message: z.string(),
        fingerprint: z.string(),
        outcome,
      }),
    )
    .optional()
    .meta({ description: 'What other engines said about the same secret.' }),
});

const run = z.object({
  engine: z.object({
    name: z.string(),
    version: z.string(),
    publisher: z.string(),
    digest: z.string().optional(),
    data: z.object({ source: z.string(), updated: z.string() }).optional(),
    how: z.enum(['in-process', 'process', 'handed-in']),
  }),
  state: z.enum(scanStates),
  looked: z.object({
    files: z.number().nullable(),
    bytes: z.number().nullable(),
    commits: z.number().nullable(),
    rules: z.number().nullable(),
    skipped: z.array(z.object({ path: z.string(), reason: z.string(), blocking: z.boolean() })),
    complete: z.boolean(),
  }),
  findings: z.int().nonnegative(),
  problems: z.array(problem),
});

const decision = z.object({
  gate: z.enum(gates),
  verdict: z.enum(['passed', 'failed', 'error']).meta({ description: '`error` is no verdict.' }),
  local: z.boolean().meta({ description: 'Made on a laptop: nobody else accepts it.' }),
  subject: z.object({ name: z.string(), digest: digests, uri: z.string().optional() }),
  base: z.object({ revision: z.string(), mergeBase: z.string() }).nullable(),
  policy: z.object({
    uri: z.string(),
    digest: digests,
    layers: z.array(z.object({ name: z.string(), uri: z.string(), digest: digests })),
  }),
  decidedAt: z.string().meta({ description: 'RFC 3339, UTC.' }),
  summary: z.string(),
  stages: z.array(
    z.object({
      stage: z.enum(stages),
      requirement: z.enum(['always', 'when-present']).nullable(),
      state: z.enum([...scanStates, 'missing']),
      outcome: z.enum(['passed', 'failed', 'error']),
      reason: z.string(),
      runs: z.array(run),
    }),
  ),
  facts: z.array(
    z.object({
      kind: z.enum(['component', 'run', 'statement']),
      name: z.string(),
      stage: findingStage,
      place: place.optional(),
      violation,
    }),
  ),
  problems: z.array(problem),
  notes: z.array(z.string()),
  findings: z.array(judged),
});

/** What `--report json` writes, and the schema that is published for it. */
export const reportDocument = z
  .object({
    version: z.literal(DOCUMENT_VERSION),
    tool: z.object({ name: z.literal('sallyport'), version: z.string() }),
    rules: z.array(rule).meta({ description: 'The rules that the findings name, by engine and id.' }),
    decision,
  })
  .meta({
    title: 'Sallyport report',
    description: 'The decision of a gate with everything that it rests on.',
  });

export type ReportRule = z.infer<typeof rule>;

/** The document as a program reads it. */
export interface ReportDocument {
  version: typeof DOCUMENT_VERSION;
  tool: { name: 'sallyport'; version: string };
  rules: ReportRule[];
  decision: Decision;
}

/** Reads what `--report json` wrote. Throws a SallyportError with file, line and column where it is something else. */
export function readReportDocument(bytes: Uint8Array, path: string): ReportDocument {
  const value = parseJson(bytes, path, LIMITS);
  const parsed = reportDocument.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SallyportError({
    code: 'SP-REPORT-SHAPE',
    message: 'this is not a report of this version',
    expected: `a document that --report json wrote, version ${DOCUMENT_VERSION}${issue === undefined ? '' : `: ${issue.message}`}`,
    place: placeInJson(bytes, path, issue?.path ?? [], LIMITS),
    next: 'run the gate again',
  });
}
