import type { ArmCounts } from './counts.ts';

/** A rate with its 95 % interval, for people; decisions never rest on it. */
export interface Rate {
  rate: number;
  low: number;
  high: number;
}

const Z = 1.959963984540054;

/** Wilson's score interval (E. B. Wilson, JASA 22 (1927), 209-212); null without requests. */
export function rateOf({ requests, errors }: ArmCounts): Rate | null {
  if (requests === 0) return null;
  const rate = errors / requests;
  const spread = (Z * Z) / requests;
  const middle = (rate + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((rate * (1 - rate)) / requests + spread / (4 * requests));
  return {
    rate,
    low: errors === 0 ? 0 : Math.max(0, middle - half),
    high: errors === requests ? 1 : Math.min(1, middle + half),
  };
}
