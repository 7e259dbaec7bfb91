/** From worst to least. `info` never fails a gate by itself. */
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof severities)[number];

/** The CVSS v3.1 and v4.0 qualitative bands (FIRST, section 5 of the v3.1 specification); 0 is `info`. */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return 'critical';
  if (score >= 7) return 'high';
  if (score >= 4) return 'medium';
  if (score > 0) return 'low';
  return 'info';
}

/**
 * A score inside the band of a severity, for readers that only know numbers (code scanning's
 * `security-severity`). The middle of each band, so that reading it back gives the same severity.
 */
export function scoreOfSeverity(severity: Severity): number {
  return { critical: 9.5, high: 8, medium: 5.5, low: 2, info: 0 }[severity];
}

/** Smaller is worse: for sorting. */
export function severityRank(severity: Severity): number {
  return severities.indexOf(severity);
}
