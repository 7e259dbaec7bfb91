import type { Severity } from '../../../model/severity.ts';

/** What lets a match pass; the fields are gitleaks' (https://github.com/gitleaks/gitleaks#configuration). */
export interface Allowlist {
  description: string;
  /** `and`: every list that is given must agree; `or`: one is enough. */
  condition: 'and' | 'or';
  /** Full commit ids, lower case. */
  commits: string[];
  /** Patterns over the path. */
  paths: string[];
  /** What `regexes` are held against. */
  regexTarget: 'secret' | 'match' | 'line';
  regexes: string[];
  /** Lower case; looked for in the secret. */
  stopwords: string[];
}

/** Another rule that must match near by for this one to count. */
export interface RequiredRule {
  id: string;
  withinLines: number | null;
  withinColumns: number | null;
}

/**
 * How sure a match is. `token`: the format itself says what it is; `named`: a value whose name says what it is;
 * `general`: only name and randomness speak for it, so context decides.
 */
export type Confidence = 'token' | 'named' | 'general';

/** One rule. Patterns are in Go RE2 syntax. Plain data: it crosses into worker threads. */
export interface SecretRule {
  id: string;
  description: string;
  severity: Severity;
  tags: string[];
  /** Absent: the path alone is the finding. */
  regex?: string | undefined;
  path?: string | undefined;
  /** Shannon entropy in bits a character that the secret must exceed; 0 for none. */
  entropy: number;
  /** 0: the first group that took part, else the whole match. */
  secretGroup: number;
  /** Lower case; one of them must be in the text, unless there are none. */
  keywords: string[];
  allowlists: Allowlist[];
  required: RequiredRule[];
  /** Only looked for on behalf of a rule that requires it. */
  skipReport: boolean;
  /** Ours: patterns run on the engine's own regular expressions. Not: on one with linear time. */
  trusted: boolean;
  confidence: Confidence;
  /** Name of a structure check (checks/registry.ts). */
  check?: string | undefined;
  /** The secret is made of several lines or of words: placeholder and dictionary tests do not apply. */
  source?: string | undefined;
  revoke?: string | undefined;
}

export interface RuleSet {
  rules: SecretRule[];
  /** For every rule. */
  allowlists: Allowlist[];
}
