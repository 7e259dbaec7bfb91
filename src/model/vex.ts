/** Why a vulnerability does not concern a product (OpenVEX 0.2.0, status justifications). */
export const justifications = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;

/**
 * One statement that a vulnerability does not concern a component, or is fixed in it. Statements of another kind say
 * nothing that lets a finding pass and are not kept.
 */
export interface VexStatement {
  /** By any of its names. */
  vulnerability: string;
  /** Other names of it that the statement gives. */
  aliases: string[];
  status: 'not_affected' | 'fixed';
  /** The components, as purls with or without a version. Never empty. */
  components: string[];
  /** Who says it. */
  author: string;
  /** When, RFC 3339. */
  said: string | null;
  /** The justification, in words. */
  because: string;
  /** The file it stands in. */
  path: string;
}
