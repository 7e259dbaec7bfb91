import type { Kubernetes } from '../kubernetes/client.ts';
import { type Traffic, trafficProblem } from './traffic.ts';

/**
 * Argo Rollouts (https://argo-rollouts.readthedocs.io): its controller owns the weights; the Rollout's own steps, each
 * with a pause, must be those of the plan. What is sent are the patches of `kubectl argo rollouts abort`, `promote` and
 * `promote --full`. An abort leaves spec.template at the new version: roll the template back in Git as well.
 */
export function argoRollouts(plan: { namespace: string; rollout: string }, api: Kubernetes): Traffic {
  const name = `Rollout ${plan.namespace}/${plan.rollout}`;
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${plan.namespace}/rollouts/${plan.rollout}`;
  const weight = async (): Promise<number> => {
    const { status } = (await api.get(path)) as unknown as {
      status?: { abort?: boolean; canary?: { weights?: { canary?: { weight?: unknown } } }; phase?: string };
    };
    if (status?.abort === true) return 0;
    const found = status?.canary?.weights?.canary?.weight ?? 0;
    if (typeof found !== 'number') throw trafficProblem(name, 'status.canary.weights', JSON.stringify(found));
    return found;
  };
  return {
    name,
    fenced: false,
    get: weight,
    set: async (wanted) => {
      const patch =
        wanted === 0 ? { abort: true } : wanted === 100 ? { promoteFull: true } : { pauseConditions: null };
      if (wanted !== 0 && (await weight()) === wanted) return;
      await api.merge(`${path}/status`, { status: patch });
    },
  };
}
