import { SallyportError } from '../../model/error.ts';
import type { Kubernetes } from '../kubernetes/client.ts';
import { conflict, refuseLarge, type StateStore } from './store.ts';

const STATE = 'sallyport.dev/state';

/**
 * An annotation of a Lease, which the manifests create, so that get and update on that one name are enough. Swapped by
 * its resourceVersion. `spec.renewTime` and `spec.holderIdentity` are kept for those who look at Leases.
 */
export function kubernetesStore(plan: { namespace: string; name: string }, api: Kubernetes): StateStore {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${plan.namespace}/leases/${plan.name}`;
  const name = `state in Lease ${plan.namespace}/${plan.name}`;
  return {
    name,
    ending: () => api.ending(),
    read: async () => {
      const { metadata } = await api.get(path);
      return { version: metadata.resourceVersion, text: metadata.annotations?.[STATE] ?? null };
    },
    write: async (text, version) => {
      refuseLarge(name, text);
      const lease = await api.get(path);
      if (lease.metadata.resourceVersion !== version) throw conflict(name);
      const { holder } = JSON.parse(text) as { holder?: string };
      const annotations = { ...lease.metadata.annotations, [STATE]: text };
      const spec = {
        ...(lease.spec as object | undefined),
        ...(holder === undefined ? {} : { holderIdentity: holder }),
        renewTime: new Date().toISOString().replace('Z', '000Z'),
      };
      try {
        const written = await api.put(path, { ...lease, metadata: { ...lease.metadata, annotations }, spec });
        return written.metadata.resourceVersion;
      } catch (error) {
        if (error instanceof SallyportError && error.code === 'SP-KUBERNETES-CONFLICT') throw conflict(name);
        throw error;
      }
    },
  };
}
