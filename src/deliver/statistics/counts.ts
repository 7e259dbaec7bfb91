import { SallyportError } from '../../model/error.ts';

/** What one arm did between two looks: whole requests and how many of them were errors. */
export interface ArmCounts {
  requests: number;
  errors: number;
}

/** Both arms over the same interval, during which the weight did not change. */
export interface Look {
  canary: ArmCounts;
  baseline: ArmCounts;
}

export const NO_REQUESTS: ArmCounts = { requests: 0, errors: 0 };

/** Throws SP-CANARY-COUNTS for anything that cannot have been counted: negative, fractional, NaN, more errors than requests. */
export function checkCounts(arm: string, counts: ArmCounts): void {
  const { requests, errors } = counts;
  if (Number.isSafeInteger(requests) && Number.isSafeInteger(errors) && errors >= 0 && errors <= requests)
    return;
  throw new SallyportError({
    code: 'SP-CANARY-COUNTS',
    message: `the counts of the ${arm} cannot be used`,
    expected: 'whole numbers, 0 <= errors <= requests',
    found: `${errors} errors of ${requests} requests`,
  });
}

export function addCounts(a: ArmCounts, b: ArmCounts): ArmCounts {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors };
}
