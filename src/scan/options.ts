/**
 * Which change of an option makes an engine stricter. A policy layer can only move it that way:
 * `subset`: a list of what alone is allowed, that a later layer may shorten; `superset`: a list of what is looked for,
 * that it may lengthen; `exempt`: a list of what is let pass, that it may shorten; `fixed`: the first layer that sets it
 * decides.
 */
export type Direction = 'subset' | 'superset' | 'exempt' | 'fixed';

/** Whether the first setting of such an option can only make an engine stricter. */
export function opensStrictly(direction: Direction): boolean {
  return direction === 'subset' || direction === 'superset';
}

export function tightens(direction: Direction, before: unknown, after: unknown): boolean {
  if (direction === 'fixed') return JSON.stringify(before) === JSON.stringify(after);
  const [smaller, larger] = direction === 'superset' ? [before, after] : [after, before];
  if (!Array.isArray(smaller) || !Array.isArray(larger)) return false;
  const has = new Set(larger.map((item) => JSON.stringify(item)));
  return smaller.every((item) => has.has(JSON.stringify(item)));
}

/**
 * Whether any of an engine's options is given. Mostly none is, and then nobody waits for the schema that reads them to be
 * loaded.
 */
export function namesAny(given: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return names.some((name) => Object.hasOwn(given, name));
}
