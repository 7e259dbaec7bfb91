import { randomUUID } from 'node:crypto';
import { SallyportError } from '../../model/error.ts';
import type { Files } from '../../platform/files.ts';
import type { Kubernetes } from '../kubernetes/client.ts';

/** The sign of life of whoever watches the lease. */
export interface WatchSign {
  readonly name: string;
  /** Renews it. */
  give(): Promise<void>;
  /** A text that differs after each renewal; null where none was ever given. */
  see(): Promise<string | null>;
}

/** The name of the Lease in which the reconciler gives its sign, beside the one with the state. */
export function watchLease(state: string): string {
  return `${state}-watch`;
}

/** A file that is written anew: for a watcher on this machine. */
export function fileSign(path: string, files: Pick<Files, 'read' | 'write' | 'exists'>): WatchSign {
  return {
    name: `the watcher of ${path}`,
    give: async () => void (await files.write(path, [randomUUID()])),
    see: async () => ((await files.exists(path)) ? (await files.read(path, 1000)).toString('utf8') : null),
  };
}

/** `spec.renewTime` of a Lease that the runner may only read. */
export function kubernetesSign(plan: { namespace: string; name: string }, api: Kubernetes): WatchSign {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${plan.namespace}/leases/${watchLease(plan.name)}`;
  return {
    name: `the reconciler (Lease ${plan.namespace}/${watchLease(plan.name)})`,
    give: async () => {
      const lease = await api.get(path);
      const spec = {
        ...(lease.spec as object | undefined),
        renewTime: new Date().toISOString().replace('Z', '000Z'),
      };
      try {
        await api.put(path, { ...lease, spec });
      } catch (error) {
        // Another replica has just given it.
        if (!(error instanceof SallyportError) || error.code !== 'SP-KUBERNETES-CONFLICT') throw error;
      }
    },
    see: async () => {
      const { metadata, spec } = await api.get(path);
      const { renewTime } = (spec ?? {}) as { renewTime?: unknown };
      return typeof renewTime === 'string' ? `${metadata.resourceVersion} ${renewTime}` : null;
    },
  };
}
