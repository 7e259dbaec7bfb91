import type { Bom } from './component.ts';
import { CHILDREN } from './cyclonedx/schema.ts';
import { stringsOf } from './json/values.ts';

const SHOWN = 8;

/** The services that a bill of materials is about: its roots, and those that stand inside one (an assembly). */
export function servicesOf(bom: Bom): Set<string> {
  const services = new Set(bom.roots);
  for (const { ref, rest } of bom.components)
    if (services.has(ref)) for (const child of stringsOf(rest?.[CHILDREN])) services.add(child);
  return services;
}

/** The shortest way from a service to each component, worked out once for a whole bill of materials. */
export class Ways {
  readonly #above = new Map<string, string | null>();
  readonly #names: ReadonlyMap<string, string>;

  constructor(bom: Bom) {
    const services = servicesOf(bom);
    this.#names = new Map(
      bom.components.map(({ ref, name, version }) => [
        ref,
        version === undefined || services.has(ref) ? name : `${name} ${version}`,
      ]),
    );
    for (const service of services) this.#above.set(service, null);
    // Grows while it is walked: breadth first, so that the first way found is a shortest.
    const queue = [...services];
    for (const at of queue) {
      for (const next of Object.hasOwn(bom.edges, at) ? (bom.edges[at] ?? []) : []) {
        if (this.#above.has(next)) continue;
        this.#above.set(next, at);
        queue.push(next);
      }
    }
  }

  /** From the service down to the component; the component alone where nothing leads to it. */
  shortest(ref: string): string[] {
    const way: string[] = [];
    for (let at: string | null | undefined = ref; at !== null && at !== undefined; at = this.#above.get(at))
      way.unshift(at);
    return way;
  }

  /** Steps from the service; null where nothing leads there. */
  depth(ref: string): number | null {
    return this.#above.has(ref) ? this.shortest(ref).length - 1 : null;
  }

  /** ` (service > a 1 > b 2)`; empty for what nothing leads to. The middle of a long way is left out. */
  text(ref: string): string {
    const names = this.shortest(ref).map((one) => this.#names.get(one) ?? one);
    if (names.length < 2) return '';
    const shown =
      names.length <= SHOWN ? names : [...names.slice(0, 4), '…', ...names.slice(names.length - 3)];
    return ` (${shown.join(' > ')})`;
  }
}
