import type { Decision, JudgedFact, StageVerdict } from '../model/decision.ts';
import { formatPlace, type Problem } from '../model/error.ts';
import { grouped } from '../model/grouped.ts';
import type { Looked } from '../model/report.ts';
import { type Severity, severities } from '../model/severity.ts';
import type { Issue } from './issues.ts';
import { type Counts, type Report, stageCounts } from './report.ts';
import { bytesText, exactly, firstParagraph, oneLine, plural, shortDigest } from './text.ts';

/**
 * The words of a report, the same in every format. Everything that comes out of here is one line with control
 * characters made visible, and still has to be escaped for the format that it goes into.
 */
export interface IssueWords {
  severity: Severity;
  /** What was found. */
  what: string;
  /** `path:line:column`, or what it is about. */
  where: string;
  path: string | null;
  line: number | null;
  /** Why it matters, and what to do, as far as anybody says. */
  why: string | null;
  todo: string | null;
  more: string | null;
  rule: string;
  engines: string;
  /** `new` or `existing` against the base. */
  since: string | null;
  /** The rules of the policy that it breaks, with their places. */
  policy: string[];
  controls: string[];
  waiver: string | null;
  suppressed: string | null;
  refused: string | null;
  fingerprint: string;
}

export function issueWords({ judged, rule, engines }: Issue): IssueWords {
  const { finding } = judged;
  const place = finding.places[0];
  const what = oneLine(finding.message, 300);
  const summary = rule === undefined ? null : oneLine(rule.summary, 300);
  const why = rule?.why === undefined ? summary : firstParagraph(rule.why);
  const help = finding.help ?? rule?.help;
  const uri = rule?.helpUri;
  return {
    severity: finding.severity,
    what,
    where:
      place === undefined
        ? oneLine(finding.component ?? 'no place in the files', 200)
        : exactly(formatPlace(place)),
    path: place?.path ?? null,
    line: place?.line ?? null,
    why: why === null || sameText(why, what) ? null : why,
    todo: todoOf(help, finding.fix, why ?? what),
    more: uri !== undefined && /^https:\/\/[^\s<>"'`()[\]\\]{1,500}$/u.test(uri) ? exactly(uri, 500) : null,
    rule: exactly(finding.rule, 120),
    engines: engines.map((engine) => oneLine(engine, 120)).join(', '),
    since: judged.introduced === null ? null : judged.introduced ? 'new' : 'existing',
    policy: judged.violations.map(
      (v) =>
        `${oneLine(v.rule, 80)}: ${oneLine(v.message, 200)} (${oneLine(v.layer, 80)}, ${exactly(formatPlace(v.place), 120)})`,
    ),
    controls: [...new Set(judged.violations.flatMap(({ controls }) => controls))]
      .slice(0, 12)
      .map((c) => oneLine(c, 40)),
    waiver: judged.waiver === undefined ? null : waiverText(judged.waiver),
    suppressed: judged.suppressedBy === undefined ? null : oneLine(judged.suppressedBy, 200),
    refused: judged.refusedSuppression === undefined ? null : oneLine(judged.refusedSuppression, 200),
    fingerprint: exactly(finding.fingerprint, 80),
  };
}

function todoOf(
  help: string | undefined,
  fix: Issue['judged']['finding']['fix'],
  said: string,
): string | null {
  const parts: string[] = [];
  const advice = help === undefined ? '' : firstParagraph(help);
  if (advice !== '' && !sameText(advice, said)) parts.push(advice);
  if (fix !== undefined && parts.length === 0) parts.push(oneLine(fix.description, 300));
  if (fix?.safe === true) parts.push('`sallyport gate --fix` does it.');
  return parts.length === 0 ? null : parts.join(parts[0]?.endsWith('.') === false ? '. ' : ' ');
}

function sameText(a: string, b: string): boolean {
  const bare = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
  return bare(a) === bare(b);
}

function waiverText({
  owner,
  reason,
  expires,
  layer,
  place,
}: NonNullable<Issue['judged']['waiver']>): string {
  return `until ${oneLine(expires, 40)} by ${oneLine(owner, 80)}: ${oneLine(reason, 200)} (${oneLine(layer, 80)}, ${exactly(formatPlace(place), 120)})`;
}

export interface StageWords {
  stage: string;
  /** `clean`, `2 findings`, `missing`, ... */
  state: string;
  /** Files, bytes, rules. */
  looked: string;
  engines: string;
  reason: string;
  requirement: string;
  skipped: string | null;
}

/** What was looked at, and how it stands. */
export function stageWords(report: Report, verdict: StageVerdict): StageWords {
  const { stage, state, runs, reason, requirement } = verdict;
  const issues = Object.values(stageCounts(report, stage)).reduce((sum, count) => sum + count, 0);
  const skipped = runs.flatMap((run) => run.looked.skipped);
  const first = skipped[0];
  return {
    stage,
    state:
      state === 'findings' && issues > 0
        ? plural(issues, 'finding')
        : state === 'nothing-scanned'
          ? 'nothing scanned'
          : state,
    looked: lookedText(runs.map((run) => run.looked)),
    engines: (runs.some(({ state }) => state !== 'nothing-scanned')
      ? runs.filter(({ state }) => state !== 'nothing-scanned')
      : runs
    )
      .map(({ engine }) => `${oneLine(engine.name, 60)} ${oneLine(engine.version, 40)}`)
      .join(', '),
    reason: oneLine(reason, 300),
    requirement: requirement === null ? 'on request' : requirement === 'always' ? 'always' : 'when present',
    skipped:
      first === undefined
        ? idleText(verdict)
        : `${plural(skipped.length, 'file')} not looked at: ${exactly(first.path, 120)} (${oneLine(first.reason, 120)})${skipped.length > 1 ? ', …' : ''}`,
  };
}

/** Why an engine did not look where others did. */
function idleText({ runs }: StageVerdict): string | null {
  const idle = runs.find(({ state, problems }) => state === 'nothing-scanned' && problems.length > 0);
  const why = idle?.problems[0]?.message;
  return why === undefined || runs.every(({ state }) => state === 'nothing-scanned')
    ? null
    : oneLine(why, 200);
}

/** Engines look at the same files, so the largest count is told and not their sum. */
function lookedText(looked: readonly Looked[]): string {
  const most = (name: 'files' | 'bytes' | 'commits'): number | null =>
    looked.reduce<number | null>(
      (max, entry) => (entry[name] === null ? max : Math.max(max ?? 0, entry[name])),
      null,
    );
  const rules = looked.reduce<number | null>(
    (sum, entry) => (entry.rules === null ? sum : (sum ?? 0) + entry.rules),
    null,
  );
  const files = most('files');
  const bytes = most('bytes');
  const commits = most('commits');
  return [
    ...(files === null ? [] : [plural(files, 'file')]),
    ...(bytes === null || bytes === 0 ? [] : [bytesText(bytes)]),
    ...(commits === null ? [] : [plural(commits, 'commit')]),
    ...(rules === null ? [] : [plural(rules, 'rule')]),
  ].join(' · ');
}

export function factText(fact: JudgedFact): { what: string; where: string; policy: string } {
  const { violation, place } = fact;
  return {
    what: `${fact.kind} ${exactly(fact.name, 200)}: ${oneLine(violation.message, 300)}`,
    where: place === undefined ? fact.stage : exactly(formatPlace(place)),
    policy: `${oneLine(violation.rule, 80)} (${oneLine(violation.layer, 80)}, ${exactly(formatPlace(violation.place), 120)})`,
  };
}

/** A problem in lines, each one line whatever stands in it: what, where, expected, found, next. */
export function problemLines(problem: Problem): string[] {
  const { code, message, place, expected, found, next } = problem;
  return [
    `${code}: ${oneLine(message, 500)}`,
    ...(place === undefined ? [] : [`where: ${exactly(formatPlace(place), 300)}`]),
    ...(expected === undefined ? [] : [`expected: ${oneLine(expected, 500)}`]),
    ...(found === undefined ? [] : [`found: ${oneLine(found, 500)}`]),
    ...(next === undefined ? [] : [`next: ${oneLine(next, 500)}`]),
  ];
}

/** `2 critical, 1 high`. */
export function countsText(counts: Counts): string {
  return severities
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${grouped(counts[severity])} ${severity}`)
    .join(', ');
}

/** What the decision is about and rests on, as pairs of a name and a value. */
export function groundsOf(decision: Decision): [string, string][] {
  const { subject, base, policy, gate, local, decidedAt } = decision;
  const commit = subject.digest.gitCommit;
  const about = commit === undefined ? shortDigest(subject.digest) : exactly(commit, 64).slice(0, 12);
  return [
    ['subject', `${exactly(subject.name, 120)} @ ${about}`],
    [
      'base',
      base === null
        ? 'none: every finding counts'
        : `${exactly(base.revision, 64).slice(0, 12)} (merge-base ${exactly(base.mergeBase, 64).slice(0, 12)})`,
    ],
    [
      'policy',
      `${policy.layers.map((layer) => exactly(layer.uri, 120)).join(' + ') || exactly(policy.uri, 120)} (${shortDigest(policy.digest)})`,
    ],
    ['gate', `${gate}${local ? ', local: nobody else accepts it' : ''}`],
    ['decided', oneLine(decidedAt, 40)],
  ];
}

/** The decision's sentence without the verdict, which stands beside it. */
export function headline({ summary }: Decision): string {
  const text = oneLine(summary, 600).replace(/^(?:passed|failed|no verdict): /u, '');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

export const verdictWords = { passed: 'PASSED', failed: 'FAILED', error: 'NO VERDICT' } as const;
