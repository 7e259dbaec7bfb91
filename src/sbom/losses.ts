import type { Bom } from '../model/component.ts';

/** Members that SPDX takes over from the parts of a Bom that the model does not name. */
const CARRIED = new Set(['externalReferences', '$components']);
const OF_DOCUMENT = new Set(['metadata', 'serialNumber', 'version']);

/** What a CycloneDX document says beyond the model, and SPDX 2.3 as it is written here does not. */
export function membersOf(bom: Bom): string[] {
  const names = new Set<string>();
  for (const name of Object.keys(bom.rest ?? {})) if (!OF_DOCUMENT.has(name)) names.add(name);
  for (const component of bom.components)
    for (const name of Object.keys(component.rest ?? {}))
      if (!CARRIED.has(name)) names.add(`component.${name}`);
  return [...names].sort();
}
