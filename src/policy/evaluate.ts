import type {
  Decision,
  Gate,
  JudgedFact,
  JudgedFinding,
  Requirement,
  StageVerdict,
  Violation,
} from '../model/decision.ts';
import type { Problem } from '../model/error.ts';
import type { Statement, TestResult } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import { Fingerprinter } from '../model/fingerprint.ts';
import { ascending } from '../model/order.ts';
import type { EngineInfo, ScanReport } from '../model/report.ts';
import { severityRank } from '../model/severity.ts';
import { GATE_STAGE, type Stage, stages } from '../model/stage.ts';
import type { Subject } from '../model/subject.ts';
import type { VexStatement } from '../model/vex.ts';
import { Ways } from '../model/ways.ts';
import { BANS, bannedIn, bannedRule, type CompiledBan, violationOf } from './banned.ts';
import type { CompiledPolicy, CompiledRule } from './compile.ts';
import {
  componentFacts,
  type Facts,
  findingFacts,
  gateFacts,
  ruleTags,
  runFacts,
  statementFacts,
} from './facts.ts';
import { waiverFinding } from './gate-findings.ts';
import { BaseFindings } from './introduced.ts';
import type { Likeness } from './likeness/likeness.ts';
import { joinSecrets } from './same-secret.ts';
import { judgeStage, type Presence, requirementsAt } from './stages.ts';
import { summarize } from './summary.ts';
import { Vex } from './vex.ts';
import { Waivers } from './waivers.ts';

/** Everything that a decision rests on. Pure: the same input gives the same decision. */
export interface EvaluationInput {
  gate: Gate;
  local: boolean;
  policy: CompiledPolicy;
  subject: Subject;
  base: Decision['base'];
  now: Date;
  reports: readonly ScanReport[];
  /** The same engines over the merge-base; null where there is no base. */
  baseReports: readonly ScanReport[] | null;
  evidence: readonly { stage: Stage; statement: Statement<TestResult> }[];
  /** What VEX documents at the trusted revision say. */
  vex: readonly VexStatement[];
  /** Null where no condition asks for it (`likenessFor`). */
  likeness: Likeness | null;
  presence: ReadonlyMap<Stage, Presence>;
  /** One stage was asked for by name: it alone is judged, and it must have looked at something. */
  only: Stage | null;
  /** What the gate found by itself. */
  gateFindings: readonly Finding[];
  problems: readonly Problem[];
  notes: readonly string[];
}

/**
 * Turns evidence into a decision. Throws SP-CONDITION-FAILED where a condition cannot be evaluated: the caller
 * ends without a verdict.
 */
export function evaluate(input: EvaluationInput): Decision {
  const { policy, gate } = input;
  const rules = policy.rulesAt(gate);
  const context = gateFacts(gate, input.local);
  const waivers = new Waivers(policy.policy, input.now);
  const requirements = requirementsAt(policy.policy, gate);
  const stageVerdicts = judgeStages(input, requirements);
  const judge = findingJudge(input, rules, context, waivers);
  const judged = joinSecrets(
    input.reports.map((report) => {
      const tagsOf = ruleTags(report.rules);
      const { how } = report.engine;
      return { how, findings: report.findings.map((one) => judge(one, how, tagsOf(one))) };
    }),
  );
  const banned = input.reports
    .flatMap((report) => bannedIn(report, policy.bans, context, input.likeness, input.now))
    .map(({ finding, ban }) => judge(finding, 'in-process', [...bannedRule.tags, ...finding.tags], ban));
  const everythingLookedAt = stageVerdicts.every((verdict) => verdict.outcome !== 'error');
  const fingerprints = new Fingerprinter();
  const own = [
    ...input.gateFindings,
    ...waivers.troubles(everythingLookedAt).map((trouble) => waiverFinding(trouble, fingerprints)),
  ].map((finding) => judge(finding, 'in-process', finding.tags));
  const findings = [...own, ...judged, ...banned].sort(worstFirst);
  const facts = judgeFacts(input, rules, context);
  const stagesWithFindings = blame(stageVerdicts, findings, facts);
  const decision: Omit<Decision, 'summary'> = {
    gate,
    verdict: verdictOf(input.problems, stagesWithFindings, findings, facts),
    local: input.local,
    subject: input.subject,
    base: input.base,
    policy: { uri: policy.uri, digest: policy.digest, layers: policy.layers },
    decidedAt: input.now.toISOString(),
    stages: stagesWithFindings,
    findings,
    facts,
    problems: [...input.problems],
    notes: [...input.notes],
  };
  return { ...decision, summary: summarize(decision) };
}

function judgeStages(input: EvaluationInput, requirements: ReadonlyMap<Stage, Requirement>): StageVerdict[] {
  return stages.flatMap((stage) => {
    if (input.only !== null && stage !== input.only) return [];
    const reports = input.reports.filter((report) => report.stage === stage);
    const requirement = input.only === null ? (requirements.get(stage) ?? null) : 'always';
    if (requirement === null && reports.length === 0) return [];
    // Where nobody walked the tree for a stage, nothing is known of it.
    const presence = input.presence.get(stage) ?? { present: true, complete: false };
    return [judgeStage(input.policy.policy, stage, requirement, reports, presence, input.now)];
  });
}

