import type { Finding } from '../model/finding.ts';
import { fingerprintKey } from '../model/fingerprint.ts';
import type { EngineInfo, ScanReport } from '../model/report.ts';
import type { FindingStage } from '../model/stage.ts';

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
      if (report.state !== 'error')
        this.#known.add(originOf(report.stage, report.engine.name, report.engine.how));
      const { how } = report.engine;
      for (const finding of report.findings) {
        const key = keyOf(finding, how);
        const count = this.#counts.get(key) ?? { total: 0, suppressed: 0 };
        count.total += 1;
        if (finding.suppressions.length > 0) count.suppressed += 1;
        this.#counts.set(key, count);
      }
    }
  }

  /** Each head finding must be asked about once, in the order of its report: the counts are used up. */
  compare(finding: Finding, how: EngineInfo['how']): Comparison {
    if (!this.#hasBase) return { introduced: null, suppressedAtBase: false };
    const count = this.#counts.get(keyOf(finding, how));
    const suppressed = finding.suppressions.length > 0;
    const suppressedAtBase = suppressed && count !== undefined && count.suppressed > 0;
    if (count !== undefined && count.total > 0) {
      count.total -= 1;
      if (suppressedAtBase) count.suppressed -= 1;
      return { introduced: false, suppressedAtBase };
    }
    return {
      introduced: this.#known.has(originOf(finding.stage, finding.engine, how)) ? true : null,
      suppressedAtBase: false,
    };
  }
}

function keyOf(finding: Finding, how: EngineInfo['how']): string {
  return `${originOf(finding.stage, finding.engine, how)}\0${fingerprintKey(finding.fingerprint)}`;
}

/** A report that is handed in names its engine as it likes: it speaks of no findings but those handed in beside it. */
function originOf(stage: FindingStage, engine: string, how: EngineInfo['how']): string {
  return `${stage}\0${engine}\0${how === 'handed-in' ? how : 'run'}`;
}
