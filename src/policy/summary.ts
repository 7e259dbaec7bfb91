import type { Decision, JudgedFinding } from '../model/decision.ts';
import { type Severity, severities } from '../model/severity.ts';

/** The decision in one sentence. */
export function summarize(decision: Omit<Decision, 'summary'>): string {
  const { verdict, stages, findings, facts, problems } = decision;
  if (verdict === 'error') {
    const reasons = [
      ...problems.map((problem) => problem.message),
      ...stages.filter((s) => s.outcome === 'error').map((s) => `${s.stage}: ${s.reason}`),
    ];
    return `no verdict: ${joined(reasons)}`;
  }
  const failed = findings.filter((f) => f.outcome === 'failed');
  if (verdict === 'failed') {
    const byFacts = facts.filter((f) => f.violation.action === 'fail').length;
    const unseen = stages.filter(
      (s) => s.outcome === 'failed' && (s.state === 'nothing-scanned' || s.state === 'missing'),
    );
    return `failed: ${joined([
      ...(failed.length === 0
        ? []
        : [`${counted(failed)} ${failed.length === 1 ? 'breaks' : 'break'} the policy`]),
      ...(byFacts === 0
        ? []
        : [
            `${plural(byFacts, 'component, run or statement', 'components, runs or statements')} not allowed`,
          ]),
      ...unseen.map((s) => `${s.stage}: ${s.reason}`),
    ])}`;
  }
  const rest = findings.filter((f) => f.outcome === 'warned' || f.outcome === 'passed');
  const waived = findings.filter((f) => f.outcome === 'waived' || f.outcome === 'suppressed').length;
  return `passed: ${joined([
    plural(stages.length, 'stage', 'stages'),
    rest.length === 0 ? 'nothing to mend' : `${counted(rest)} to look at`,
    ...(waived === 0 ? [] : [`${waived} waived`]),
  ])}`;
}

function counted(findings: readonly JudgedFinding[]): string {
  const counts = new Map<Severity, number>();
  for (const { finding } of findings) counts.set(finding.severity, (counts.get(finding.severity) ?? 0) + 1);
  const parts = severities.filter((s) => counts.has(s)).map((s) => `${counts.get(s)} ${s}`);
  return `${plural(findings.length, 'finding', 'findings')} (${parts.join(', ')})`;
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

const MAX_REASONS = 3;

function joined(reasons: readonly string[]): string {
  const more = reasons.length - MAX_REASONS;
  return [...reasons.slice(0, MAX_REASONS), ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}
