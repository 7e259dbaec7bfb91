import { stringify } from 'yaml';
import { SallyportError } from '../../model/error.ts';
import type { LoadedPlan } from '../plan/read.ts';
import { watchLease } from '../state/sign.ts';
import { planText } from './plan-text.ts';
import { FENCE } from './route.ts';

const SYSTEM = 'sallyport-system';
const ACCOUNT = 'sallyport-reconciler';

/** Where the objects of a provider are in the API, and the fields that hold its weights. */
const kinds = {
  'gateway-api': { group: 'gateway.networking.k8s.io', version: 'v1', resource: 'httproutes' },
  istio: { group: 'networking.istio.io', version: 'v1', resource: 'virtualservices' },
} as const;

/**
 * What a cluster needs for one plan: the reconciler in a namespace of its own (two replicas, image by digest, no
 * credential of a runner), Roles by name for it and for the runner, the Lease with the state, and an admission policy
 * that lets both change weights and fence only. Throws SP-CANARY-MANIFESTS for a plan without a route in a cluster.
 */
export function manifestsFor(loaded: LoadedPlan, image: string, runner: string | undefined): string {
  const { plan } = loaded;
  const { traffic, state } = plan;
  if (
    (traffic.provider !== 'gateway-api' && traffic.provider !== 'istio') ||
    state.store !== 'kubernetes' ||
    runner === undefined
  ) {
    throw new SallyportError({
      code: 'SP-CANARY-MANIFESTS',
      message: 'there are no manifests for this plan',
      place: loaded.place(['traffic']),
      expected: 'traffic by gateway-api or istio, state in kubernetes, and --runner NAMESPACE:NAME',
    });
  }
  const kind = kinds[traffic.provider];
  const route = traffic.provider === 'gateway-api' ? traffic.route : traffic.virtualService;
  const name = `sallyport-canary-${plan.service}`;
  const [runnerNamespace = '', runnerName = ''] = runner.split(':');
  const reconcilerUser = `system:serviceaccount:${SYSTEM}:${ACCOUNT}`;
  const runnerUser = `system:serviceaccount:${runnerNamespace}:${runnerName}`;
  const reconciler = { kind: 'ServiceAccount', name: ACCOUNT, namespace: SYSTEM };
  const both = [reconciler, { kind: 'ServiceAccount', name: runnerName, namespace: runnerNamespace }];
  const binding = (namespace: string, suffix: string, subjects: readonly object[]) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: `${name}-${suffix}`, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: `${name}-${suffix}` },
    subjects,
  });
  const role = (namespace: string, suffix: string, rules: object[]) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: `${name}-${suffix}`, namespace },
    rules,
  });
  const lease = (leaseName: string) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: leaseName, namespace: state.namespace },
    spec: {},
  });
  const leaseRole = (suffix: string, leaseName: string, verbs: readonly string[]) =>
    role(state.namespace, suffix, [
      { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [leaseName], verbs },
    ]);
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: SYSTEM } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace: SYSTEM } },
    lease(state.name),
    lease(watchLease(state.name)),
    role(traffic.namespace, 'route', [
      {
        apiGroups: [kind.group],
        resources: [kind.resource],
        resourceNames: [route],
        verbs: ['get', 'patch'],
      },
    ]),
    binding(traffic.namespace, 'route', both),
    leaseRole('state', state.name, ['get', 'update']),
    binding(state.namespace, 'state', both),
    // The runner sees that somebody watches, and cannot pretend it.
    leaseRole('watch', watchLease(state.name), ['get', 'update']),
    binding(state.namespace, 'watch', [reconciler]),
    leaseRole('watched', watchLease(state.name), ['get']),
    binding(state.namespace, 'watched', both),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: SYSTEM },
      data: { 'canary.yml': planText(loaded) },
    },
    deployment(name, image),
    admissionPolicy(name, kind, [reconcilerUser, runnerUser], traffic.provider),
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ];
  return objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}

