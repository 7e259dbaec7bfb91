import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { networkHttp } from '../../src/platform/http.ts';
import { freePort, program, until } from './canary-parts.ts';
import { temporaryFolder } from './support.ts';
import { tool } from './tools.ts';

/** A real Kubernetes API server with etcd, RBAC on, and the CRDs of the Gateway API and of Argo Rollouts. */
export interface Cluster {
  server: string;
  caFile: string;
  call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH',
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ status: number; body: ApiBody }>;
  apply(text: string): Promise<void>;
  /** A token of a service account. */
  tokenOf(namespace: string, account: string): Promise<string>;
}

// biome-ignore lint/suspicious/noExplicitAny: objects of an API, looked into by tests
type ApiBody = any;

const CRDS = [
  ['sigs.k8s.io/gateway-api@v1.3.0', 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
  ['github.com/argoproj/argo-rollouts@v1.8.3', 'manifests/crds/rollout-crd.yaml'],
] as const;

const PATHS: Record<string, (namespace: string) => string> = {
  Namespace: () => '/api/v1/namespaces',
  ServiceAccount: (ns) => `/api/v1/namespaces/${ns}/serviceaccounts`,
  ConfigMap: (ns) => `/api/v1/namespaces/${ns}/configmaps`,
  Lease: (ns) => `/apis/coordination.k8s.io/v1/namespaces/${ns}/leases`,
  Role: (ns) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}/roles`,
  RoleBinding: (ns) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${ns}/rolebindings`,
  Deployment: (ns) => `/apis/apps/v1/namespaces/${ns}/deployments`,
  ValidatingAdmissionPolicy: () => '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: () =>
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  CustomResourceDefinition: () => '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  ImageValidatingPolicy: () => '/apis/policies.kyverno.io/v1/imagevalidatingpolicies',
  ClusterImagePolicy: () => '/apis/policy.sigstore.dev/v1beta1/clusterimagepolicies',
  HTTPRoute: (ns) => `/apis/gateway.networking.k8s.io/v1/namespaces/${ns}/httproutes`,
  Rollout: (ns) => `/apis/argoproj.io/v1alpha1/namespaces/${ns}/rollouts`,
};

/** CRDs beside those, each a Go module and a file in it. */
export async function cluster(
  more: readonly (readonly [module: string, file: string])[] = [],
): Promise<Cluster> {
  const folder = temporaryFolder();
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const etcd = `http://127.0.0.1:${client}`;
  program('etcd', [
    '--data-dir',
    join(folder, 'etcd'),
    '--listen-client-urls',
    etcd,
    '--advertise-client-urls',
    etcd,
    '--listen-peer-urls',
    `http://127.0.0.1:${peer}`,
  ]);
  const key = join(folder, 'sa.key');
  execFileSync('openssl', ['genrsa', '-out', key, '2048'], { stdio: 'pipe' });
  writeFileSync(join(folder, 'tokens.csv'), 'admin-token,admin,1,system:masters\n');
  mkdirSync(join(folder, 'certs'));
  program(tool('kube-apiserver') ?? 'kube-apiserver', [
    `--etcd-servers=${etcd}`,
    `--secure-port=${secure}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certs')}`,
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-account-issuer=https://localhost',
    '--service-cluster-ip-range=10.0.0.0/24',
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
  ]);
  const server = `https://127.0.0.1:${secure}`;
  const caFile = join(folder, 'certs', 'apiserver.crt');
  const call: Cluster['call'] = async (method, path, body, token = 'admin-token') => {
    const answer = await networkHttp.request({
      method,
      url: `${server}${path}`,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      limits: { bytes: 16 * 1024 * 1024, timeout: 10_000 },
      retries: 0,
      ca: readFileSync(caFile, 'utf8'),
    });
    const text = answer.body.toString('utf8');
    return { status: answer.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  await until('the API server', async () => (await call('GET', '/readyz')).status === 200, 60_000);
  const apply = async (text: string) => {
    for (const document of parseAllDocuments(text)) {
      const object = document.toJS() as {
        kind: string;
        metadata: { name: string; namespace?: string };
        spec?: { conversion?: unknown };
      } | null;
      if (object === null) continue;
      // The controllers' own webhooks are not here; the schemas of all versions are.
      if (object.kind === 'CustomResourceDefinition') delete object.spec?.conversion;
      const path = PATHS[object.kind]?.(object.metadata.namespace ?? '');
      if (path === undefined) throw new Error(`no path for ${object.kind}`);
      const { status, body } = await call('POST', path, object);
      if (status !== 201)
        throw new Error(
          `${object.kind} ${object.metadata.name}: ${status} ${JSON.stringify(body).slice(0, 500)}`,
        );
    }
  };
  for (const [module, file] of [...CRDS, ...more]) {
    const { Dir } = JSON.parse(
      execFileSync('go', ['mod', 'download', '-json', module], { cwd: folder, encoding: 'utf8' }),
    ) as { Dir: string };
    await apply(readFileSync(join(Dir, file), 'utf8'));
  }
  await until(
    'the routes',
    async () => (await call('GET', PATHS.HTTPRoute?.('default') ?? '')).status === 200,
  );
  await until(
    'the rollouts',
    async () => (await call('GET', PATHS.Rollout?.('default') ?? '')).status === 200,
  );
  return {
    server,
    caFile,
    call,
    apply,
    tokenOf: async (namespace, account) => {
      const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
      const { body } = await call('POST', path, { spec: { expirationSeconds: 3600 } });
      return body.status.token;
    },
  };
}
