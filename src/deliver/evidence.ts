import { SallyportError } from '../model/error.ts';
import type { LoadedPlan } from './plan/read.ts';

/** A statement that was handed in, as it was judged for each piece of evidence that the plan asks for, in its order. */
export interface JudgedStatement {
  path: string;
  /** Why it is not the one that is asked for, or null where it is. */
  misses: readonly (string | null)[];
}

/**
 * Whether every piece of evidence that the plan asks for was handed in. Called before any traffic moves. Throws
 * SP-CANARY-EVIDENCE.
 */
export function requireEvidence(
  loaded: LoadedPlan,
  subject: string,
  handed: readonly JudgedStatement[],
): void {
  for (const [index, wanted] of loaded.plan.evidence.entries()) {
    if (handed.some(({ misses }) => misses[index] === null)) continue;
    const level = wanted.level === undefined ? '' : ` at ${wanted.level}`;
    const found = handed.map(({ path, misses }) => `${path}: ${misses[index] ?? 'it was not judged'}`);
    throw new SallyportError({
      code: 'SP-CANARY-EVIDENCE',
      message: 'the promotion lacks evidence that the plan asks for; no traffic was moved',
      place: loaded.place(['evidence', index]),
      expected: `${wanted.predicateType}${level} about ${subject}`,
      found: found.length === 0 ? 'no evidence was handed in' : found.join('; ').slice(0, 600),
      next: 'hand it in with --evidence FILE',
    });
  }
}
