import { resolve } from 'node:path';
import type { LoadedPlan } from '../deliver/plan/read.ts';
import type { Context } from '../platform/context.ts';

/** Reads the plan from disk. Throws SP-FILE-*, SP-CANARY-SYNTAX, SP-CANARY-PLAN. */
export async function loadPlan(file: string, context: Context): Promise<LoadedPlan> {
  const { MAX_PLAN_BYTES, readPlan } = await import('../deliver/plan/read.ts');
  const text = await context.files.read(resolve(context.cwd, file), MAX_PLAN_BYTES);
  return readPlan(file, text.toString('utf8'));
}
