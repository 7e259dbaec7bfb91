import type { Kubernetes } from '../kubernetes/client.ts';
import { type Traffic, trafficProblem } from './traffic.ts';

interface RolloutStatus {
  abort?: boolean;
  stableRS?: string;
  currentPodHash?: string;
  canary?: { weights?: { canary?: { weight?: unknown } } };
}

/**
 * Argo Rollouts (https://argo-rollouts.readthedocs.io): its controller owns the weights; the Rollout's own steps, each
 * with a pause, must be those of the plan. What is sent are the patches of `kubectl argo rollouts abort`, `promote` and
 * `promote --full`. An abort leaves spec.template at the new version: roll the template back in Git as well.
 */
export function argoRollouts(
  plan: { namespace: string; rollout: string; within: number },
  api: Kubernetes,
): Traffic {
  const name = `Rollout ${plan.namespace}/${plan.rollout}`;
  const path = `/apis/argoproj.io/v1alpha1/namespaces/${plan.namespace}/rollouts/${plan.rollout}`;
  const weight = async (): Promise<number> => {
    const { status } = (await api.get(path)) as unknown as { status?: RolloutStatus };
    if (status?.abort === true) return 0;
    // Once the new version is the stable one, the canary's weight is 0 again and everybody gets it.
    if (status?.stableRS !== undefined && status.stableRS !== '' && status.stableRS === status.currentPodHash)
      return 100;
    const found = status?.canary?.weights?.canary?.weight ?? 0;
    if (typeof found !== 'number') throw trafficProblem(name, 'status.canary.weights', JSON.stringify(found));
    return found;
  };
  return {
    name,
    fenced: false,
    patience: plan.within,
    ending: () => api.ending(),
    get: weight,
    // Each promotion leaves one pause: sent twice, it would skip a step.
    set: async (wanted) => {
      const patch =
        wanted === 0 ? { abort: true } : wanted === 100 ? { promoteFull: true } : { pauseConditions: null };
      if (wanted !== 0 && (await weight()) === wanted) return;
      await api.merge(`${path}/status`, { status: patch });
    },
  };
}
