/**
 * Which change of an option makes an engine stricter. A policy layer can only move it that way:
 * `subset`: a list of what is allowed, that a later layer may shorten; `superset`: a list of what is looked for, that it
 * may lengthen; `fixed`: the first layer that sets it decides.
 */
export type Direction = 'subset' | 'superset' | 'fixed';

export function tightens(direction: Direction, before: unknown, after: unknown): boolean {
  if (direction === 'fixed') return JSON.stringify(before) === JSON.stringify(after);
  const [smaller, larger] = direction === 'subset' ? [after, before] : [before, after];
  if (!Array.isArray(smaller) || !Array.isArray(larger)) return false;
  const has = new Set(larger.map((item) => JSON.stringify(item)));
  return smaller.every((item) => has.has(JSON.stringify(item)));
}
