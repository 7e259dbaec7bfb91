import type { Finding } from '../model/finding.ts';
import { fingerprintKey } from '../model/fingerprint.ts';
import type { ScanReport } from '../model/report.ts';

/** What is known of a finding from the other side of the change. */
export interface Comparison {
  /** Null: there is no base, or its engine could not be run there. */
  introduced: boolean | null;
  /** The base has the same finding with a suppression beside it: the only kind that counts (trust-model rule 2). */
  suppressedAtBase: boolean;
}

/**
 * Compares findings with those of the merge-base as multisets over (rule, path, masked context): of three equal
 * ones where there were two, one is introduced. What was found in a renamed file comes under its new name, so that
 * moving a file introduces nothing.
 */
export class BaseFindings {
  readonly #counts = new Map<string, { total: number; suppressed: number }>();
  /** Engines that ran at the base to the end. */
  readonly #known = new Set<string>();
  readonly #hasBase: boolean;

  constructor(reports: readonly ScanReport[] | null) {
    this.#hasBase = reports !== null;
    for (const report of reports ?? []) {
      if (report.state !== 'error') this.#known.add(`${report.stage}/${report.engine.name}`);
      for (const finding of report.findings) {
        const key = keyOf(finding);
        const count = this.#counts.get(key) ?? { total: 0, suppressed: 0 };
        count.total += 1;
        if (finding.suppressions.length > 0) count.suppressed += 1;
        this.#counts.set(key, count);
      }
    }
  }

  /** Each head finding must be asked about once, in the order of its report: the counts are used up. */
  compare(finding: Finding): Comparison {
    if (!this.#hasBase) return { introduced: null, suppressedAtBase: false };
    const count = this.#counts.get(keyOf(finding));
    const suppressed = finding.suppressions.length > 0;
    const suppressedAtBase = suppressed && count !== undefined && count.suppressed > 0;
    if (count !== undefined && count.total > 0) {
      count.total -= 1;
      if (suppressedAtBase) count.suppressed -= 1;
      return { introduced: false, suppressedAtBase };
    }
    return {
      introduced: this.#known.has(`${finding.stage}/${finding.engine}`) ? true : null,
      suppressedAtBase: false,
    };
  }
}

function keyOf(finding: Finding): string {
  return `${finding.stage}\0${finding.engine}\0${fingerprintKey(finding.fingerprint)}`;
}
