import type { Problem } from './error.ts';
import type { Finding } from './finding.ts';
import type { Place } from './location.ts';
import type { EngineInfo, Looked, ScanState } from './report.ts';
import type { FindingStage, Stage } from './stage.ts';
import type { DigestSet, Subject } from './subject.ts';

export const gates = ['pull-request', 'release', 'deploy'] as const;
export type Gate = (typeof gates)[number];

/** `error` is no verdict: it never becomes a VSA. */
export type Verdict = 'passed' | 'failed' | 'error';
export type Requirement = 'always' | 'when-present';
export type RuleAction = 'fail' | 'warn';

/** One layer of the policy as it was used: a pack, or the service's file. */
export interface LayerRef {
  name: string;
  /** Where it was read: `pack:baseline`, `.sallyport.yml@<commit>`, a path. */
  uri: string;
  /** sha256 of its bytes. */
  digest: DigestSet;
}

/** Why a required or present stage passed or did not. */
export interface StageVerdict {
  stage: Stage;
  /** Null: not asked for by the policy, run on request. */
  requirement: Requirement | null;
  /** `missing`: no engine and no report for it. */
  state: ScanState | 'missing';
  outcome: Verdict;
  reason: string;
  runs: { engine: EngineInfo; state: ScanState; looked: Looked; findings: number; problems: Problem[] }[];
}

/** A policy rule that a finding, a component, a run or a statement met. */
export interface Violation {
  rule: string;
  action: RuleAction;
  message: string;
  controls: string[];
  /** Where the rule stands. */
  place: Place;
  layer: string;
}

/** The waiver that covered a finding. */
export interface AppliedWaiver {
  owner: string;
  reason: string;
  /** RFC 3339 date. */
  expires: string;
  place: Place;
  layer: string;
}

/** What another engine said about the same secret. */
export interface SaidToo extends Pick<Finding, 'engine' | 'rule' | 'severity' | 'message' | 'fingerprint'> {
  outcome: JudgedFinding['outcome'];
}

export interface JudgedFinding {
  finding: Finding;
  /** Null where there is no base to compare with. */
  introduced: boolean | null;
  outcome: 'failed' | 'warned' | 'passed' | 'waived' | 'suppressed';
  violations: Violation[];
  waiver?: AppliedWaiver | undefined;
  /** The suppression at base that was honoured. */
  suppressedBy?: string | undefined;
  /** A suppression that the change itself brings and that therefore does not count. */
  refusedSuppression?: string | undefined;
  /** Of a secret that several engines found: what the others said. Their violations are among those of this one. */
  alsoBy?: SaidToo[] | undefined;
}

/** A violation by something that is not a finding. */
export interface JudgedFact {
  kind: 'component' | 'run' | 'statement';
  /** purl or ref of a component, `stage/engine` of a run, predicate type of a statement. */
  name: string;
  stage: FindingStage;
  place?: Place | undefined;
  violation: Violation;
}

export interface Decision {
  gate: Gate;
  verdict: Verdict;
  /** Made on a laptop: nobody else accepts it. */
  local: boolean;
  subject: Subject;
  /** What the change is compared with. `revision` gave the policy, `mergeBase` the existing findings. */
  base: { revision: string; mergeBase: string } | null;
  policy: { uri: string; digest: DigestSet; layers: LayerRef[] };
  /** RFC 3339, UTC. */
  decidedAt: string;
  /** One sentence for people. */
  summary: string;
  stages: StageVerdict[];
  findings: JudgedFinding[];
  facts: JudgedFact[];
  problems: Problem[];
  /** Things to know that decide nothing: a policy that the change would alter, a pack that stood in. */
  notes: string[];
}
