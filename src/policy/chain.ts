import { SallyportError } from '../model/error.ts';
import type { Place } from '../model/location.ts';

/** A value and who said it. */
export interface Said<T> {
  value: T;
  layer: string;
  place: Place;
}

/** Everything that was said about one thing, in the order of the layers; the last one holds. */
export type Chain<T> = readonly Said<T>[];

/** The value that holds, or undefined where nothing was said. */
export function held<T>(chain: Chain<T> | undefined): T | undefined {
  return chain?.at(-1)?.value;
}

/** `base` and then `next`, where nothing in it loosens. Throws SP-POLICY-LOOSENED. */
export function chained<T>(
  what: string,
  base: Chain<T>,
  next: Chain<T>,
  tightens: (before: T, after: T) => boolean,
): Chain<T> {
  const before = base.at(-1);
  const after = next[0];
  if (before !== undefined && after !== undefined && !tightens(before.value, after.value))
    throw loosened(what, before, after);
  return [...base, ...next];
}

export function loosened(what: string, before: Said<unknown>, after: Said<unknown>): SallyportError {
  const show = (said: Said<unknown>) => JSON.stringify(said.value)?.slice(0, 200);
  return new SallyportError({
    code: 'SP-POLICY-LOOSENED',
    message: `a later layer would loosen the policy: ${what}`,
    place: after.place,
    expected: `at least as strict as ${before.layer} (${before.place.path}:${before.place.line ?? 1}): ${show(before)}`,
    found: show(after),
    next: 'tighten it, or leave it out; single findings can be waived with owner, reason and end date',
  });
}
