import type { ArmCounts, Look } from '../statistics/counts.ts';

/** Counts of one interval, for each metric of the plan in its order, with one look for each bucket. */
export interface Reading {
  looks: Look[][];
  /** Requests of both arms by the first metric: for the observed share of the traffic. */
  arms: { canary: ArmCounts; baseline: ArmCounts };
}

/** Where counts come from. Times are milliseconds since 1970; (from, to] lies wholly in one weight. */
export interface MetricSource {
  /** Throws where the data cannot be had whole: then the interval is not used up and is read again with the next. */
  read(from: number, to: number): Promise<Reading>;
  /** Why the credential will not last until the end, or null. */
  ending?(): string | null;
}
