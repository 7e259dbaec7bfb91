import cvss from 'ae-cvss-calculator';
import type { Severity } from '../model/severity.ts';
import type { OsvSeverity } from './osv.ts';

export interface Rated {
  severity: Severity;
  /** 0 to 10; null where no vector that can be read is given. */
  score: number | null;
}

const MAX_VECTOR = 400;

/**
 * How bad a vulnerability is: the worst of its CVSS vectors (versions 2, 3.0, 3.1 and 4.0), else the database's own
 * word, else medium: what nobody rated is not harmless.
 */
export function rate(vectors: readonly OsvSeverity[], rating: string | null): Rated {
  const scores = vectors.flatMap(({ score }) => scoreOf(score) ?? []);
  if (scores.length > 0) {
    const score = Math.max(...scores);
    return { score, severity: wordOf(score) };
  }
  const word = rating === null ? undefined : WORDS[rating.toUpperCase()];
  return { score: null, severity: word ?? 'medium' };
}

const WORDS: Readonly<Record<string, Severity | undefined>> = {
  CRITICAL: 'critical',
  HIGH: 'high',
  MODERATE: 'medium',
  MEDIUM: 'medium',
  LOW: 'low',
};

/** The overall score of a vector; null where it cannot be read or leaves out what a score needs. */
function scoreOf(vector: string): number | null {
  if (vector.length > MAX_VECTOR) return null;
  try {
    const scores = cvss.fromVector(vector)?.calculateScores();
    if (scores === undefined || scores === null || typeof scores.base !== 'number') return null;
    return Number.isFinite(scores.overall) ? scores.overall : null;
  } catch {
    return null;
  }
}

/** The qualitative scale that CVSS 3 and 4 share (https://www.first.org/cvss/v4.0/specification-document, 6.1). */
function wordOf(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  return score > 0 ? 'low' : 'info';
}
