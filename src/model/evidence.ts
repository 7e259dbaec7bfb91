import type { Gate } from './decision.ts';
import type { EngineInfo } from './report.ts';
import type { DigestSet, Subject } from './subject.ts';
import { REPOSITORY } from './version.ts';

/** in-toto Statement v1 (https://in-toto.io/Statement/v1). */
export interface Statement<Predicate = unknown> {
  _type: 'https://in-toto.io/Statement/v1';
  subject: Subject[];
  predicateType: string;
  predicate: Predicate;
}

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const TEST_RESULT_TYPE = 'https://in-toto.io/attestation/test-result/v0.1';
export const VSA_TYPE = 'https://slsa.dev/verification_summary/v1';

/** in-toto ResourceDescriptor, the fields that we write. */
export interface ResourceDescriptor {
  name: string;
  uri?: string;
  digest?: DigestSet;
  mediaType?: string;
}

/** Who made a piece of evidence and how (trust-model rule 1: it is the claim of that job). */
export interface Producer {
  kind: 'in-process' | 'same-run' | 'unsigned';
  /** `local`, or the run and job of a workflow. */
  job: string;
  engines: EngineInfo[];
}

/**
 * The predicate `test-result/v0.1` (in-toto attestation framework) with two members of ours, named
 * `<vendor>_<field>` as SLSA's rule for extension fields asks.
 */
export interface TestResult {
  result: 'PASSED' | 'WARNED' | 'FAILED';
  configuration: ResourceDescriptor[];
  passedTests: string[];
  warnedTests: string[];
  failedTests: string[];
  sallyport_report: ResourceDescriptor;
  sallyport_producer: Producer;
}

export const CYCLONEDX_TYPE = 'https://cyclonedx.org/bom';
export const VULNERABILITIES_TYPE = 'https://in-toto.io/attestation/vulns/v0.2';

/** in-toto vulns v0.2 (https://github.com/in-toto/attestation/blob/main/spec/predicates/vulns_02.md). */
export interface Vulnerabilities {
  scanner: {
    uri: string;
    version: string;
    /** `lastUpdate` is RFC 3339: how old what it knows is. */
    db: { uri: string; version: string; lastUpdate: string };
    result: VulnerabilityResult[];
  };
  metadata: { scanStartedOn: string; scanFinishedOn: string };
}

export interface VulnerabilityResult {
  id: string;
  /** `method` is the kind of score: `CVSS_V3`, or `sallyport` for the word that we sum them up in. */
  severity: { method: string; score: string }[];
  annotations: { component: string | null; aliases: string[]; fixed: string | null; fingerprint: string }[];
}

/** SLSA Verification Summary v1 (https://slsa.dev/spec/v1.2/verification_summary). */
export interface VerificationSummary {
  verifier: { id: string; version: Record<string, string> };
  timeVerified: string;
  resourceUri: string;
  policy: { uri: string; digest: DigestSet };
  inputAttestations: { uri: string; digest: DigestSet }[];
  verificationResult: 'PASSED' | 'FAILED';
  verifiedLevels: string[];
  slsaVersion: '1.2';
}

/** One verifier for each gate; what a laptop decides, nobody else accepts. */
export function verifierId(gate: Gate, local: boolean): string {
  return `https://github.com/${REPOSITORY}/verifiers/${local ? 'local' : gate}`;
}

/** What an environment is called: so that no two of them give the same level. */
export const ENVIRONMENT = /^[a-z][a-z0-9-]{0,39}$/u;

/** The level that a gate gives; a deployment's names its environment. */
export function levelOf(gate: Gate, environment: string | null, local: boolean): string {
  if (local) return 'SALLYPORT_LOCAL';
  return `SALLYPORT_${upper(gate)}${environment === null ? '' : `_${upper(environment)}`}`;
}

/** The level of an exception by two people (trust-model rule 10): no gate gives it otherwise. */
export function breakGlassLevel(environment: string): string {
  return `SALLYPORT_BREAK_GLASS_${upper(environment)}`;
}

function upper(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
