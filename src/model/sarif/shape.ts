import { z } from 'zod';
import { type ScanState, scanStates } from '../report.ts';
import { SARIF_LIMITS, SARIF_VERSION } from './schema.ts';

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
