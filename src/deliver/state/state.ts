import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';

/** The phases of a promotion. `held`, `promoted` and `rolled-back` are ends; everything else needs somebody who acts. */
export const phases = [
  'starting',
  'stepping',
  'promoting',
  'promoted',
  'rolling-back',
  'rolled-back',
  'held',
] as const;
export type Phase = (typeof phases)[number];

const time = z.number().int().min(0);
const counts = z.strictObject({ requests: z.int().min(0), errors: z.int().min(0) });
const arms = z.strictObject({ canary: counts, baseline: counts });
const rows = z.array(z.array(z.number())).max(8);

/** One point of the course, for the chart: counts since the point before. */
const point = z.strictObject({
  at: time,
  weight: z.number().min(0).max(100),
  canary: counts,
  baseline: counts,
  /** log10 of the e-value that is nearest to its threshold, and of that threshold. */
  evidence: z.number(),
  threshold: z.number(),
});
export type CoursePoint = z.output<typeof point>;

export const canaryState = z.strictObject({
  format: z.literal(1),
  service: z.string().max(63),
  environment: z.string().max(63),
  /** sha256 of the plan's text. */
  plan: z.string().regex(/^[0-9a-f]{64}$/u),
  /** What is promoted. */
  subject: z.string().max(500),
  /** Rises with each holder: whoever has a lower one may change nothing any more. */
  fence: z.int().min(1),
  holder: z.string().max(100),
  phase: z.enum(phases),
  step: z.int().min(0).max(31),
  /** The weight that is to be in force, and the one before the last change. */
  weight: z.int().min(0).max(100),
  before: z.int().min(0).max(100),
  /** From when on the present weight is counted; null while it is being set. Milliseconds since 1970, as all times. */
  settled: time.nullable(),
  /** Up to when the counters were taken in. */
  consumedTo: time,
  startedAt: time,
  /** The holder's sign of life. */
  beat: time,
  /** When data was last usable. */
  lastGood: time,
  /** Milliseconds spent waiting for approvals, and since when one is waited for. */
  waited: time,
  waitingSince: time.nullable(),
  /** Steps that were approved. */
  approved: z.array(z.int().min(0).max(31)).max(32),
  seen: z.boolean(),
  inStep: arms,
  total: arms,
  metrics: z.record(z.string().max(63), z.strictObject({ worse: rows, better: rows, low: rows })),
  course: z.array(point).max(200),
  reason: z.string().max(2000).nullable(),
  endedAt: time.nullable(),
});

export type CanaryState = z.output<typeof canaryState>;

export function isOver(phase: Phase): boolean {
  return phase === 'promoted' || phase === 'rolled-back' || phase === 'held';
}

/** Throws SP-CANARY-STATE: a state that cannot be read is not taken for none. */
export function parseState(text: string): CanaryState {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable('it is not JSON');
  }
  const result = canaryState.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw unreadable(`${issue?.path.join('.')}: ${issue?.message}`);
}

function unreadable(found: string): SallyportError {
  return new SallyportError({
    code: 'SP-CANARY-STATE',
    message: 'the kept state of the canary cannot be read',
    found,
    next: 'set the weight to 0 by hand, then remove the state',
  });
}
