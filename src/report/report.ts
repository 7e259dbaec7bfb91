import type { Decision, JudgedFinding, StageVerdict } from '../model/decision.ts';
import type { Rule } from '../model/finding.ts';
import type { ScanReport } from '../model/report.ts';
import { ruleFor } from '../model/sarif/rules.ts';
import { type Severity, severities } from '../model/severity.ts';
import type { FindingStage } from '../model/stage.ts';
import { VERSION } from '../model/version.ts';
import type { ReportRule } from './document.ts';
import { type Issue, issuesOf } from './issues.ts';

export type Outcome = JudgedFinding['outcome'];
export type Counts = Record<Severity, number>;

/** What every renderer gets: the decision, the rules that its findings name, and its findings as people want them. */
export interface Report {
  tool: { name: 'sallyport'; version: string };
  decision: Decision;
  /** Only rules that a finding names, by engine and id. */
  rules: ReportRule[];
  ruleOf(engine: string, rule: string): Rule | undefined;
  /** Worst first. */
  issues: Issue[];
  /** The same, by outcome. */
  byOutcome: Record<Outcome, Issue[]>;
  /** How many issues of each outcome a stage has. */
  byStage: ReadonlyMap<FindingStage, Record<Outcome, number>>;
  /** Issues by outcome and severity. */
  counts: Record<Outcome, Counts>;
  /** Suppressions that the change itself brings, so that they do not count. */
  refused: number;
}

/**
 * Puts together what is told of a decision. `reports` give the rules their words; `more` the rules of findings that
 * no report holds, such as the gate's own, by engine.
 */
export function makeReport(
  decision: Decision,
  reports: readonly Pick<ScanReport, 'engine' | 'rules'>[],
  more: Readonly<Record<string, readonly Rule[]>> = {},
): Report {
  const byEngine = new Map<string, Map<string, Rule>>();
  const known: (readonly [string, readonly Rule[]])[] = [
    ...reports.map(({ engine, rules }) => [engine.name, rules] as const),
    ...Object.entries(more),
  ];
  for (const [engine, rules] of known) {
    let mine = byEngine.get(engine);
    if (mine === undefined) {
      mine = new Map();
      byEngine.set(engine, mine);
    }
    for (const rule of rules) if (!mine.has(rule.id)) mine.set(rule.id, rule);
  }
  const ruleOf = (engine: string, id: string): Rule | undefined => {
    const rules = byEngine.get(engine);
    return rules === undefined ? undefined : ruleFor(rules, id);
  };
  const issues = issuesOf(decision.findings, ruleOf);
  const counts = emptyCounts();
  const byOutcome: Report['byOutcome'] = { failed: [], warned: [], passed: [], waived: [], suppressed: [] };
  const byStage = new Map<FindingStage, Record<Outcome, number>>();
  let refused = 0;
  for (const issue of issues) {
    const { outcome, finding, refusedSuppression } = issue.judged;
    counts[outcome][finding.severity]++;
    byOutcome[outcome].push(issue);
    const stage = byStage.get(finding.stage);
    if (stage === undefined) byStage.set(finding.stage, { ...noOutcomes, [outcome]: 1 });
    else stage[outcome]++;
    if (refusedSuppression !== undefined) refused++;
  }
  return {
    tool: { name: 'sallyport', version: VERSION },
    decision,
    rules: named(decision.findings, ruleOf),
    ruleOf,
    issues,
    byOutcome,
    byStage,
    counts,
    refused,
  };
}

const noOutcomes: Record<Outcome, number> = { failed: 0, warned: 0, passed: 0, waived: 0, suppressed: 0 };

function emptyCounts(): Record<Outcome, Counts> {
  const none = (): Counts => ({ critical: 0, high: 0, medium: 0, low: 0, info: 0 });
  return { failed: none(), warned: none(), passed: none(), waived: none(), suppressed: none() };
}

export function total(counts: Counts): number {
  return severities.reduce((sum, severity) => sum + counts[severity], 0);
}

/** How many issues a stage has, by outcome. */
export function stageCounts(report: Report, stage: FindingStage): Record<Outcome, number> {
  return report.byStage.get(stage) ?? noOutcomes;
}

/** How a stage stands when its findings are counted too: what a picture of it shows. */
export function standing(
  report: Report,
  { stage, outcome }: StageVerdict,
): 'passed' | 'warned' | 'failed' | 'error' {
  if (outcome === 'error') return 'error';
  const facts = report.decision.facts.filter((fact) => fact.stage === stage);
  const { failed, warned } = stageCounts(report, stage);
  if (outcome === 'failed' || failed > 0 || facts.some(({ violation }) => violation.action === 'fail'))
    return 'failed';
  return warned > 0 || facts.length > 0 ? 'warned' : 'passed';
}

function named(findings: readonly JudgedFinding[], ruleOf: Report['ruleOf']): ReportRule[] {
  const seen = new Set<Rule>();
  const rules: ReportRule[] = [];
  const met = new Map<string, Set<string>>();
  for (const { finding } of findings) {
    const mine = met.get(finding.engine) ?? new Set();
    if (mine.has(finding.rule)) continue;
    met.set(finding.engine, mine.add(finding.rule));
    const rule = ruleOf(finding.engine, finding.rule);
    if (rule === undefined || seen.has(rule)) continue;
    seen.add(rule);
    const { source: _source, ...rest } = rule;
    rules.push({ engine: finding.engine, ...rest });
  }
  return rules;
}
