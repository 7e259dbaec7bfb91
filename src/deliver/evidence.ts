import { SallyportError } from '../model/error.ts';
import { STATEMENT_TYPE, type Statement, type VerificationSummary, VSA_TYPE } from '../model/evidence.ts';
import type { LoadedPlan } from './plan/read.ts';

/** A statement that was handed in: its own text, taken out of whatever it came in. */
export interface HandedStatement {
  path: string;
  text: string;
  /** Who was proved to have signed it, by whoever read it; null where nobody was. */
  signer: string | null;
}

/**
 * Whether every piece of evidence that the plan asks for is there, about the digest that is promoted. Called before any
 * traffic moves. A statement whose signer is not known counts only on a laptop, and only where the plan says that it
 * does. Throws SP-CANARY-EVIDENCE.
 */
export function requireEvidence(
  loaded: LoadedPlan,
  subject: string,
  handed: readonly HandedStatement[],
  laptop: boolean,
): void {
  const { evidence } = loaded.plan;
  if (evidence.length === 0) return;
  const digest = /(?:^|@)sha256:([0-9a-f]{64})$/u.exec(subject)?.[1];
  const refuse = (index: number, expected: string, found: string) =>
    new SallyportError({
      code: 'SP-CANARY-EVIDENCE',
      message: 'the promotion lacks evidence that the plan asks for; no traffic was moved',
      place: loaded.place(['evidence', index]),
      expected,
      found,
      next: 'hand it in with --evidence FILE',
    });
  if (digest === undefined) throw refuse(0, 'a subject with its digest: NAME@sha256:HEX', subject);
  for (const [index, wanted] of evidence.entries()) {
    const misses: string[] = [];
    const there = handed.some((one) => {
      const why = missing(one, wanted, digest, laptop);
      if (why !== null) misses.push(`${one.path}: ${why}`);
      return why === null;
    });
    if (there) continue;
    const level = wanted.level === undefined ? '' : ` at ${wanted.level}`;
    throw refuse(
      index,
      `${wanted.predicateType}${level} about sha256:${digest}`,
      misses.length === 0 ? 'no evidence was handed in' : misses.join('; ').slice(0, 600),
    );
  }
}

interface Wanted {
  predicateType: string;
  verifier?: string | undefined;
  level?: string | undefined;
  unsigned: boolean;
}

/** Why a statement is not the one that is wanted, or null where it is. */
function missing(one: HandedStatement, wanted: Wanted, digest: string, laptop: boolean): string | null {
  let statement: Statement;
  try {
    statement = JSON.parse(one.text) as Statement;
  } catch {
    return 'not JSON';
  }
  if (statement?._type !== STATEMENT_TYPE || !Array.isArray(statement.subject)) return 'no in-toto statement';
  if (statement.predicateType !== wanted.predicateType)
    return `it is ${String(statement.predicateType).slice(0, 100)}`;
  if (one.signer === null && !(wanted.unsigned && laptop))
    return wanted.unsigned
      ? 'nobody signed it, which is enough on a laptop only'
      : 'its signature was not verified';
  if (!statement.subject.some((subject) => subject?.digest?.sha256 === digest))
    return 'it is about another digest';
  if (wanted.predicateType !== VSA_TYPE) return null;
  const summary = statement.predicate as Partial<VerificationSummary> | null;
  if (summary?.verificationResult !== 'PASSED') return `its result is ${String(summary?.verificationResult)}`;
  if (wanted.verifier !== undefined && summary.verifier?.id !== wanted.verifier)
    return `it is by ${String(summary.verifier?.id)}`;
  if (wanted.level !== undefined && summary.verifiedLevels?.includes(wanted.level) !== true)
    return `it holds ${String(summary.verifiedLevels?.join(', '))}`;
  return null;
}
