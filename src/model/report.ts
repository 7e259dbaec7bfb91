import type { Bom } from './component.ts';
import type { Problem } from './error.ts';
import type { Finding, Rule } from './finding.ts';
import type { FindingStage } from './stage.ts';

/**
 * How a scan ended. `clean`: it looked at something and found nothing. `nothing-scanned`: there was nothing
 * of its kind, or it did not get to look. Only the policy says which of them passes.
 */
export const scanStates = ['clean', 'findings', 'error', 'nothing-scanned'] as const;
export type ScanState = (typeof scanStates)[number];

/** Something that was there and was not looked at. `blocking`: it is of the engine's kind, so the look is incomplete. */
export interface Skipped {
  path: string;
  reason: string;
  blocking: boolean;
}

/** Who looked. */
export interface EngineInfo {
  /** Registry name (`sallyport-configuration`, `semgrep`), or the tool's name in its SARIF. */
  name: string;
  version: string;
  /** `sallyport` for embedded ones, else who makes it. */
  publisher: string;
  /** sha256 of the executable or of the report that was handed in. */
  digest?: string | undefined;
  /** Where its data (rules, advisories) comes from and when it was last changed, RFC 3339. */
  data?: { source: string; updated: string } | undefined;
  /** `in-process`, `process` (a command that we started), or `handed-in` (a SARIF file of another job). */
  how: 'in-process' | 'process' | 'handed-in';
}

/** What was looked at, in numbers. Null where the engine does not tell. */
export interface Looked {
  files: number | null;
  bytes: number | null;
  commits: number | null;
  rules: number | null;
  skipped: Skipped[];
  /** The walk over the tree reached everything; without it `when-present` cannot pass. */
  complete: boolean;
}

/** One engine's account of one stage. Times are RFC 3339, UTC. */
export interface ScanReport {
  stage: FindingStage;
  state: ScanState;
  engine: EngineInfo;
  looked: Looked;
  startedAt: string;
  finishedAt: string;
  rules: Rule[];
  findings: Finding[];
  /** Why the state is `error` or `nothing-scanned`; empty otherwise. */
  problems: Problem[];
  bom?: Bom | undefined;
  /** The bill of materials as pieces of a CycloneDX document that our writer wrote, until it is kept and read: `bom`. */
  document?: Uint8Array[] | undefined;
  /** Members of the SARIF run that the model does not name, for writing it back without loss. */
  source?: Record<string, unknown> | undefined;
}

/** A report without its findings. */
export type ReportHead = Omit<ScanReport, 'findings'>;

/** A report whose findings are read anew whenever they are asked for, one at a time: it may be larger than memory. */
export interface StreamedReport {
  head: ReportHead;
  /** Each with the SARIF result that it was read from, or what of that the model does not name. */
  findings(): Iterable<{ finding: Finding; original: unknown }>;
}

/** The state that follows from what a finished engine saw. An error is never softened into another state. */
export function stateOf(report: Pick<ScanReport, 'problems' | 'findings' | 'looked'>): ScanState {
  if (report.problems.length > 0 || report.looked.skipped.some((s) => s.blocking)) return 'error';
  if (report.findings.length > 0) return 'findings';
  return report.looked.files === 0 ? 'nothing-scanned' : 'clean';
}
