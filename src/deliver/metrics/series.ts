import { SallyportError } from '../../model/error.ts';

/** One time series as it was read: its labels and its samples in order; times in seconds. */
export interface Series {
  /** The labels in a fixed order, as one text: what tells series apart. */
  key: string;
  /** What was scraped: the `instance` label, else `pod`, else empty. */
  instance: string;
  samples: readonly (readonly [time: number, value: number])[];
}

/** What is known of the processes behind the counters, over the samples that were read. */
export interface Instances {
  /** Those that were read before the window began. */
  seenBefore: ReadonlySet<string>;
  /** When each started, in seconds since 1970, where a start-time metric says so. */
  startedAt: ReadonlyMap<string, number>;
}

export function instancesOf(
  series: readonly Series[],
  from: number,
  startedAt: ReadonlyMap<string, number>,
): Instances {
  const seenBefore = new Set<string>();
  for (const { instance, samples } of series) {
    const first = samples[0];
    if (first !== undefined && first[0] <= from) seenBefore.add(instance);
  }
  return { seenBefore, startedAt };
}

/**
 * By how much counters grew within (from, to], summed over the series. A value below the one before is a reset: the
 * counter began again at zero. A series whose first sample lies in the window counts from zero only if it was born
 * there: its process was read before without it, or started in the window. Otherwise its first sample is only where it
 * is counted from: what it counted earlier belongs to no look.
 *
 * Throws SP-METRIC-VALUE for a value that no counter has: negative, NaN, infinite.
 */
export function growth(series: readonly Series[], from: number, to: number, known: Instances): number {
  let sum = 0;
  for (const { key, instance, samples } of series) {
    let before: number | null = null;
    for (const [time, value] of samples) {
      if (!Number.isFinite(value) || value < 0) {
        throw new SallyportError({
          code: 'SP-METRIC-VALUE',
          message: 'a counter has a value that no counter can have',
          expected: 'a number of at least 0',
          found: `${value} of ${key.slice(0, 300)}`,
        });
      }
      if (time > to) break;
      if (time > from) {
        if (before !== null) sum += value >= before ? value - before : value;
        else if (bornInside(instance, from, known)) sum += value;
      }
      before = value;
    }
  }
  return sum;
}

function bornInside(instance: string, from: number, known: Instances): boolean {
  return (
    known.seenBefore.has(instance) || (known.startedAt.get(instance) ?? Number.NEGATIVE_INFINITY) >= from
  );
}

/** The time of the newest sample up to `to`, or null. */
export function newest(series: readonly Series[], to: number): number | null {
  let found: number | null = null;
  for (const { samples } of series)
    for (const [time] of samples) if (time <= to && (found === null || time > found)) found = time;
  return found;
}
