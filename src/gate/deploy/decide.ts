import type { BreakGlass } from '../../attest/break-glass.ts';
import type { GateSummary } from '../../attest/gate-summary.ts';
import { typesOf } from '../../attest/statement/types.ts';
import type { Trusted } from '../../attest/trusted.ts';
import type { Bom } from '../../model/component.ts';
import { readCycloneDx } from '../../model/cyclonedx/read.ts';
import type { Decision } from '../../model/decision.ts';
import type { Problem } from '../../model/error.ts';
import type { ScanReport } from '../../model/report.ts';
import { type Context, inAutomation } from '../../platform/context.ts';
import { evaluate } from '../../policy/evaluate.ts';
import { likenessFor } from '../../policy/likeness/names.ts';
import { requirementsAt } from '../../policy/stages.ts';
import { attestedVex } from '../attested-vex.ts';
import { matchAdvisories } from '../release/advisories.ts';
import type { ForcedPolicy } from '../release/policy.ts';
import { bomReports } from '../release/release.ts';
import type { DeployInput, Deployment } from './deploy.ts';

export interface Decided {
  decision: Decision;
  reports: ScanReport[];
  /** What the summary rests on. */
  inputs: { uri: string; sha256: string }[];
}

/** Judges the bill of materials that the release rests on by today's policy and advisories. */
export async function decideDeploy(
  deployment: Deployment,
  release: GateSummary,
  policy: ForcedPolicy,
  input: DeployInput,
  context: Context,
): Promise<Decided> {
  const boms = bomsOf(deployment, release);
  const matched = await matchAdvisories(
    boms.map(({ bom }) => bom),
    input.advisories,
    policy.whole.policy,
    context,
  );
  const vex = attestedVex(deployment.excused.accepted);
  const now = context.clock.now();
  const reports = [...bomReports(boms, now), ...(matched !== null && boms.length > 0 ? [matched] : [])];
  const asked = requirementsAt(policy.whole.policy, 'deploy');
  const problems: Problem[] = [];
  if (asked.has('dependencies') && (boms.length === 0 || matched === null)) {
    problems.push({
      code: 'SP-ADVISORIES-MISSING',
      message:
        boms.length === 0
          ? 'the release rests on no bill of materials that could be held against advisories'
          : 'the bill of materials was not held against any advisories: there is no database',
      expected:
        boms.length === 0 ? 'a CycloneDX attestation named by the release' : 'a database (--advisories DIR)',
      next: boms.length === 0 ? 'hand one over at the release gate' : 'sallyport advisories import',
    });
  }
  const decision = evaluate({
    gate: 'deploy',
    local: !inAutomation(context.env),
    policy: policy.whole,
    subject: subjectOf(deployment),
    base: null,
    now,
    reports,
    baseReports: null,
    evidence: [],
    // Documents of a repository are none here: the policy of the deploying side lies in no tree that is looked at.
    vex: vex.statements,
    likeness: await likenessFor(policy.whole),
    presence: new Map([['dependencies', { present: boms.length > 0, complete: true }]]),
    only: null,
    gateFindings: [],
    problems,
    notes: [
      ...(input.running === undefined && input.rollbackTo === undefined
        ? ['nothing says what runs there now (--running): an older release would not be noticed']
        : []),
      ...(boms.length > 0 && matched === null
        ? ['no advisories are here: the bill of materials was not matched']
        : []),
      ...vex.notes,
    ],
  });
  const inputs = [
    pieceOf(release.trusted),
    ...[...boms.map(({ trusted }) => trusted), ...vex.counted].map(pieceOf),
  ];
  return { decision, reports, inputs };
}

/** An exception by two people: no policy is asked beyond who they are; everything about it is told. */
export function decideException(
  deployment: Deployment,
  exception: BreakGlass,
  policy: ForcedPolicy,
  context: Context,
): Decided {
  const people = exception.people.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  const { whole } = policy;
  const decision: Decision = {
    gate: 'deploy',
    verdict: 'passed',
    local: !inAutomation(context.env),
    subject: subjectOf(deployment),
    base: null,
    policy: { uri: whole.uri, digest: whole.digest, layers: whole.layers },
    decidedAt: context.clock.now().toISOString(),
    summary: `passed as an exception until ${exception.expires.toISOString()}, by ${people}`,
    stages: [],
    findings: [],
    facts: [],
    problems: [],
    notes: [
      `a clean summary is owed by ${exception.owed.toISOString()}: release and deploy it in the usual way`,
    ],
  };
  return { decision, reports: [], inputs: exception.signatures.map(pieceOf) };
}

function subjectOf({ subject, resource }: Deployment): Decision['subject'] {
  return { name: subject.name, digest: { sha256: subject.digest.slice('sha256:'.length) }, uri: resource };
}

function pieceOf({ statement, payload }: Trusted): { uri: string; sha256: string } {
  return { uri: statement?.predicateType ?? '', sha256: payload ?? '' };
}

/** The bills of materials that the release's summary names, by the digest of what was signed: others do not count. */
function bomsOf(
  { released }: Deployment,
  release: GateSummary,
): { bom: Bom; sha256: string; trusted: Trusted }[] {
  const types = typesOf('cyclonedx')?.read ?? [];
  const named = new Set(release.summary.inputs.map(({ sha256 }) => sha256));
  const boms: { bom: Bom; sha256: string; trusted: Trusted }[] = [];
  const seen = new Set<string>();
  for (const trusted of released.accepted) {
    const { statement, payload, where } = trusted;
    if (statement === null || payload === null || !types.includes(statement.predicateType)) continue;
    if (!named.has(payload) || seen.has(payload)) continue;
    seen.add(payload);
    const bytes = Buffer.from(JSON.stringify(statement.predicate));
    boms.push({ bom: readCycloneDx(bytes, { path: where }), sha256: payload, trusted });
  }
  return boms;
}
