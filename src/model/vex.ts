/** Why a vulnerability does not concern a product (OpenVEX 0.2.0, status justifications). */
export const justifications = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

/** The status that OpenVEX gives; CycloneDX’s are read as these. */
export type VexStatus = 'not_affected' | 'fixed' | 'affected' | 'under_investigation';

/** Whether a finding of the vulnerability passes by it. */
export function excuses(status: VexStatus): boolean {
  return status === 'not_affected' || status === 'fixed';
}

/**
 * One statement about a vulnerability and components: that it does not concern them, or is fixed in them, or, by which an
 * earlier statement is taken back, that it does concern them after all.
 */
export interface VexStatement {
  /** By any of its names. */
  vulnerability: string;
  /** Other names of it that the statement gives. */
  aliases: string[];
  status: VexStatus;
  /** The components, as purls with or without a version. Never empty. */
  components: string[];
  /** Who says it, in the document’s own words. */
  author: string;
  /** The signer, as the policy calls it, whose signature the document bears; absent for a file of the repository. */
  attestedBy?: string | undefined;
  /** When, RFC 3339. */
  said: string | null;
  /** The justification, in words. */
  because: string;
  /** Where it stands: a file, or a signature. */
  path: string;
}
