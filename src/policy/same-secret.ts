import type { JudgedFinding, SaidToo } from '../model/decision.ts';
import type { Place } from '../model/location.ts';
import type { EngineInfo } from '../model/report.ts';

/** What one engine found, judged. */
export interface JudgedRun {
  how: EngineInfo['how'];
  findings: readonly JudgedFinding[];
}

/** gitleaks counts columns from another place than SARIF does, after the first line of a file. */
const SLACK = 2;

interface Group {
  judged: JudgedFinding;
  how: EngineInfo['how'];
  /** Engine and place: each engine speaks once about each place, so that two secrets side by side stay two. */
  taken: Set<string>;
}

/**
 * Makes one of what several engines say about one secret: findings of the stage `secrets` by different engines whose
 * regions overlap. Ours speaks where there is one, else the first engine that was run; the others are kept beside it.
 * An engine can add and never remove: what any of them violates, the joined finding violates. Only a waiver or an
 * honoured suppression of our own finding, whose place is exact and whose fingerprint holds a part of the secret's hash,
 * covers what others say about that place.
 */
export function joinSecrets(runs: readonly JudgedRun[]): JudgedFinding[] {
  const secret = runs.filter(({ findings }) => findings.some(isSecret));
  if (secret.length < 2) return runs.flatMap(({ findings }) => findings);
  const rest = runs.flatMap(({ findings }) => findings.filter((judged) => !isSecret(judged)));
  const groups: Group[] = [];
  const byLine = new Map<string, Group[]>();
  const ordered = [...secret].sort((a, b) => Number(b.how === 'in-process') - Number(a.how === 'in-process'));
  for (const { how, findings } of ordered) {
    for (const judged of findings.filter(isSecret)) {
      const same = claim(byLine, judged);
      if (same !== undefined) {
        join(same, judged);
        continue;
      }
      const group = { judged, how, taken: new Set<string>() };
      groups.push(group);
      for (const place of judged.finding.places) {
        const key = keyOf(place);
        const known = byLine.get(key);
        if (known === undefined) byLine.set(key, [group]);
        else known.push(group);
      }
    }
  }
  return [...rest, ...groups.map(({ judged }) => judged)];
}

function isSecret({ finding }: JudgedFinding): boolean {
  return finding.stage === 'secrets';
}

function keyOf({ path, line }: Place): string {
  return `${line ?? 0}\n${path}`;
}

/** The finding of another engine about the same place, of which this engine has not spoken yet. */
function claim(byLine: ReadonlyMap<string, Group[]>, { finding }: JudgedFinding): Group | undefined {
  const place = finding.places[0];
  if (place?.line === undefined) return undefined;
  for (const group of byLine.get(keyOf(place)) ?? []) {
    const { judged, taken } = group;
    if (judged.finding.engine === finding.engine) continue;
    for (const [index, other] of judged.finding.places.entries()) {
      const key = `${index} ${finding.engine}`;
      if (taken.has(key) || !overlap(place, other)) continue;
      taken.add(key);
      return group;
    }
  }
  return undefined;
}

/** Regions that begin on one line of one file and have a character in common, as far as columns are told. */
function overlap(a: Place, b: Place): boolean {
  if (a.path !== b.path || a.line !== b.line) return false;
  if (a.column === undefined || b.column === undefined) return true;
  return a.column < endOf(b) + SLACK && b.column < endOf(a) + SLACK;
}

function endOf({ line, column = 1, endLine, endColumn }: Place): number {
  if (endLine !== undefined && endLine !== line) return Number.POSITIVE_INFINITY;
  return endColumn ?? column + 1;
}

function join(group: Group, other: JudgedFinding): void {
  const { judged } = group;
  const { engine, rule, severity, message, fingerprint } = other.finding;
  const said: SaidToo = { engine, rule, severity, message, fingerprint, outcome: other.outcome };
  const violations = [...judged.violations];
  for (const violation of other.violations)
    if (!violations.some((v) => v.rule === violation.rule && v.layer === violation.layer))
      violations.push(violation);
  group.judged = {
    ...judged,
    outcome: covers(group) ? judged.outcome : worse(judged.outcome, other.outcome),
    violations,
    alsoBy: [...(judged.alsoBy ?? []), said],
  };
}

function covers({ how, judged }: Group): boolean {
  return how === 'in-process' && (judged.outcome === 'waived' || judged.outcome === 'suppressed');
}

const OUTCOMES: readonly JudgedFinding['outcome'][] = ['failed', 'warned', 'passed', 'waived', 'suppressed'];

function worse(a: JudgedFinding['outcome'], b: JudgedFinding['outcome']): JudgedFinding['outcome'] {
  return OUTCOMES.indexOf(a) <= OUTCOMES.indexOf(b) ? a : b;
}
