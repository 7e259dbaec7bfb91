import type { Suppression, Verification } from '../../model/finding.ts';
import type { Place } from '../../model/location.ts';
import { type Severity, severityRank } from '../../model/severity.ts';
import type { Hit } from '../engine.ts';
import type { IgnoreEntry } from './ignore-file.ts';
import type { RawFinding } from './inspect/result.ts';
import type { SecretRule } from './rules/rule.ts';
import { vendorOf } from './verify/registry.ts';
import type { ToVerify } from './verify/verify.ts';

/** Where the text that a finding is in comes from. */
export type Origin =
  | { from: 'tree'; path: string }
  | { from: 'staged'; path: string }
  /** `order`: position of the commit, oldest first. */
  | { from: 'history'; path: string; commit: string; order: number };

interface Seen {
  origin: Origin;
  finding: RawFinding;
}

const MAX_PLACES = 100;

/**
 * Joins what the threads found: one secret of one rule is one finding, however many places it stands in. Keeps only
 * as much of each as a report shows.
 */
export class Collector {
  readonly #rules: readonly SecretRule[];
  readonly #groups = new Map<string, Seen[]>();
  readonly #counts = new Map<string, number>();
  /** What is to be tried out, by secret. Empty unless that was asked for. */
  readonly credentials = new Map<string, ToVerify>();
  #verdicts: ReadonlyMap<string, Verification> | null = null;

  constructor(rules: readonly SecretRule[]) {
    this.#rules = rules;
  }

  add(origin: Origin, raw: RawFinding): void {
    const rule = this.#rules[raw.rule];
    if (rule === undefined) return;
    const { credential, ...finding } = raw;
    const key =
      finding.digest === '' ? `${rule.id}\n${placePath(origin, finding)}` : `${rule.id}\n${finding.digest}`;
    const group = this.#groups.get(key) ?? [];
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#groups.set(key, group);
    this.#counts.set(key, count);
    if (group.length < MAX_PLACES) group.push({ origin, finding });
    else keepFirst(group, { origin, finding });
    // Of several places one may show the other half of it.
    if (credential !== undefined && (this.credentials.get(key)?.credential.companion ?? null) === null)
      this.credentials.set(key, { rule: rule.id, credential });
  }

  /** Takes the answers of the vendors and lets the secrets go. What nobody was asked about is unknown. */
  verified(verdicts: ReadonlyMap<string, Verification>): void {
    this.#verdicts = verdicts;
    this.credentials.clear();
  }

  /** One hit for each secret. `complete`: the history was looked at, so that its absence there means something. */
  hits(ignored: readonly IgnoreEntry[]): Hit[] {
    return [...this.#groups].map(([key, seen]) =>
      this.#hit(seen, this.#counts.get(key) ?? seen.length, ignored, this.#verdictOf(key)),
    );
  }

