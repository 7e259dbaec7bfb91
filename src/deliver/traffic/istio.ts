import type { Kubernetes, KubernetesObject } from '../kubernetes/client.ts';
import { type WeightedEntry, weightedRoute } from '../kubernetes/route.ts';
import type { Traffic } from './traffic.ts';

/** Istio's VirtualService (https://istio.io/latest/docs/reference/config/networking/virtual-service/). */
export function istio(
  plan: { namespace: string; virtualService: string; route: number; canary: string; baseline: string },
  api: Kubernetes,
): Traffic {
  return weightedRoute(
    {
      name: `VirtualService ${plan.namespace}/${plan.virtualService}`,
      path: `/apis/networking.istio.io/v1/namespaces/${plan.namespace}/virtualservices/${plan.virtualService}`,
      entries: (object) => destinations(object, plan.route),
      canary: plan.canary,
      baseline: plan.baseline,
    },
    api,
  );
}

interface Destination {
  destination?: { host?: unknown; subset?: unknown };
  weight?: unknown;
}

/** Told apart by their subset, or by their host where there is none. */
function destinations(object: KubernetesObject, route: number): WeightedEntry[] {
  const spec = object.spec as { http?: { route?: Destination[] }[] } | undefined;
  return (spec?.http?.[route]?.route ?? []).map(({ destination, weight }, index) => {
    const pointer = `/spec/http/${route}/route/${index}`;
    const part = destination?.subset === undefined ? 'host' : 'subset';
    return {
      pointer,
      namePointer: `${pointer}/destination/${part}`,
      name: String(destination?.[part]),
      weight: typeof weight === 'number' ? weight : null,
    };
  });
}
