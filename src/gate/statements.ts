import type { Decision } from '../model/decision.ts';
import {
  levelOf,
  type Producer,
  type ResourceDescriptor,
  STATEMENT_TYPE,
  type Statement,
  type TestResult,
  type VerificationSummary,
  VSA_TYPE,
  verifierId,
} from '../model/evidence.ts';
import type { ScanReport } from '../model/report.ts';
import { VERSION } from '../model/version.ts';

/** What a stage's reports say in sum; the first of `descriptors` is the file that they stand in. */
export function testResult(
  reports: readonly ScanReport[],
  descriptors: readonly ResourceDescriptor[],
  policy: Decision['policy'],
  job: string,
): TestResult {
  const found = new Set(reports.flatMap((report) => report.findings.map((finding) => finding.rule)));
  const rules = new Set(reports.flatMap((report) => report.rules.map((rule) => rule.id)));
  const states = new Set(reports.map((report) => report.state));
  const producer: Producer = {
    kind: reports.every((report) => report.engine.how !== 'handed-in') ? 'in-process' : 'unsigned',
    job,
    engines: reports.map((report) => report.engine),
  };
  const [report] = descriptors;
  if (report === undefined) throw new Error('a stage without a report has no evidence');
  return {
    result:
      states.has('error') || states.has('findings') ? 'FAILED' : states.has('clean') ? 'PASSED' : 'WARNED',
    configuration: policy.layers.map((layer) => ({ name: layer.name, uri: layer.uri, digest: layer.digest })),
    passedTests: [...rules].filter((rule) => !found.has(rule)).sort(),
    warnedTests: [],
    failedTests: [...found].sort(),
    sallyport_report: report,
    sallyport_producer: producer,
  };
}

/** A decision in a VSA's form, with the files that it rests on. */
export function verificationSummary(
  decision: Decision,
  inputs: readonly { name: string; sha256: string }[],
): Statement<VerificationSummary> {
  const passed = decision.verdict === 'passed';
  return {
    _type: STATEMENT_TYPE,
    subject: [decision.subject],
    predicateType: VSA_TYPE,
    predicate: {
      verifier: { id: verifierId(decision.gate, decision.local), version: { sallyport: VERSION } },
      timeVerified: decision.decidedAt,
      resourceUri: decision.subject.uri ?? decision.subject.name,
      policy: { uri: decision.policy.uri, digest: decision.policy.digest },
      inputAttestations: inputs.map(({ name, sha256 }) => ({ uri: name, digest: { sha256 } })),
      verificationResult: passed ? 'PASSED' : 'FAILED',
      verifiedLevels: [passed ? levelOf(decision.gate, null, decision.local) : 'FAILED'],
      slsaVersion: '1.2',
    },
  };
}
