import type { Severity } from '../../../model/severity.ts';
import type { Credential } from '../verify/vendor.ts';

/** A secret at one place, as a thread reports it. */
export interface RawFinding {
  /** Index of the rule in the rule set. */
  rule: number;
  severity: Severity;
  tags: string[];
  /** Lines and columns count from 1 within the item; line 0 for a finding about the path alone. */
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  /** What may be shown of it. */
  shown: string;
  /** Equal for equal secrets within this run only. */
  digest: string;
  /** Masked text around it, with 12 bits of the secret's hash. */
  context: string;
  allow: { by: string; reason: string; line: number } | null;
  /** The secret itself, where it is to be tried out at its vendor; in every other run it stays in its thread. */
  credential?: Credential;
  /** Path inside the item: `inner/file` of an archive. */
  inner: string;
}

/** Something about an item that was not looked at. */
export interface Note {
  /** Path inside the item, or empty. */
  inner: string;
  reason: string;
  blocking: boolean;
}

export interface ItemResult {
  findings: RawFinding[];
  notes: Note[];
  /** Bytes of text that were searched. */
  searched: number;
}
