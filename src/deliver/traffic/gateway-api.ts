import type { Kubernetes, KubernetesObject } from '../kubernetes/client.ts';
import { type WeightedEntry, weightedRoute } from '../kubernetes/route.ts';
import type { Traffic } from './traffic.ts';

/** HTTPRoute of the Gateway API v1 (https://gateway-api.sigs.k8s.io/reference/spec/): weights are proportions. */
export function gatewayApi(
  plan: { namespace: string; route: string; rule: number; canary: string; baseline: string },
  api: Kubernetes,
): Traffic {
  return weightedRoute(
    {
      name: `HTTPRoute ${plan.namespace}/${plan.route}`,
      path: `/apis/gateway.networking.k8s.io/v1/namespaces/${plan.namespace}/httproutes/${plan.route}`,
      entries: (object) => backendRefs(object, plan.rule),
      canary: plan.canary,
      baseline: plan.baseline,
    },
    api,
  );
}

function backendRefs(object: KubernetesObject, rule: number): WeightedEntry[] {
  const spec = object.spec as
    | { rules?: { backendRefs?: { name?: unknown; weight?: unknown }[] }[] }
    | undefined;
  return (spec?.rules?.[rule]?.backendRefs ?? []).map((ref, index) => {
    const pointer = `/spec/rules/${rule}/backendRefs/${index}`;
    return {
      pointer,
      namePointer: `${pointer}/name`,
      name: String(ref.name),
      weight: typeof ref.weight === 'number' ? ref.weight : null,
    };
  });
}
