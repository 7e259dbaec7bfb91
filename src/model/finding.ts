import type { Place } from './location.ts';
import type { Severity } from './severity.ts';
import type { FindingStage } from './stage.ts';

/** What an engine looks for. `summary` says what, `why` why it matters, `help` what to do. */
export interface Rule {
  id: string;
  name?: string | undefined;
  summary: string;
  why?: string | undefined;
  help?: string | undefined;
  helpUri?: string | undefined;
  severity: Severity;
  tags: string[];
  /** The SARIF reportingDescriptor it was read from, for writing it back without loss. */
  source?: Record<string, unknown> | undefined;
}

/** Replace what lies between the two places of `place` (its end is exclusive) by `text`. */
export interface Edit {
  place: Required<Pick<Place, 'path' | 'line' | 'column' | 'endLine' | 'endColumn'>>;
  text: string;
}

export interface Fix {
  description: string;
  edits: Edit[];
  /** The edit cannot change what the software does; `--fix` applies only these. */
  safe: boolean;
}

/**
 * Somebody asked that this finding be let pass. `inSource`: a comment beside it; `external`: a triage file
 * or a tool's own list. A claim only: the gate decides whether it counts (docs/guide/suppressions.md).
 */
export interface Suppression {
  kind: 'inSource' | 'external';
  justification: string;
  place?: Place | undefined;
}

/**
 * Whether a credential was tried out at its vendor. `invalid`: the vendor’s public service refused it; `unknown`: there
 * was nobody to ask, or no clear answer.
 */
export const verifications = ['verified', 'invalid', 'unknown'] as const;
export type Verification = (typeof verifications)[number];
/** What is known of the vulnerability that a finding about a component is of. */
export interface Advisory {
  /** The name it is called by here: a malicious package's, a CVE, else another database's. */
  id: string;
  /** Its other names, sorted. */
  aliases: string[];
  /** The nearest version that every database calls fixed; null where one of them names none. */
  fixed: string | null;
  /** CVSS vectors, as the databases give them. */
  vectors: string[];
  /** The probability that it is exploited within thirty days (EPSS), 0 to 1; null where no list was imported. */
  epss: number | null;
  /** Known to be exploited (CISA KEV); null where no list was imported. */
  exploited: boolean | null;
}

export interface Finding {
  stage: FindingStage;
  /** The engine that said it, by its registry name or the tool's name in its SARIF. */
  engine: string;
  rule: string;
  severity: Severity;
  /** 0 to 10 as in CVSS, where the engine gives one. */
  score: number | null;
  message: string;
  /** The first is where to look; the rest are further places of the same fact. */
  places: Place[];
  /** What to do about this very finding, where it differs from the rule's help. */
  help?: string | undefined;
  fix?: Fix | undefined;
  /** See fingerprint.ts. Unique in a report. */
  fingerprint: string;
  suppressions: Suppression[];
  /** purl of the component it is about. */
  component?: string | undefined;
  advisory?: Advisory | undefined;
  tags: string[];
  /** Of a credential that was to be tried out. */
  verification?: Verification | undefined;
  /**
   * What the SARIF result that it was read from says beyond this, redacted, for writing it back without loss. As JSON
   * text: a hundred thousand texts are smaller and quicker to keep than as many trees.
   */
  source?: string | undefined;
}
