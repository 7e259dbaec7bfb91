import { z } from 'zod';
import { isObject, type Json } from '../json/values.ts';
import { type ScanState, scanStates } from '../report.ts';

/** SARIF 2.1.0 as OASIS publishes it (https://docs.oasis-open.org/sarif/sarif/v2.1.0/). */
export const SARIF_VERSION = '2.1.0';
export const SARIF_SCHEMA_URI =
  'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

/** What a log may hold at most. Sizes in bytes; `results` counts all runs together. */
export const SARIF_LIMITS = {
  bytes: 256 * 1024 * 1024,
  depth: 128,
  string: 16 * 1024 * 1024,
  runs: 1_000,
  results: 1_000_000,
  rules: 100_000,
  places: 1_000,
} as const;

const descriptor = z.looseObject({ id: z.string().min(1) });
const component = z.looseObject({
  name: z.string().min(1),
  rules: z.array(descriptor).max(SARIF_LIMITS.rules).nullish(),
});
const notifications = z.array(z.looseObject({})).nullish();
const invocation = z.looseObject({
  executionSuccessful: z.boolean().nullish(),
  toolExecutionNotifications: notifications,
  toolConfigurationNotifications: notifications,
});

/** A run without its results. Strict in what decides (did it run, what is it called), lenient in the rest. */
const run = z.looseObject({
  tool: z.looseObject({ driver: component, extensions: z.array(component).nullish() }),
  invocations: z.array(invocation).nullish(),
  artifacts: z.array(z.looseObject({})).nullish(),
  originalUriBaseIds: z.record(z.string(), z.unknown()).nullish(),
  results: z.array(z.unknown()).nullish(),
  externalPropertyFileReferences: z.record(z.string(), z.unknown()).nullish(),
  columnKind: z.string().nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});

export const sarifLog = z.looseObject({
  version: z.literal(SARIF_VERSION),
  runs: z.array(run).max(SARIF_LIMITS.runs),
});

export interface SarifRun extends Json {
  tool: Json & { driver: Json & { name: string; rules?: (Json & { id: string })[] | null } };
}

/** The fields of ours that no standard member has, in `run.properties` (docs/reference/sarif.md). */
export const RUN_PROPERTY = 'sallyport/run';
/** Where a report keeps the members of the log that it was read from. No run has a member of this name. */
export const LOG_MEMBER = '$log';
const OURS = 'sallyport/';
export const SEVERITY = 'sallyport/severity';
export const FINGERPRINT = 'sallyport/v1';
export const FINGERPRINT_FORM = /^[0-9a-f]{32}:[0-9]{1,7}$/u;

const count = z.number().int().nonnegative().nullable();
const time = z.iso.datetime({ offset: true });
const place = z.object({
  path: z.string(),
  line: z.number().int().positive().optional(),
  column: z.number().int().positive().optional(),
  endLine: z.number().int().positive().optional(),
  endColumn: z.number().int().positive().optional(),
});

const ownProblem = z.object({
  code: z.string(),
  message: z.string(),
  expected: z.string().optional(),
  found: z.string().optional(),
  place: place.optional(),
  next: z.string().optional(),
});

export const ownRun = z.object({
  stage: z.string(),
  state: z.enum(scanStates as unknown as [ScanState, ...ScanState[]]),
  startedAt: time,
  finishedAt: time,
  engine: z.object({
    name: z.string(),
    version: z.string(),
    publisher: z.string(),
    how: z.enum(['in-process', 'process', 'handed-in']),
    digest: z.string().optional(),
    data: z.object({ source: z.string(), updated: z.string() }).optional(),
  }),
  looked: z.object({
    files: count,
    bytes: count,
    commits: count,
    rules: count,
    skipped: z.array(z.object({ path: z.string(), reason: z.string(), blocking: z.boolean() })),
    complete: z.boolean(),
  }),
  problems: z.array(ownProblem),
});
export type OwnRun = z.infer<typeof ownRun>;
export const ownTime = time;

/**
 * Takes our own names out of the property bags of something that was read. They are written anew from the model;
 * what somebody else put under them, or in the place of such a bag, must not stand beside it, or win over it.
 */
export function withoutOurs(holder: Json, ...bags: string[]): void {
  for (const bag of bags) {
    const properties = holder[bag];
    if (!isObject(properties)) {
      if (properties !== undefined) delete holder[bag];
      continue;
    }
    for (const name of Object.keys(properties)) if (name.startsWith(OURS)) delete properties[name];
  }
}