function findingJudge(
  input: EvaluationInput,
  rules: readonly CompiledRule[],
  context: Facts,
  waivers: Waivers,
): (finding: Finding, how: EngineInfo['how'], tags: string[], ban?: CompiledBan) => JudgedFinding {
  const overFindings = rules.filter((rule) => rule.over === 'finding');
  const base = new BaseFindings(withBanned(input, context));
  const vex = new Vex(input.vex, input.policy.policy, input.now);
  return (finding, how, tags, ban) => {
    const { introduced, suppressedAtBase } = base.compare(finding, how);
    const violations = [
      ...(ban === undefined ? [] : [violationOf(ban, introduced)]),
      ...violationsOf(overFindings, findingFacts(finding, introduced, tags), context),
    ];
    const waiver = waivers.find(finding);
    const suppression = finding.suppressions[0];
    const unaffected = vex.find(finding);
    const ownTree = input.baseReports === null && finding.stage !== GATE_STAGE;
    const honoured = suppression !== undefined && (ownTree || suppressedAtBase);
    const broken = violations.some((v) => v.action === 'fail')
      ? 'failed'
      : violations.length > 0
        ? 'warned'
        : 'passed';
    return {
      finding,
      introduced,
      outcome: waiver !== undefined ? 'waived' : honoured || unaffected !== undefined ? 'suppressed' : broken,
      violations,
      ...(waiver === undefined ? {} : { waiver }),
      ...(honoured
        ? { suppressedBy: suppression.justification }
        : unaffected === undefined
          ? {}
          : { suppressedBy: unaffected }),
      ...(suppression !== undefined && !honoured ? { refusedSuppression: suppression.justification } : {}),
    };
  };
}

/** The reports of the base, with what the policy bans among their components: so that it is known what is new of it. */
function withBanned(input: EvaluationInput, context: Facts): readonly ScanReport[] | null {
  const { baseReports, policy } = input;
  if (baseReports === null) return null;
  return baseReports.flatMap((report): ScanReport[] => {
    if (report.bom === undefined || report.state === 'error') return [report];
    const findings = bannedIn(report, policy.bans, context, input.likeness, input.now).map(
      ({ finding }) => finding,
    );
    const engine = { ...report.engine, name: BANS, how: 'in-process' as const };
    return [report, { ...report, engine, findings }];
  });
}

function violationsOf(rules: readonly CompiledRule[], facts: Facts, context: Facts): Violation[] {
  const broken: Violation[] = [];
  for (const rule of rules) if (rule.condition(facts, context)) broken.push(rule.violation);
  return broken;
}

function judgeFacts(input: EvaluationInput, rules: readonly CompiledRule[], context: Facts): JudgedFact[] {
  const over = (subject: CompiledRule['over']) => rules.filter((rule) => rule.over === subject);
  const judged: JudgedFact[] = [];
  for (const report of input.reports) {
    for (const violation of violationsOf(over('run'), runFacts(report, input.now), context)) {
      judged.push({
        kind: 'run',
        name: `${report.stage}/${report.engine.name}`,
        stage: report.stage,
        violation,
      });
    }
    const overComponents = over('component');
    const ways = report.bom === undefined || overComponents.length === 0 ? null : new Ways(report.bom);
    for (const component of ways === null ? [] : (report.bom?.components ?? [])) {
      const depth = ways?.depth(component.ref) ?? null;
      const facts = componentFacts(component, report.stage, depth, input.likeness, input.now);
      for (const violation of violationsOf(overComponents, facts, context)) {
        const name = component.purl ?? component.ref;
        judged.push({ kind: 'component', name, stage: report.stage, place: component.places[0], violation });
      }
    }
  }
  for (const { stage, statement } of input.evidence) {
    const facts = statementFacts(statement.predicateType, stage, statement.predicate);
    for (const violation of violationsOf(over('statement'), facts, context)) {
      judged.push({ kind: 'statement', name: statement.predicateType, stage, violation });
    }
  }
  return judged;
}

/** A stage that was looked at fails where something in it fails. */
function blame(
  verdicts: readonly StageVerdict[],
  findings: readonly JudgedFinding[],
  facts: readonly JudgedFact[],
): StageVerdict[] {
  return verdicts.map((verdict) => {
    if (verdict.outcome !== 'passed') return verdict;
    const failing =
      findings.filter((f) => f.finding.stage === verdict.stage && f.outcome === 'failed').length +
      facts.filter((f) => f.stage === verdict.stage && f.violation.action === 'fail').length;
    if (failing === 0) return verdict;
    return {
      ...verdict,
      outcome: 'failed',
      reason: `${failing} ${failing === 1 ? 'violation' : 'violations'} of the policy`,
    };
  });
}

/** An error outweighs a failure: where something could not be known, there is no verdict. */
function verdictOf(
  problems: readonly Problem[],
  verdicts: readonly StageVerdict[],
  findings: readonly JudgedFinding[],
  facts: readonly JudgedFact[],
): Decision['verdict'] {
  if (problems.length > 0 || verdicts.some((v) => v.outcome === 'error')) return 'error';
  const failed =
    verdicts.some((v) => v.outcome === 'failed') ||
    findings.some((f) => f.outcome === 'failed') ||
    facts.some((f) => f.violation.action === 'fail');
  return failed ? 'failed' : 'passed';
}

const OUTCOMES: readonly JudgedFinding['outcome'][] = ['failed', 'warned', 'passed', 'waived', 'suppressed'];

function worstFirst(a: JudgedFinding, b: JudgedFinding): number {
  return (
    OUTCOMES.indexOf(a.outcome) - OUTCOMES.indexOf(b.outcome) ||
    severityRank(a.finding.severity) - severityRank(b.finding.severity) ||
    ascending(a.finding.places[0]?.path ?? '', b.finding.places[0]?.path ?? '') ||
    (a.finding.places[0]?.line ?? 0) - (b.finding.places[0]?.line ?? 0) ||
    ascending(a.finding.rule, b.finding.rule) ||
    ascending(a.finding.fingerprint, b.finding.fingerprint)
  );
}
