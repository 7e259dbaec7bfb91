import type { Decision } from '../model/decision.ts';
import type { Producer, ResourceDescriptor, TestResult } from '../model/evidence.ts';
import type { ScanReport } from '../model/report.ts';

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
