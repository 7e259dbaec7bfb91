import { resolve } from 'node:path';
import type { Context } from '../../platform/context.ts';
import { Kubernetes } from '../kubernetes/client.ts';
import type { CanaryPlan } from '../plan/schema.ts';
import { fileStore } from './file-store.ts';
import { gitStore } from './git-store.ts';
import { kubernetesStore } from './kubernetes-store.ts';
import { fileSign, kubernetesSign, type WatchSign } from './sign.ts';
import type { StateStore } from './store.ts';

/** The store that a plan names. */
export function storeOf(plan: CanaryPlan, context: Context): StateStore {
  const { state } = plan;
  if (state.store === 'file') return fileStore(resolve(context.cwd, state.path));
  if (state.store === 'kubernetes') return kubernetesStore(state, new Kubernetes(state, context));
  const repository = resolve(context.cwd, state.repository);
  return gitStore({ ...state, repository }, `${plan.service}-${plan.environment}`, context);
}

/** The sign of whoever watches the lease of a plan: in the cluster, else on this machine. */
export function signOf(plan: CanaryPlan, context: Context): WatchSign {
  const { state } = plan;
  if (state.store === 'kubernetes') return kubernetesSign(state, new Kubernetes(state, context));
  const name = `canary-watch-${plan.service}-${plan.environment}.sign`;
  return fileSign(resolve(context.cwd, '.sallyport', name), context.files);
}
