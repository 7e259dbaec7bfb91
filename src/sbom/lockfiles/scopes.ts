import type { Component, Scope } from '../../model/component.ts';
import type { Place } from '../../model/location.ts';

/** From what is always shipped to what is never shipped. `unknown` gives way to everything. */
const RANK: Readonly<Record<Scope, number>> = {
  runtime: 0,
  optional: 1,
  development: 2,
  test: 3,
  unknown: 4,
};
const BY_RANK: readonly Scope[] = ['runtime', 'optional', 'development', 'test', 'unknown'];

/** The scope of something that is needed in two ways: the one that ships it counts. */
export function combined(a: Scope, b: Scope): Scope {
  return RANK[a] <= RANK[b] ? a : b;
}

/** The scope of everything that the roots reach: of a path, its weakest edge; of several paths, the strongest. */
export function scopesFrom(
  roots: readonly string[],
  edges: ReadonlyMap<string, ReadonlyMap<string, Scope>>,
): Map<string, Scope> {
  const found = new Map<string, Scope>();
  const waiting: string[][] = BY_RANK.map(() => []);
  for (const root of roots) waiting[0]?.push(root);
  for (const [rank, queue] of waiting.entries()) {
    const scope = BY_RANK[rank] ?? 'unknown';
    // The queue grows while it is walked; edges of the same rank join it.
    for (const ref of queue) {
      if (found.has(ref)) continue;
      found.set(ref, scope);
      for (const [target, edge] of edges.get(ref) ?? []) {
        if (!found.has(target)) waiting[Math.max(rank, RANK[edge])]?.push(target);
      }
    }
  }
  return found;
}

const MAX_PLACES = 100;

/** Adds facts of a second entry of the same purl. */
export function addTo(
  component: Component,
  more: {
    place?: Place | undefined;
    licenses?: string[] | undefined;
    hashes?: Component['hashes'] | undefined;
    installScripts?: boolean | undefined;
    deprecated?: boolean | undefined;
    released?: string | undefined;
  },
): void {
  if (
    more.place !== undefined &&
    component.places.length < MAX_PLACES &&
    !component.places.some(({ path, line }) => path === more.place?.path && line === more.place?.line)
  ) {
    component.places.push(more.place);
  }
  // Of two that differ the one to be more careful about.
  for (const fact of ['installScripts', 'deprecated'] as const)
    if (more[fact] !== undefined && component[fact] !== true) component[fact] = more[fact];
  if (more.released !== undefined && (component.released ?? '') < more.released)
    component.released = more.released;
  for (const licence of more.licenses ?? [])
    if (!component.licenses.includes(licence)) component.licenses.push(licence);
  for (const hash of more.hashes ?? []) {
    if (
      !component.hashes.some(
        ({ content, algorithm }) => content === hash.content && algorithm === hash.algorithm,
      )
    )
      component.hashes.push(hash);
  }
}
