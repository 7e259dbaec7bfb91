import { SallyportError } from '../model/error.ts';
import type { Ordering, Scheme, Version } from '../versions/version.ts';
import { judgeCommit } from './commits.ts';
import type { OsvEvent, OsvRange } from './osv.ts';

/** What an advisory's entry says of one version. `unknown`: it cannot be told, and `reason` says why. */
export type Answer =
  | { state: 'affected'; fixed: string[]; lastAffected: string[] }
  | { state: 'unaffected' }
  | { state: 'unknown'; reason: string };

/** An event with its version read; null stands for `introduced: 0`, which is before every version. */
interface Step {
  kind: 'introduced' | 'fixed' | 'last_affected' | 'limit';
  version: Version | null;
  text: string;
}

/**
 * Whether a version is affected, by the OSV schema's own evaluation (https://ossf.github.io/osv-schema/#evaluation):
 * listed in `versions`, or inside one of the SEMVER and ECOSYSTEM ranges. A version that cannot be read, or an event
 * that cannot, is `unknown` unless something else settles it. GIT ranges speak of commits and say nothing of a
 * version: of an entry that has nothing else only a commit is decided that it names, all others are `unknown`.
 */
export function evaluate(
  entry: { ranges: readonly OsvRange[]; versions: readonly string[] },
  scheme: Scheme | undefined,
  text: string,
  commit?: string,
): Answer {
  if (entry.versions.includes(text)) return affected(entry.ranges, scheme, null);
  if (scheme === undefined) return { state: 'unknown', reason: 'the ecosystem has no version order here' };
  let version: Version;
  try {
    version = scheme.parse(text);
  } catch (thrown) {
    // An action that is pinned by its commit has that for a version.
    const judged = byCommit(entry.ranges, commit);
    return judged.state === 'unknown' ? { state: 'unknown', reason: messageOf(thrown) } : judged;
  }
  const ranges = entry.ranges.filter((range) => range.type !== 'GIT');
  const problems: string[] = [];
  for (const range of ranges) {
    try {
      if (isInside(range, scheme, version)) return affected([range], scheme, version);
    } catch (thrown) {
      problems.push(messageOf(thrown));
    }
  }
  if (entry.versions.some((one) => isSame(scheme, one, version))) return affected(ranges, scheme, version);
  const [problem] = problems;
  if (problem !== undefined) return { state: 'unknown', reason: problem };
  if (ranges.length === 0 && entry.versions.length === 0) {
    return byCommit(entry.ranges, commit);
  }
  return { state: 'unaffected' };
}

/** What an advisory that names commits says of the one that a component is pinned to. */
export function byCommit(ranges: readonly OsvRange[], commit: string | undefined): Answer {
  if (commit === undefined)
    return { state: 'unknown', reason: 'the advisory names commits only, no versions' };
  const judged = judgeCommit(ranges, commit);
  if (judged === 'affected') return { state: 'affected', fixed: [], lastAffected: [] };
  if (judged === 'unaffected') return { state: 'unaffected' };
  const reason = `it is pinned to commit ${commit.slice(0, 12)}, and only the repository’s history tells whether the advisory’s commits are in it`;
  return { state: 'unknown', reason };
}

function isInside(range: OsvRange, scheme: Scheme, version: Version): boolean {
  const steps = range.events.map((event) => readStep(event, scheme));
  const limits = steps.filter(({ kind }) => kind === 'limit');
  if (limits.length > 0 && !limits.some((limit) => limit.text === '*' || compare(scheme, version, limit) < 0))
    return false;
  const events = steps.filter(({ kind }) => kind !== 'limit').sort((a, b) => compareSteps(scheme, a, b));
  let inside = false;
  for (const event of events) {
    const order = compare(scheme, version, event);
    if (event.kind === 'introduced' && order >= 0) inside = true;
    else if (event.kind === 'fixed' && order >= 0) inside = false;
    else if (event.kind === 'last_affected' && order > 0) inside = false;
  }
  return inside;
}

function readStep(event: OsvEvent, scheme: Scheme): Step {
  const [entry] = Object.entries(event) as [Step['kind'], string][];
  const [kind, text] = entry ?? ['limit', '*'];
  const open = (kind === 'introduced' && text === '0') || (kind === 'limit' && text === '*');
  return { kind, text, version: open ? null : scheme.parse(text) };
}

function compare(scheme: Scheme, version: Version, step: Step): Ordering {
  return step.version === null ? 1 : scheme.compare(version, step.version);
}

/**
 * By version; events at one version stay as they are written: "introduced, fixed" there is an empty range (RustSec
 * writes those), "fixed, introduced" is a way back in.
 */
function compareSteps(scheme: Scheme, a: Step, b: Step): number {
  if (a.version === null || b.version === null)
    return Number(a.version !== null) - Number(b.version !== null);
  return scheme.compare(a.version, b.version);
}

/** With the versions that fix it: those after the version in question, nearest first. */
function affected(ranges: readonly OsvRange[], scheme: Scheme | undefined, version: Version | null): Answer {
  const texts = (kind: 'fixed' | 'last_affected') =>
    ranges
      .filter((range) => range.type !== 'GIT')
      .flatMap((range) =>
        range.events.flatMap((event) =>
          kind in event ? [(event as Record<string, string>)[kind] ?? ''] : [],
        ),
      );
  const fixed = texts('fixed');
  if (scheme === undefined) return { state: 'affected', fixed, lastAffected: texts('last_affected') };
  const read = fixed.flatMap((text) => {
    try {
      return [scheme.parse(text)];
    } catch {
      // It is shown nowhere as a way out, and the finding stands without it.
      return [];
    }
  });
  const later = read
    .filter((one) => version === null || scheme.compare(one, version) > 0)
    .sort(scheme.compare);
  return {
    state: 'affected',
    fixed: later.filter((one, i) => later[i - 1]?.text !== one.text).map(({ text }) => text),
    lastAffected: texts('last_affected'),
  };
}

function isSame(scheme: Scheme, text: string, version: Version): boolean {
  try {
    return scheme.compare(scheme.parse(text), version) === 0;
  } catch {
    // The version in question can be read, so it is not this one.
    return false;
  }
}

function messageOf(thrown: unknown): string {
  if (thrown instanceof SallyportError) return thrown.message;
  throw thrown;
}
