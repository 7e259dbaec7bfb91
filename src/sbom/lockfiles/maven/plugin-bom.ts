import { readCycloneDx } from '../../../model/cyclonedx/read.ts';
import { put } from '../../../model/json/values.ts';
import type { Locked, LockFormat, LockSource } from '../format.ts';
import { pomsOf } from './effective.ts';
import { moduleRef } from './pom.ts';

/**
 * The bill of materials that the CycloneDX plug-ins of Maven and Gradle leave where builds write. It can only add:
 * what other files of the tree lock is judged all the same.
 */
export const pluginBom: LockFormat = {
  name: 'bom.json',
  summary: 'Maven and Gradle: the output of the CycloneDX plug-ins (target/bom.json, build/reports/bom.json)',
  read,
};

async function read(source: LockSource): Promise<Locked> {
  const { bytes, path } = source;
  const { components, edges, roots } = readCycloneDx(bytes, { path });
  const poms = await pomsOf(source);
  const names = new Map<string, string>();
  for (const component of components) {
    const { group = '', name, version = '' } = component;
    // The plug-ins write what every jar is; other readers leave it out, and one package has one name here.
    if (component.purl?.endsWith('?type=jar') === true)
      component.purl = component.purl.slice(0, -'?type=jar'.length);
    const ref = moduleRef(poms, group, name, version) ?? component.purl ?? component.ref;
    names.set(component.ref, ref);
    component.ref = ref;
    component.places = [{ path }];
    component.origin = 'bom.json';
  }
  const named = (ref: string): string => names.get(ref) ?? ref;
  const renamed: Record<string, string[]> = {};
  for (const [from, targets] of Object.entries(edges)) put(renamed, named(from), targets.map(named));
  return { components, edges: renamed, roots: roots.map(named), problems: [], findings: [] };
}
