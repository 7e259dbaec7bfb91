import type { Bom } from '../model/component.ts';
import { isObject, type Json, put } from '../model/json/values.ts';

/** Members that CycloneDX 1.7 brought (https://cyclonedx.org/docs/1.7/json/), by the object that may hold them. */
const ONLY_17 = new Set([
  'citations',
  'distributionConstraints',
  'isExternal',
  'versionRange',
  'patentAssertions',
  'patents',
]);

const MAX_LOSSES = 100;

/** A Bom without what only 1.7 can say, and the names of what had to go. */
export function withoutNewMembers(bom: Bom): { bom: Bom; lost: string[] } {
  const lost = new Set<string>();
  const clean = (value: unknown, where: string): unknown => {
    if (Array.isArray(value)) return value.map((one) => clean(one, where));
    if (!isObject(value)) return value;
    const kept: Json = {};
    for (const [name, member] of Object.entries(value)) {
      if (!ONLY_17.has(name)) put(kept, name, clean(member, `${where}.${name}`));
      else if (lost.size < MAX_LOSSES) lost.add(`${where}.${name}`);
    }
    return kept;
  };
  const components = bom.components.map((component) => {
    if (component.rest === undefined) return component;
    const rest = clean(component.rest, 'component') as Json;
    return { ...component, rest };
  });
  const cleaned: Bom = { ...bom, components };
  if (bom.rest !== undefined) cleaned.rest = clean(bom.rest, 'document') as Json;
  return { bom: cleaned, lost: [...lost].sort() };
}
