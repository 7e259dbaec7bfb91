import type { Vulnerabilities, VulnerabilityResult } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { ScanReport } from '../model/report.ts';
import { REPOSITORY } from '../model/version.ts';

/** What the lookup of ours says, as the predicate vulns v0.2 has it; null where there was none with data of its own. */
export function vulnerabilitiesOf(reports: readonly ScanReport[]): Vulnerabilities | null {
  const report = reports.find(
    ({ stage, engine }) =>
      stage === 'dependencies' && engine.how === 'in-process' && engine.data !== undefined,
  );
  const data = report?.engine.data;
  if (report === undefined || data === undefined) return null;
  return {
    scanner: {
      uri: `https://github.com/${REPOSITORY}`,
      version: report.engine.version,
      db: { uri: 'https://osv.dev', version: data.source, lastUpdate: data.updated },
      result: report.findings.flatMap(resultOf),
    },
    metadata: { scanStartedOn: report.startedAt, scanFinishedOn: report.finishedAt },
  };
}

function resultOf(finding: Finding): VulnerabilityResult[] {
  const { advisory, severity, score, component, fingerprint } = finding;
  if (advisory === undefined) return [];
  return [
    {
      id: advisory.id,
      severity: [
        ...advisory.vectors.map((vector) => ({ method: methodOf(vector), score: vector })),
        { method: 'sallyport', score: score === null ? severity : String(score) },
      ],
      annotations: [
        { component: component ?? null, aliases: advisory.aliases, fixed: advisory.fixed, fingerprint },
      ],
    },
  ];
}

/** The OSV name of a vector's kind, by how it begins; version 2 has no beginning of its own. */
function methodOf(vector: string): string {
  const version = /^CVSS:(\d)/u.exec(vector)?.[1];
  return `CVSS_V${version ?? '2'}`;
}