  #verdictOf(key: string): Verification | undefined {
    return this.#verdicts === null ? undefined : (this.#verdicts.get(key) ?? 'unknown');
  }

  #hit(
    seen: Seen[],
    count: number,
    ignored: readonly IgnoreEntry[],
    verification: Verification | undefined,
  ): Hit {
    seen.sort(byOrigin);
    const [main] = seen as [Seen, ...Seen[]];
    const rule = this.#rules[main.finding.rule] as SecretRule;
    const present = seen.filter(({ origin }) => origin.from !== 'history');
    const first = seen.find(({ origin }) => origin.from === 'history');
    const severity =
      verification === 'verified' ? 'critical' : seen.map(({ finding }) => finding.severity).reduce(worse);
    const places = distinct(
      (present.length > 0 ? present : seen).map(({ origin, finding }) => placeOf(origin, finding)),
    );
    const tags = new Set([
      ...rule.tags,
      ...main.finding.tags,
      present.length > 0 ? 'in-tree' : 'history-only',
    ]);
    if (first?.origin.from === 'history') tags.add(`commit:${first.origin.commit}`);
    return {
      rule: rule.id,
      severity,
      message: messageOf(rule, main, first, present.length > 0, count) + saidOf(rule, verification),
      places,
      context: main.finding.context,
      help: helpOf(rule, present.length > 0),
      suppressions: suppressionsOf(seen, rule.id, ignored, new Set(this.#rules.map(({ id }) => id))),
      tags: [...tags],
      ...(verification === undefined ? {} : { verification }),
    };
  }
}

/** Of more places than are kept, the oldest commit and what is in the tree matter most. */
function keepFirst(group: Seen[], next: Seen): void {
  const last = group.at(-1) as Seen;
  if (byOrigin(next, last) < 0) group[group.length - 1] = next;
}

const RANK = { tree: 0, staged: 0, history: 1 } as const;

function byOrigin(a: Seen, b: Seen): number {
  const rank = RANK[a.origin.from] - RANK[b.origin.from];
  if (rank !== 0) return rank;
  const age = (seen: Seen) => (seen.origin.from === 'history' ? seen.origin.order : 0);
  const [left, right] = [placePath(a.origin, a.finding), placePath(b.origin, b.finding)];
  return (
    age(a) - age(b) ||
    (left < right ? -1 : left > right ? 1 : 0) ||
    a.finding.line - b.finding.line ||
    a.finding.column - b.finding.column
  );
}

function worse(a: Severity, b: Severity): Severity {
  return severityRank(a) <= severityRank(b) ? a : b;
}

function placePath(origin: Origin, finding: RawFinding): string {
  return finding.inner === '' ? origin.path : `${origin.path}!/${finding.inner}`;
}

function placeOf(origin: Origin, finding: RawFinding): Place {
  const path = placePath(origin, finding);
  const { line, column, endLine, endColumn } = finding;
  if (line === 0) return { path };
  // Of a long line in the history only a part may have been looked at: its columns are not known.
  return origin.from === 'history' ? { path, line } : { path, line, column, endLine, endColumn };
}

function distinct(places: readonly Place[]): Place[] {
  const seen = new Set<string>();
  return places.filter(({ path, line, column }) => {
    const key = `${path}\n${line}\n${column}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function messageOf(
  rule: SecretRule,
  main: Seen,
  first: Seen | undefined,
  present: boolean,
  count: number,
): string {
  const { finding } = main;
  const what = finding.shown === '' ? rule.description : `${rule.description}: ${finding.shown}`;
  const parts = [what];
  if (count > 1) parts.push(`found ${count} times`);
  const how = finding.tags
    .filter((tag) => tag.startsWith('decoded:'))
    .map((tag) => tag.slice('decoded:'.length));
  if (how.length > 0) parts.push(`written as ${how.join(' in ')}`);
  if (first?.origin.from === 'history') {
    const { commit } = first.origin;
    const place = placeOf(first.origin, first.finding);
    const where = place.line === undefined ? place.path : `${place.path}:${place.line}`;
    parts.push(`first in commit ${commit.slice(0, 12)} (${where})`);
  }
  if (!present) parts.push('no longer in the tree, still in the history');
  return parts.join('; ');
}

/** Only what was answered is told: that something is not known is in its field. */
function saidOf(rule: SecretRule, verification: Verification | undefined): string {
  const vendor = vendorOf(rule.id)?.name;
  if (vendor === undefined || verification === undefined || verification === 'unknown') return '';
  return verification === 'verified' ? `; LIVE: ${vendor} accepts it` : `; ${vendor} refuses it`;
}

function helpOf(rule: SecretRule, present: boolean): string {
  const revoke =
    rule.revoke === undefined ? 'Revoke it where it was issued' : `Revoke it first: ${rule.revoke}`;
  const then = present
    ? 'then take it out of the files and read it from a secret store.'
    : 'it stays readable for everybody who has the history.';
  return `${revoke}; ${then}`;
}

/** Suppressions count only where every place of the secret has one: one allowed place must not cover another. */
function suppressionsOf(
  seen: readonly Seen[],
  rule: string,
  ignored: readonly IgnoreEntry[],
  known: ReadonlySet<string>,
): Suppression[] {
  const out: Suppression[] = [];
  for (const { origin, finding } of seen) {
    const found = suppressionOf(origin, finding, rule, ignored, known);
    if (found === null) return [];
    out.push(found);
  }
  return out.slice(0, 10);
}

function suppressionOf(
  origin: Origin,
  finding: RawFinding,
  rule: string,
  ignored: readonly IgnoreEntry[],
  known: ReadonlySet<string>,
): Suppression | null {
  const path = placePath(origin, finding);
  if (finding.allow !== null) {
    const { by, reason, line } = finding.allow;
    const justification = reason === '' ? by : `${by}: ${reason}`;
    return { kind: 'inSource', justification, place: { path: origin.path, line: Math.max(1, line) } };
  }
  const commit = origin.from === 'history' ? origin.commit : '';
  const entry = ignored.find(
    (candidate) =>
      candidate.path === path &&
      candidate.line === finding.line &&
      (candidate.commit === null || candidate.commit === commit) &&
      // A name that is not one of our rules is the other tool's name for what stands on that line.
      (candidate.rule === rule || !known.has(candidate.rule)),
  );
  if (entry === undefined) return null;
  return { kind: 'external', justification: `${entry.place.path}: ${entry.text}`, place: entry.place };
}
