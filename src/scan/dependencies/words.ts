import type { Bom } from '../../model/component.ts';

const MAX_STEPS = 8;

/** A component as people call it. */
export function shortName(bom: Bom, ref: string): string {
  const found = bom.components.find((one) => one.ref === ref);
  if (found === undefined) return ref;
  return found.version === undefined || bom.roots.includes(ref)
    ? found.name
    : `${found.name} ${found.version}`;
}

/** ` (service > a 1 > b 2)`; empty for what nothing leads to. The middle of a long way is left out. */
export function wayOf(way: readonly string[], bom: Bom): string {
  if (way.length < 2) return '';
  const names = way.map((ref) => shortName(bom, ref));
  const shown =
    names.length <= MAX_STEPS ? names : [...names.slice(0, 4), '…', ...names.slice(names.length - 3)];
  return ` (${shown.join(' > ')})`;
}
