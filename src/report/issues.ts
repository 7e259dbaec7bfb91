import type { JudgedFinding } from '../model/decision.ts';
import type { Rule } from '../model/finding.ts';
import { ascending } from '../model/order.ts';
import { severityRank } from '../model/severity.ts';

/** What people see of one fact: the findings of all engines that name the same rule at the same place. */
export interface Issue {
  /** The one that is shown: the worst outcome, then the first engine. */
  judged: JudgedFinding;
  rule: Rule | undefined;
  engines: string[];
  /** What other engines said about the same. */
  also: JudgedFinding[];
}

const outcomes: readonly JudgedFinding['outcome'][] = ['failed', 'warned', 'passed', 'waived', 'suppressed'];

/** Smaller is worse; below 50. */
export function rankOf({ outcome, finding }: JudgedFinding): number {
  return outcomes.indexOf(outcome) * 10 + severityRank(finding.severity);
}

/**
 * Findings as people want them: what two engines say about one thing is one entry with both named, and the worst
 * comes first. Findings of one engine are never folded into each other, however alike they are.
 */
export function issuesOf(
  findings: readonly JudgedFinding[],
  ruleOf: (engine: string, rule: string) => Rule | undefined,
): Issue[] {
  const byKey = new Map<string, Issue[]>();
  const issues: Issue[] = [];
  const shared = stagesOfSeveral(findings);
  for (const judged of findings) {
    const { finding } = judged;
    if (!shared.has(finding.stage)) {
      issues.push({
        judged,
        rule: ruleOf(finding.engine, finding.rule),
        engines: enginesOf(judged),
        also: [],
      });
      continue;
    }
    const place = finding.places[0];
    const names = finding.advisory === undefined ? null : [finding.advisory.id, ...finding.advisory.aliases];
    const key =
      names !== null && finding.component !== undefined
        ? `${finding.stage}\n${finding.component}\n${place?.path ?? ''}`
        : `${finding.stage}\n${finding.rule}\n${place?.line ?? ''}\n${place?.path ?? ''}`;
    const known = byKey.get(key);
    const open = known?.find(
      (one) => !one.engines.includes(finding.engine) && (names === null || isOneOf(one, names)),
    );
    if (open !== undefined && place !== undefined) {
      open.engines.push(...enginesOf(judged));
      open.also.push(judged);
      continue;
    }
    const issue: Issue = {
      judged,
      rule: ruleOf(finding.engine, finding.rule),
      engines: enginesOf(judged),
      also: [],
    };
    issues.push(issue);
    if (known === undefined) byKey.set(key, [issue]);
    else known.push(issue);
  }
  for (const issue of issues) if (issue.also.length > 0) lead(issue, ruleOf);
  return sorted(issues);
}

/** Who said it; of one secret that several engines found, each with its own name for it. */
function enginesOf({ finding, alsoBy }: JudgedFinding): string[] {
  return [finding.engine, ...(alsoBy ?? []).map(({ engine, rule }) => `${engine} (${rule})`)];
}

/** Whether an issue is of the same vulnerability, whatever the databases call it. */
function isOneOf({ judged, also }: Issue, names: readonly string[]): boolean {
  return [judged, ...also].some(({ finding: { advisory } }) =>
    advisory === undefined ? false : [advisory.id, ...advisory.aliases].some((name) => names.includes(name)),
  );
}

/** Stages in which more than one engine found something: only there can two say the same. */
function stagesOfSeveral(findings: readonly JudgedFinding[]): Set<string> {
  const engines = new Map<string, string>();
  const several = new Set<string>();
  for (const { finding } of findings) {
    const other = engines.get(finding.stage);
    if (other === undefined) engines.set(finding.stage, finding.engine);
    else if (other !== finding.engine) several.add(finding.stage);
  }
  return several;
}

/** The worst of the findings speaks for the issue. */
function lead(issue: Issue, ruleOf: (engine: string, rule: string) => Rule | undefined): void {
  const all = [issue.judged, ...issue.also].sort((a, b) => rankOf(a) - rankOf(b));
  const [first, ...rest] = all;
  if (first === undefined) return;
  issue.judged = first;
  issue.also = rest;
  issue.engines = all.flatMap(enginesOf);
  issue.rule = ruleOf(first.finding.engine, first.finding.rule);
}

/** By rank first, so that only issues of one rank are compared by their names. */
function sorted(issues: Issue[]): Issue[] {
  const byRank: Issue[][] = [];
  for (const issue of issues) {
    const rank = rankOf(issue.judged);
    byRank[rank] ??= [];
    byRank[rank].push(issue);
  }
  return byRank.flatMap((rank) => rank.sort(byPlace));
}

function byPlace({ judged: { finding: a } }: Issue, { judged: { finding: b } }: Issue): number {
  const [first, second] = [a.places[0], b.places[0]];
  return (
    ascending(first?.path ?? '', second?.path ?? '') ||
    (first?.line ?? 0) - (second?.line ?? 0) ||
    ascending(a.rule, b.rule)
  );
}
