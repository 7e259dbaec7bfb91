import type { Bom } from '../model/component.ts';

/** Ways from a root to a component, each from the root's ref to the component's. */
export interface Paths {
  paths: string[][];
  /** There are more than were asked for, or the search was cut off. */
  more: boolean;
}

export interface PathLimits {
  /** Ways to give. */
  paths: number;
  /** Steps of the search; bounds the time on graphs that are made to be slow. */
  steps: number;
}

export const PATH_LIMITS: PathLimits = { paths: 100, steps: 200_000 };

/** Longer ways exist in graphs that are made to be slow only. */
const MAX_LENGTH = 100;

/** Who needs whom, the other way round. */
export class Reverse {
  readonly #above = new Map<string, string[]>();
  readonly #roots: ReadonlySet<string>;

  constructor(bom: Pick<Bom, 'edges' | 'roots'>) {
    this.#roots = new Set(bom.roots);
    for (const [from, targets] of Object.entries(bom.edges)) {
      for (const target of targets) {
        const known = this.#above.get(target);
        if (known === undefined) this.#above.set(target, [from]);
        else known.push(from);
      }
    }
  }

  /** A shortest way from a root; null where no root reaches it. Of several, the first by the order of refs. */
  shortest(ref: string): string[] | null {
    const next = new Map<string, string | null>([[ref, null]]);
    // Grows while it is walked: breadth first.
    const queue = [ref];
    for (const at of queue) {
      if (this.#roots.has(at)) return wayDown(at, next);
      for (const above of this.#parents(at)) {
        if (next.has(above)) continue;
        next.set(above, at);
        queue.push(above);
      }
    }
    return null;
  }

  /** Ways without a circle from every root, shortest first, within limits. */
  all(ref: string, limits: PathLimits = PATH_LIMITS): Paths {
    const found: string[][] = [];
    let steps = 0;
    let ways: string[][] = [[ref]];
    let cut = false;
    while (ways.length > 0) {
      const longer: typeof ways = [];
      for (const way of ways) {
        const [at = ref] = way;
        if (this.#roots.has(at)) {
          if (found.length >= limits.paths) return { paths: found, more: true };
          found.push(way);
          continue;
        }
        cut ||= way.length >= MAX_LENGTH;
        for (const above of way.length < MAX_LENGTH ? this.#parents(at) : []) {
          if (way.includes(above)) continue;
          if (++steps > limits.steps) return { paths: found, more: true };
          longer.push([above, ...way]);
        }
      }
      ways = longer;
    }
    return { paths: found, more: cut };
  }

  /** Who needs it, sorted. */
  above(ref: string): string[] {
    return this.#parents(ref);
  }

  #parents(ref: string): string[] {
    return (this.#above.get(ref) ?? []).toSorted();
  }
}

function wayDown(root: string, next: ReadonlyMap<string, string | null>): string[] {
  const way: string[] = [];
  for (let at: string | null | undefined = root; at !== null && at !== undefined; at = next.get(at))
    way.push(at);
  return way;
}