function deployment(name: string, image: string): object {
  const labels = { 'app.kubernetes.io/name': name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: SYSTEM, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: ACCOUNT,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: 'kubernetes.io/hostname',
              whenUnsatisfiable: 'ScheduleAnyway',
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [
            {
              name: 'reconcile',
              image,
              args: ['canary', 'reconcile', '--plan', '/etc/sallyport/canary.yml'],
              resources: { requests: { cpu: '10m', memory: '96Mi' }, limits: { memory: '192Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ['ALL'] },
              },
              volumeMounts: [{ name: 'plan', mountPath: '/etc/sallyport', readOnly: true }],
            },
          ],
          volumes: [{ name: 'plan', configMap: { name } }],
        },
      },
    },
  };
}

/**
 * CEL: the value of a field in a list, empty where it is not there, so that absence is compared too. By index, since
 * `namespace` is a reserved word of CEL.
 */
const field = (of: string, name: string) => `'${name}' in ${of} ? [${of}['${name}']] : []`;

/** CEL expressions that together are all of a route but its weights; equal before and after where only those changed. */
const REST: Record<keyof typeof kinds, (object: string) => string[]> = {
  'gateway-api': (object) => [
    ...['hostnames', 'parentRefs'].map((name) => field(`${object}.spec`, name)),
    ...['name', 'matches', 'filters', 'timeouts', 'retry', 'sessionPersistence'].map(
      (name) => `${object}.spec.rules.map(r, ${field('r', name)})`,
    ),
    ...['group', 'kind', 'name', 'namespace', 'port', 'filters'].map(
      (name) =>
        `${object}.spec.rules.map(r, has(r.backendRefs) ? r.backendRefs.map(b, ${field('b', name)}) : [])`,
    ),
  ],
  istio: (object) => [
    ...['hosts', 'gateways', 'exportTo', 'tcp', 'tls'].map((name) => field(`${object}.spec`, name)),
    ...[
      'name',
      'match',
      'redirect',
      'rewrite',
      'timeout',
      'retries',
      'fault',
      'mirror',
      'mirrors',
      'headers',
      'corsPolicy',
      'delegate',
      'directResponse',
    ].map((name) => `${object}.spec.http.map(h, ${field('h', name)})`),
    ...['destination', 'headers'].map(
      (name) => `${object}.spec.http.map(h, has(h.route) ? h.route.map(r, ${field('r', name)}) : [])`,
    ),
  ],
};

function admissionPolicy(
  name: string,
  kind: { group: string; version: string; resource: string },
  users: readonly string[],
  provider: keyof typeof kinds,
): object {
  const pairs = REST[provider]('object').map((now, index) => [now, REST[provider]('oldObject')[index] ?? '']);
  const others = (object: string) =>
    `(has(${object}.metadata.annotations) ? ${object}.metadata.annotations.filter(k, k != '${FENCE}').map(k, k + '=' + ${object}.metadata.annotations[k]) : [])`;
  const labels = (object: string) => `(has(${object}.metadata.labels) ? ${object}.metadata.labels : {})`;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          { apiGroups: [kind.group], apiVersions: ['*'], operations: ['UPDATE'], resources: [kind.resource] },
        ],
      },
      matchConditions: [
        {
          name: 'sallyport',
          expression: `request.userInfo.username in [${users.map((user) => `'${user}'`).join(', ')}]`,
        },
      ],
      validations: [
        ...pairs.map(([now, before]) => ({
          expression: `(${now}) == (${before})`,
          message: 'the canary may change weights and its fence, and nothing else of a route',
        })),
        {
          expression: `${others('object')} == ${others('oldObject')} && ${labels('object')} == ${labels('oldObject')}`,
          message: 'the canary may change no label and no annotation but its fence',
        },
        {
          expression: `!(has(oldObject.metadata.annotations) && '${FENCE}' in oldObject.metadata.annotations) || (has(object.metadata.annotations) && '${FENCE}' in object.metadata.annotations && int(object.metadata.annotations['${FENCE}']) >= int(oldObject.metadata.annotations['${FENCE}']))`,
          message: 'the fence never falls',
        },
      ],
    },
  };
}
