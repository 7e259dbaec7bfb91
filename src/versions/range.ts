import { SallyportError } from '../model/error.ts';
import type { Scheme, Version } from './version.ts';

export type Comparator = '=' | '!=' | '<' | '<=' | '>' | '>=';

export interface Constraint {
  comparator: Comparator;
  version: Version;
}

interface Bound {
  version: Version;
  inclusive: boolean;
}

/** The versions between two bounds; null is without end on that side. */
interface Interval {
  low: Bound | null;
  high: Bound | null;
}

/** A set of versions: intervals that are not empty, in order, with at least one version between two of them. */
export interface Range {
  readonly scheme: Scheme;
  readonly intervals: readonly Interval[];
}

/** More parts than this are refused: what is written by people or by an advisory stays far below it. */
const MAX_INTERVALS = 4096;

export function emptyRange(scheme: Scheme): Range {
  return { scheme, intervals: [] };
}

export function fullRange(scheme: Scheme): Range {
  return { scheme, intervals: [{ low: null, high: null }] };
}

/** The versions that satisfy one comparison. */
export function rangeOf(comparator: Comparator, version: Version): Range {
  const { scheme } = version;
  const bound = { version, inclusive: comparator.endsWith('=') };
  switch (comparator) {
    case '=':
      return { scheme, intervals: [{ low: bound, high: bound }] };
    case '!=': {
      const open = { version, inclusive: false };
      return {
        scheme,
        intervals: [
          { low: null, high: open },
          { low: open, high: null },
        ],
      };
    }
    case '<':
    case '<=':
      return { scheme, intervals: [{ low: null, high: bound }] };
    case '>':
    case '>=':
      return { scheme, intervals: [{ low: bound, high: null }] };
  }
}

/** From `low` (included) up to `high` (not included). */
export function halfOpen(low: Version, high: Version): Range {
  return intersect(rangeOf('>=', low), rangeOf('<', high));
}

export function contains(range: Range, version: Version): boolean {
  const { scheme } = range;
  return range.intervals.some(
    ({ low, high }) =>
      (low === null || isAbove(scheme.compare(version, low.version), low)) &&
      (high === null || isAbove(-scheme.compare(version, high.version), high)),
  );
}

function isAbove(order: number, bound: Bound): boolean {
  return order > 0 || (order === 0 && bound.inclusive);
}

export function isEmpty(range: Range): boolean {
  return range.intervals.length === 0;
}

export function isFull(range: Range): boolean {
  const [only] = range.intervals;
  return range.intervals.length === 1 && only !== undefined && only.low === null && only.high === null;
}

/** The versions in at least one of the ranges. */
export function union(scheme: Scheme, ranges: readonly Range[]): Range {
  const all = ranges.flatMap((range) => {
    sameScheme(scheme, range.scheme);
    return range.intervals;
  });
  limit(all.length);
  all.sort((a, b) => compareLow(scheme, a.low, b.low));
  const merged: Interval[] = [];
  for (const next of all) {
    const last = merged.at(-1);
    if (last === undefined || !touches(scheme, last.high, next.low)) merged.push({ ...next });
    else if (compareHigh(scheme, next.high, last.high) > 0) last.high = next.high;
  }
  return { scheme, intervals: merged };
}

/** The versions in both ranges. */
export function intersect(a: Range, b: Range): Range {
  const { scheme } = a;
  sameScheme(scheme, b.scheme);
  const intervals: Interval[] = [];
  let i = 0;
  let j = 0;
  while (i < a.intervals.length && j < b.intervals.length) {
    const one = a.intervals[i];
    const other = b.intervals[j];
    if (one === undefined || other === undefined) break;
    const low = compareLow(scheme, one.low, other.low) >= 0 ? one.low : other.low;
    const high = compareHigh(scheme, one.high, other.high) <= 0 ? one.high : other.high;
    if (holdsSomething(scheme, low, high)) intervals.push({ low, high });
    if (compareHigh(scheme, one.high, other.high) <= 0) i++;
    else j++;
  }
  return { scheme, intervals };
}

/** Every version that is not in the range. */
export function invert(range: Range): Range {
  const intervals: Interval[] = [];
  let low: Bound | null = null;
  let open = true;
  for (const interval of range.intervals) {
    if (interval.low !== null) intervals.push({ low, high: opposite(interval.low) });
    if (interval.high === null) open = false;
    else low = opposite(interval.high);
  }
  if (open) intervals.push({ low, high: null });
  return { scheme: range.scheme, intervals };
}

/**
 * The shortest list of constraints for the same versions, in version order and valid by the vers rules:
 * each version once, and `<` and `>` in turn. Null for all versions, an empty list for none.
 */
export function constraintsOf(range: Range): Constraint[] | null {
  if (isFull(range)) return null;
  const { scheme } = range;
  const constraints: Constraint[] = [];
  range.intervals.forEach(({ low, high }, i) => {
    const before = range.intervals[i - 1]?.high ?? null;
    const after = range.intervals[i + 1]?.low ?? null;
    if (low !== null && high !== null && scheme.compare(low.version, high.version) === 0) {
      constraints.push({ comparator: '=', version: low.version });
      return;
    }
    if (low !== null && !isHole(scheme, before, low)) {
      constraints.push({ comparator: low.inclusive ? '>=' : '>', version: low.version });
    }
    if (high === null) return;
    if (isHole(scheme, high, after)) constraints.push({ comparator: '!=', version: high.version });
    else constraints.push({ comparator: high.inclusive ? '<=' : '<', version: high.version });
  });
  return constraints;
}

/** One version alone lies between two neighbours: `!=` says it shorter than `<` and `>`, which would name it twice. */
function isHole(scheme: Scheme, high: Bound | null, low: Bound | null): boolean {
  return high !== null && low !== null && scheme.compare(high.version, low.version) === 0;
}

function opposite(bound: Bound): Bound {
  return { version: bound.version, inclusive: !bound.inclusive };
}

function compareLow(scheme: Scheme, a: Bound | null, b: Bound | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return scheme.compare(a.version, b.version) || Number(b.inclusive) - Number(a.inclusive);
}

function compareHigh(scheme: Scheme, a: Bound | null, b: Bound | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return scheme.compare(a.version, b.version) || Number(a.inclusive) - Number(b.inclusive);
}

/** No version lies between the end of one interval and the beginning of the next. */
function touches(scheme: Scheme, high: Bound | null, low: Bound | null): boolean {
  if (high === null || low === null) return true;
  const order = scheme.compare(low.version, high.version);
  return order < 0 || (order === 0 && (low.inclusive || high.inclusive));
}

function holdsSomething(scheme: Scheme, low: Bound | null, high: Bound | null): boolean {
  if (low === null || high === null) return true;
  const order = scheme.compare(low.version, high.version);
  return order < 0 || (order === 0 && low.inclusive && high.inclusive);
}

function sameScheme(a: Scheme, b: Scheme): void {
  if (a === b) return;
  throw new SallyportError({
    code: 'SP-VERSION-SCHEME',
    message: `ranges of different schemes cannot be combined: ${a.name}, ${b.name}`,
    expected: `a range of the scheme ${a.name}`,
    found: `a range of the scheme ${b.name}`,
    next: 'combine ranges of one ecosystem only',
  });
}

function limit(count: number): void {
  if (count <= MAX_INTERVALS) return;
  throw new SallyportError({
    code: 'SP-RANGE-TOO-LARGE',
    message: `a version range of ${count} parts`,
    expected: `at most ${MAX_INTERVALS} parts`,
    found: `${count} parts`,
    next: 'split the range, or name the versions that are meant by their bounds',
  });
}
