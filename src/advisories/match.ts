import { schemeOfEcosystem } from '../versions/registry.ts';
import type { Scheme, Version } from '../versions/version.ts';
import type { AdvisoryDatabase } from './database.ts';
import type { Entry } from './index-format.ts';
import type { OsvSeverity } from './osv.ts';
import { type Answer, byCommit, evaluate } from './osv-ranges.ts';
import { keyOf, type PackageName } from './package-key.ts';

/** A package in a version. Without a version nothing can be ruled out but by its commit. */
export interface Question {
  package: PackageName;
  version: string | undefined;
  /** The commit that it is pinned to, where it is. */
  commit?: string | undefined;
}

/** One vulnerability, however many databases speak of it. */
export interface AdvisoryMatch {
  /** The record that names it best: malicious packages first, then CVE, GHSA, others. */
  id: string;
  /** Every other name of it: the other records, and what all of them give as aliases. Sorted. */
  aliases: string[];
  /** `unknown`: it could not be told whether this version is affected; `reason` says why. */
  state: 'affected' | 'unknown';
  reason?: string | undefined;
  summary: string;
  rating: string | null;
  /** Of all the records, without doubles. */
  severity: OsvSeverity[];
  /** The nearest version in which all the records call it fixed; null where one of them names none. */
  fixed: string | null;
}

export interface Outcome {
  question: Question;
  /** False: there is no index for the ecosystem, so nothing is known of the package. */
  known: boolean;
  matches: AdvisoryMatch[];
}

/** Far more than a bill of materials can hold; with 32 bits of a hash a number that is exact. */
const MAX_QUESTIONS = 2 ** 21;

/** Looks every package up, in the order of the index, so that each block is read once. Answers in the order asked. */
export function matchAll(database: AdvisoryDatabase, questions: readonly Question[]): Outcome[] {
  if (questions.length > MAX_QUESTIONS) throw new RangeError(`${questions.length} questions`);
  const keys = questions.map((question) => keyOf(question.package));
  // Rank and place in one number, which is sorted without asking anybody; what 32 bits do not tell apart lies near.
  const order = Float64Array.from(
    keys,
    ({ hash }, at) => Number.parseInt(hash.slice(0, 8), 16) * MAX_QUESTIONS + at,
  ).sort();
  const outcomes: Outcome[] = new Array(questions.length);
  for (const ranked of order) {
    const i = ranked % MAX_QUESTIONS;
    const question = questions[i];
    if (question === undefined) continue;
    const entries = database.find(question.package, keys[i]);
    outcomes[i] = {
      question,
      known: entries !== null,
      matches: entries === null ? [] : matchEntries(entries, question),
    };
  }
  return outcomes;
}

/** The vulnerabilities of one package that a version has or may have. */
export function matchEntries(
  entries: readonly Entry[],
  { package: { ecosystem }, version, commit }: Question,
): AdvisoryMatch[] {
  if (entries.length === 0) return [];
  const known = schemeOfEcosystem(ecosystem);
  const scheme = known === undefined ? undefined : remembering(known);
  const judged = entries.map((entry) => ({ entry, answer: answerOf(entry, scheme, version, commit) }));
  return groupsOf(judged)
    .map((group) => matchOf(group, scheme))
    .filter((match) => match !== null)
    .sort((a, b) => rankOf(a.id) - rankOf(b.id) || (a.id < b.id ? -1 : 1));
}

/** The records of one package name the same versions again and again: each is read once. */
function remembering(scheme: Scheme): Scheme {
  const versions = new Map<string, Version>();
  return {
    ...scheme,
    parse(text) {
      const known = versions.get(text);
      if (known !== undefined) return known;
      const version = scheme.parse(text);
      versions.set(text, version);
      return version;
    },
  };
}

interface Judged {
  entry: Entry;
  answer: Answer;
}

function answerOf(
  entry: Entry,
  scheme: Scheme | undefined,
  version: string | undefined,
  commit: string | undefined,
): Answer {
  if (version !== undefined) return evaluate(entry, scheme, version, commit);
  const hasCommits = entry.ranges.some(({ type }) => type === 'GIT');
  return commit === undefined || !hasCommits
    ? { state: 'unknown', reason: 'the component has no version' }
    : byCommit(entry.ranges, commit);
}

/** Records that share a name, directly or through others, are about one vulnerability. */
function groupsOf(judged: readonly Judged[]): Judged[][] {
  const groupOf = new Map<string, Judged[]>();
  const groups = new Set<Judged[]>();
  for (const one of judged) {
    const names = [one.entry.id, ...one.entry.aliases];
    const group = [one];
    for (const other of new Set(names.map((name) => groupOf.get(name)))) {
      if (other === undefined) continue;
      group.unshift(...other);
      groups.delete(other);
    }
    groups.add(group);
    for (const { entry } of group) for (const name of [entry.id, ...entry.aliases]) groupOf.set(name, group);
  }
  return [...groups];
}

/** One record that says it is affected is enough; one that cannot tell is not outvoted by those that say no. */
function matchOf(group: readonly Judged[], scheme: Scheme | undefined): AdvisoryMatch | null {
  const affected = group.filter(({ answer }) => answer.state === 'affected');
  const unknown = group.filter(({ answer }) => answer.state === 'unknown');
  const speaking = affected.length > 0 ? affected : unknown;
  const [best] = speaking
    .map(({ entry }) => entry)
    .sort((a, b) => rankOf(a.id) - rankOf(b.id) || (a.id < b.id ? -1 : 1));
  if (best === undefined) return null;
  const names = new Set(group.flatMap(({ entry }) => [entry.id, ...entry.aliases]));
  names.delete(best.id);
  const [first] = unknown;
  return {
    id: best.id,
    aliases: [...names].sort(),
    state: affected.length > 0 ? 'affected' : 'unknown',
    ...(affected.length === 0 && first?.answer.state === 'unknown' ? { reason: first.answer.reason } : {}),
    summary: speaking.map(({ entry }) => entry.summary).find((text) => text !== '') ?? '',
    rating: speaking.map(({ entry }) => entry.rating).find((text) => text !== null) ?? null,
    severity: withoutDoubles(speaking.flatMap(({ entry }) => entry.severity)),
    fixed: fixedIn(affected, scheme),
  };
}

function withoutDoubles(severity: readonly OsvSeverity[]): OsvSeverity[] {
  return [...new Map(severity.map((one) => [`${one.type} ${one.score}`, one])).values()];
}

/** The latest of the records' nearest fixes: before it, one of them still calls the package affected. */
function fixedIn(affected: readonly Judged[], scheme: Scheme | undefined): string | null {
  if (scheme === undefined) return null;
  const nearest: string[] = [];
  for (const { answer } of affected) {
    if (answer.state !== 'affected') continue;
    const [first] = answer.fixed;
    if (first === undefined) return null;
    nearest.push(first);
  }
  const sorted = nearest.map((text) => scheme.parse(text)).sort(scheme.compare);
  return sorted.at(-1)?.text ?? null;
}

const RANKS = ['MAL-', 'CVE-', 'GHSA-'];

function rankOf(id: string): number {
  const rank = RANKS.findIndex((prefix) => id.startsWith(prefix));
  return rank === -1 ? RANKS.length : rank;
}
