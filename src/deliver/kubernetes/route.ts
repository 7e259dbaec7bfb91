import { SallyportError } from '../../model/error.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { trafficProblem } from '../traffic/traffic.ts';
import type { Kubernetes, KubernetesObject, PatchOperation } from './client.ts';

/** The fence stands on the route itself, so that weight and fence change in one patch or not at all. */
export const FENCE = 'sallyport.dev/fence';
const FENCE_POINTER = '/metadata/annotations/sallyport.dev~1fence';

/** Where a weighted entry of a route is: its JSON pointer, its name, its weight (1 where none is written). */
export interface WeightedEntry {
  pointer: string;
  namePointer: string;
  name: string;
  weight: number | null;
}

/** A route of some kind: its path in the API, and where its two weighted entries are. */
export interface RouteKind {
  name: string;
  path: string;
  entries(object: KubernetesObject): WeightedEntry[];
  canary: string;
  baseline: string;
}

const ATTEMPTS = 4;

/**
 * A weighted route. Each patch tests the resourceVersion that was read, the fence, and the names at the places that it
 * writes; a merge patch would replace the whole list. A conflict is read and tried again: somebody may have changed a
 * label.
 */
export function weightedRoute(kind: RouteKind, api: Kubernetes): Traffic {
  const both = (object: KubernetesObject) => {
    const entries = kind.entries(object);
    const one = (name: string): WeightedEntry => {
      const found = entries.filter((entry) => entry.name === name);
      if (found.length === 1 && found[0] !== undefined) return found[0];
      throw trafficProblem(
        kind.name,
        `one entry named ${name}`,
        entries.map((entry) => entry.name).join(', '),
      );
    };
    return { canary: one(kind.canary), baseline: one(kind.baseline), all: entries };
  };
  return {
    name: kind.name,
    fenced: true,
    ending: () => api.ending(),
    keptFence: async () => {
      const kept = (await api.get(kind.path)).metadata.annotations?.[FENCE];
      if (kept === undefined) return 0;
      if (/^\d{1,15}$/u.test(kept)) return Number(kept);
      throw trafficProblem(kind.name, `a number in the annotation ${FENCE}`, kept);
    },
    get: async () => {
      const { canary, all } = both(await api.get(kind.path));
      const total = all.reduce((sum, entry) => sum + (entry.weight ?? 1), 0);
      if (total === 0) throw trafficProblem(kind.name, 'an entry with a weight', 'all are 0');
      return (100 * (canary.weight ?? 1)) / total;
    },
    set: async (weight, fence) => {
      for (let attempt = 1; ; attempt += 1) {
        const object = await api.get(kind.path);
        const { canary, baseline, all } = both(object);
        if (all.length !== 2) throw trafficProblem(kind.name, 'two weighted entries', String(all.length));
        try {
          await api.patch(kind.path, [
            ...guards(object, fence),
            ...write(canary, weight),
            ...write(baseline, 100 - weight),
          ]);
          return;
        } catch (error) {
          const again = error instanceof SallyportError && error.code === 'SP-KUBERNETES-CONFLICT';
          if (!again || attempt === ATTEMPTS) throw error;
        }
      }
    },
  };
}

function guards(object: KubernetesObject, fence: number): PatchOperation[] {
  const { annotations, resourceVersion } = object.metadata;
  const unchanged: PatchOperation = { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion };
  if (annotations === undefined)
    return [unchanged, { op: 'add', path: '/metadata/annotations', value: { [FENCE]: String(fence) } }];
  const kept = annotations[FENCE];
  if (kept === undefined) return [unchanged, { op: 'add', path: FENCE_POINTER, value: String(fence) }];
  // A fence that cannot be read may be a higher one.
  if (!/^\d{1,15}$/u.test(kept) || Number(kept) > fence) {
    throw new SallyportError({
      code: 'SP-CANARY-FENCED',
      message: 'somebody else has taken over this canary',
      expected: `fence ${fence} or lower`,
      found: kept.slice(0, 50),
    });
  }
  return [
    unchanged,
    { op: 'test', path: FENCE_POINTER, value: kept },
    { op: 'replace', path: FENCE_POINTER, value: String(fence) },
  ];
}

function write(entry: WeightedEntry, weight: number): PatchOperation[] {
  return [
    { op: 'test', path: entry.namePointer, value: entry.name },
    { op: entry.weight === null ? 'add' : 'replace', path: `${entry.pointer}/weight`, value: weight },
  ];
}
