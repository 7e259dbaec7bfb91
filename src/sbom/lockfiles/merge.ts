import type { Bom, Component } from '../../model/component.ts';
import { put } from '../../model/json/values.ts';
import type { Locked } from './format.ts';
import { tooMany } from './limits.ts';
import { addTo, combined } from './scopes.ts';

/** Bounds for all lockfiles of a tree together: what a CycloneDX document may hold. */
const MAX_COMPONENTS = 500_000;
const MAX_EDGES = 5_000_000;

/**
 * One bill of materials of what several files lock: a component a ref, what it needs is what any of the files says.
 * Sorted by ref, so that the same tree gives the same bytes whatever the order of the walk.
 */
export function mergeLocked(parts: readonly Locked[]): Bom {
  const components = new Map<string, Component>();
  /** Components that only this bill of materials has: those of a file stay as the file says. */
  const own = new Set<Component>();
  /** As one file says it; a set from the second file on, so that what many files repeat is not copied for each. */
  const edges = new Map<string, readonly string[] | Set<string>>();
  const roots = new Set<string>();
  let edgeCount = 0;
  for (const part of parts) {
    for (const root of part.roots) roots.add(root);
    for (const component of part.components) {
      const before = components.get(component.ref);
      if (before === undefined) {
        if (components.size >= MAX_COMPONENTS)
          throw tooMany(component.places[0] ?? { path: '' }, 'components', MAX_COMPONENTS);
        components.set(component.ref, component);
      } else {
        const joined = own.has(before) ? before : structuredClone(before);
        join(joined, component);
        own.add(joined);
        components.set(component.ref, joined);
      }
    }
    for (const [from, targets] of Object.entries(part.edges)) {
      edgeCount += targets.length;
      if (edgeCount > MAX_EDGES) throw tooMany({ path: '' }, 'dependencies between components', MAX_EDGES);
      const before = edges.get(from);
      if (before === undefined) edges.set(from, targets);
      else if (before instanceof Set) for (const target of targets) before.add(target);
      else edges.set(from, new Set([...before, ...targets]));
    }
  }
  const sorted = [...components.values()].sort((a, b) => (a.ref < b.ref ? -1 : a.ref > b.ref ? 1 : 0));
  const needs: Record<string, string[]> = {};
  for (const { ref } of sorted) {
    const targets = edges.get(ref);
    if (targets === undefined) continue;
    // A target that no file has (a module whose own file cannot be read) is not a component.
    const known = [...new Set(targets)].filter((to) => components.has(to));
    put(needs, ref, known.sort());
  }
  return {
    components: sorted,
    edges: needs,
    roots: [...roots].filter((ref) => components.has(ref)).sort(),
  };
}

function join(component: Component, more: Component): void {
  for (const place of more.places) addTo(component, { place });
  const { licenses, hashes, installScripts, deprecated, released } = more;
  addTo(component, { licenses, hashes, installScripts, deprecated, released });
  component.scope = combined(component.scope, more.scope);
  if (component.type !== 'application')
    component.type = more.type === 'application' ? 'application' : component.type;
  component.direct =
    component.direct === true || more.direct === true ? true : (component.direct ?? more.direct);
  if (more.unresolved === undefined) delete component.unresolved;
  component.rest ??= more.rest;
}
