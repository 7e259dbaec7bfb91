/**
 * What the structure of a secret says. `valid`: it carries a proof (a checksum, a key that parses); `invalid`: it
 * cannot be one; `unknown`: nothing speaks for or against it.
 */
export type Verdict = 'valid' | 'invalid' | 'unknown';

/** A structure check over a secret (latin1). Pure and bounded: the secret is an attacker's text. */
export interface StructureCheck {
  /** The specification or the vendor's page that says so. */
  source: string;
  run(secret: string): Verdict;
}
