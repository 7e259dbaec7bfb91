/**
 * What a signer may sign: the summary of a gate, evidence from elsewhere, statements that a vulnerability does not concern
 * the artefact, the list of what is denied, an exception.
 */
export const trustRoles = ['release', 'deploy', 'evidence', 'vex', 'deny-list', 'break-glass'] as const;
export type TrustRole = (typeof trustRoles)[number];

/** Triggers under which a stranger can influence what runs (trust-model rule 7): never accepted. */
export const FORBIDDEN_TRIGGERS: readonly string[] = [
  'pull_request',
  'pull_request_target',
  'merge_group',
  'workflow_run',
  'issue_comment',
];

/** The workflow that signs; of a reusable workflow, that one. */
export interface TrustedWorkflow {
  /** `https://HOST/OWNER/NAME`. */
  repository: string;
  /** `.github/workflows/FILE`. */
  path: string;
  /** Exact refs: `refs/heads/main`. */
  refs: readonly string[];
  /** Commits, for workflows that callers pin by commit: those of released versions. */
  digests: readonly string[];
}

interface EntryCommon {
  name: string;
  /** Empty: whatever the caller asks about. */
  signs: readonly TrustRole[];
  /** In proven signing time; overlapping entries are a rotation. */
  notBefore: Date | null;
  notAfter: Date | null;
}

/** A workflow that may sign (trust-model rule 7). */
export interface WorkflowEntry extends EntryCommon {
  kind: 'workflow';
  issuer: string;
  workflow: TrustedWorkflow;
  /** The repository that was built, by ids: names are given to others again. */
  source: { repositoryId: string; ownerId: string };
  /** Empty: any but the forbidden ones. */
  triggers: readonly string[];
  runner: 'github-hosted' | 'self-hosted' | 'any';
}

/** A person, by the name that an identity provider vouches for. */
export interface PersonEntry extends EntryCommon {
  kind: 'person';
  issuer: string;
  identity: string;
}

/** A key, for those who cannot sign with an identity. */
export interface KeyEntry extends EntryCommon {
  kind: 'key';
  /** PEM. */
  publicKey: string;
}

/** One entry of a policy's `trust.signers`. */
export type TrustEntry = WorkflowEntry | PersonEntry | KeyEntry;

/** What a policy says about whom to believe; what it does not say is the strictest. */
export interface TrustRules {
  signers: readonly TrustEntry[];
  /** sha256 of the policies whose summaries are accepted. */
  policies: readonly string[];
  /** Hours since a release was summarized; null: the default of the gate that asks. */
  summaryHours: number | null;
  /** Days since the trusted root was fetched, where the network is not used. */
  rootDays: number;
  /** sha256 of the trusted roots that may be used; null: any that is handed in. */
  roots: readonly string[] | null;
  denyList: { required: boolean; minimum: number };
  /** Environments that take an exception. */
  breakGlass: readonly string[];
}

/** Days, where a policy does not say (trust-model rule 12). */
export const DEFAULT_ROOT_DAYS = 30;
/** Hours, where a policy does not say: a month. */
export const DEFAULT_SUMMARY_HOURS = 30 * 24;
