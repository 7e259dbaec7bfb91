import type { Problem } from '../model/error.ts';
import type { Finding, Rule } from '../model/finding.ts';
import { Fingerprinter } from '../model/fingerprint.ts';
import { pathGlob } from '../model/glob.ts';
import type { Place } from '../model/location.ts';
import { ascending } from '../model/order.ts';
import { type EngineInfo, type ScanReport, stateOf } from '../model/report.ts';
import type { Stage } from '../model/stage.ts';
import type { EngineOutput, Hit } from './engine.ts';

/** Paths that the policy leaves out. */
export function excluder(patterns: readonly string[]): (path: string) => boolean {
  const globs = patterns.map(pathGlob);
  return (path) => globs.some((matches) => matches(path));
}

/** Hits as findings: in the order of their places, so that ordinals and reports are the same in every run. */
function findingsOf(stage: Stage, engine: string, rules: readonly Rule[], hits: readonly Hit[]): Finding[] {
  const severity = new Map(rules.map((rule) => [rule.id, rule.severity]));
  const fingerprints = new Fingerprinter();
  return [...hits].sort(byPlace).map((hit) => ({
    stage,
    engine,
    rule: hit.rule,
    severity: hit.severity ?? severity.get(hit.rule) ?? 'medium',
    score: hit.score ?? null,
    message: hit.message,
    places: hit.places,
    ...(hit.help === undefined ? {} : { help: hit.help }),
    ...(hit.fix === undefined ? {} : { fix: hit.fix }),
    fingerprint: fingerprints.next({ rule: hit.rule, path: hit.places[0]?.path ?? '', context: hit.context }),
    suppressions: hit.suppressions ?? [],
    ...(hit.component === undefined ? {} : { component: hit.component }),
    ...(hit.advisory === undefined ? {} : { advisory: hit.advisory }),
    tags: hit.tags ?? [],
    ...(hit.verification === undefined ? {} : { verification: hit.verification }),
  }));
}

function byPlace(a: Hit, b: Hit): number {
  const [left, right] = [a.places[0], b.places[0]];
  return (
    ascending(left?.path ?? '', right?.path ?? '') ||
    ascending(left?.line ?? 0, right?.line ?? 0) ||
    ascending(left?.column ?? 0, right?.column ?? 0) ||
    ascending(a.rule, b.rule) ||
    ascending(a.message, b.message)
  );
}

export interface Times {
  startedAt: Date;
  finishedAt: Date;
}

/** The report of an engine that came to its end. */
export function finishedReport(
  stage: Stage,
  engine: EngineInfo,
  rules: readonly Rule[],
  output: EngineOutput,
  times: Times,
  renames: Readonly<Record<string, string>> = {},
): ScanReport {
  const hits = output.hits.map((hit) => ({
    ...hit,
    places: hit.places.map((p) => underNewName(p, renames)),
  }));
  const findings = findingsOf(stage, engine.name, rules, hits);
  const report = { looked: output.looked, findings, problems: output.problems };
  const idle = output.idle !== undefined && output.problems.length === 0 && findings.length === 0;
  return {
    ...report,
    ...(idle && output.idle !== undefined ? { problems: [output.idle] } : {}),
    stage,
    engine: { ...engine, ...(output.data === undefined ? {} : { data: output.data }) },
    state: idle ? 'nothing-scanned' : stateOf(report),
    rules: [...rules],
    startedAt: times.startedAt.toISOString(),
    finishedAt: times.finishedAt.toISOString(),
    ...(output.bom === undefined ? {} : { bom: output.bom }),
    ...(output.document === undefined ? {} : { document: output.document }),
  };
}

function underNewName(place: Place, renames: Readonly<Record<string, string>>): Place {
  const now = Object.hasOwn(renames, place.path) ? renames[place.path] : undefined;
  return now === undefined ? place : { ...place, path: now };
}

/** The report of an engine that did not: it knows nothing, and says why. */
export function failedReport(stage: Stage, engine: EngineInfo, problem: Problem, times: Times): ScanReport {
  return {
    stage,
    engine,
    state: 'error',
    looked: { files: null, bytes: null, commits: null, rules: null, skipped: [], complete: false },
    startedAt: times.startedAt.toISOString(),
    finishedAt: times.finishedAt.toISOString(),
    rules: [],
    findings: [],
    problems: [problem],
  };
}
