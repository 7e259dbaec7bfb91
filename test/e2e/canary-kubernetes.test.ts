import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { watch } from '../../src/deliver/controller/reconcile.ts';
import { promote } from '../../src/deliver/controller/run.ts';
import { systemTime } from '../../src/deliver/controller/time.ts';
import { Watched } from '../../src/deliver/controller/watched.ts';
import type { World } from '../../src/deliver/controller/world.ts';
import { Kubernetes } from '../../src/deliver/kubernetes/client.ts';
import { manifestsFor } from '../../src/deliver/kubernetes/manifests.ts';
import { type LoadedPlan, readPlan } from '../../src/deliver/plan/read.ts';
import { kubernetesStore } from '../../src/deliver/state/kubernetes-store.ts';
import { kubernetesSign } from '../../src/deliver/state/sign.ts';
import { argoRollouts } from '../../src/deliver/traffic/argo-rollouts.ts';
import { gatewayApi } from '../../src/deliver/traffic/gateway-api.ts';
import { setAndVerify } from '../../src/deliver/traffic/traffic.ts';
import { world as realWorld } from '../deliver/world.ts';
import { stopAll } from './canary-parts.ts';
import { type Cluster, cluster } from './kubernetes-parts.ts';
import { lacks } from './tools.ts';

const ROUTE = '/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/payments';
const IMAGE = `registry.invalid/sallyport@sha256:${'b'.repeat(64)}`;

const route = (name: string) => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}, namespace: shop, labels: { team: payments } }
spec:
  hostnames: [pay.example.com]
  rules:
    - backendRefs:
        - { name: payments-baseline, port: 80, weight: 100 }
        - { name: payments-canary, port: 80, weight: 0 }
`;

function planFor(server: string): LoadedPlan {
  return readPlan(
    'canary.yml',
    `version: 1
service: payments
environment: production
look: 500ms
lag: 1ms
propagation: 200ms
lease: 2s
deadline: 2m
promotion: { floor: 0.02 }
expected: { requestsPerSecond: 400 }
steps:
  - { weight: 10, min: 500ms, max: 60s }
  - { weight: 50, min: 500ms, max: 60s }
metrics:
  - kind: errors
    name: errors
    share: 1
    selectors:
      canary: { requests: a, errors: b }
      baseline: { requests: c, errors: d }
prometheus: { url: 'http://127.0.0.1:1' }
traffic: { provider: gateway-api, server: '${server}', namespace: shop, route: payments, canary: payments-canary, baseline: payments-baseline }
state: { store: kubernetes, server: '${server}', namespace: shop, name: payments-canary }
`,
  );
}

describe.skipIf(lacks('kube-apiserver', 'etcd', 'go', 'openssl'))('a canary on a real Kubernetes API', () => {
  let api: Cluster;
  let loaded: LoadedPlan;
  const tokens: Record<string, string> = {};
  const as = (who: 'runner' | 'reconciler') =>
    new Kubernetes(
      { server: api.server, caFile: api.caFile, tokenFrom: 'TOKEN' },
      realWorld('/', { env: { TOKEN: tokens[who] } }),
    );
  const trafficAs = (who: 'runner' | 'reconciler') =>
    gatewayApi(
      {
        namespace: 'shop',
        route: 'payments',
        rule: 0,
        canary: 'payments-canary',
        baseline: 'payments-baseline',
      },
      as(who),
    );
  const storeAs = (who: 'runner' | 'reconciler') =>
    kubernetesStore({ namespace: 'shop', name: 'payments-canary' }, as(who));

  beforeAll(async () => {
    api = await cluster();
    loaded = planFor(api.server);
    await api.apply(
      'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: ci }\n',
    );
    await api.apply(
      'apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: canary-runner, namespace: ci }\n',
    );
    await api.apply(route('payments'));
    await api.apply(route('other'));
    await api.apply(manifestsFor(loaded, IMAGE, 'ci:canary-runner'));
    tokens.runner = await api.tokenOf('ci', 'canary-runner');
    tokens.reconciler = await api.tokenOf('sallyport-system', 'sallyport-reconciler');
    // A policy counts once every API server has seen it.
    for (let i = 0; i < 100; i += 1) {
      const tried = await api.call(
        'PATCH',
        `${ROUTE}?dryRun=All`,
        { metadata: { labels: { team: 'x' } } },
        tokens.runner,
      );
      if (tried.status !== 200) break;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });
  afterAll(stopAll);

  it('sets weights with the runner’s and the reconciler’s own tokens, and a lower fence changes nothing', async () => {
    await setAndVerify(trafficAs('runner'), 10, 3);
    await setAndVerify(trafficAs('reconciler'), 0, 4);
    await expect(trafficAs('runner').set(50, 3)).rejects.toMatchObject({ code: 'SP-CANARY-FENCED' });
    expect(await trafficAs('runner').get()).toBe(0);
    const { body } = await api.call('GET', ROUTE);
    expect(body.metadata.annotations).toEqual({ 'sallyport.dev/fence': '4' });
    expect(body.spec.rules[0].backendRefs.map((ref: { port: number }) => ref.port)).toEqual([80, 80]);
  });

  it.each([
    ['a hostname', { spec: { hostnames: ['evil.example.com'] } }, 422],
    ['a label', { metadata: { labels: { team: 'other' } } }, 422],
    ['another annotation', { metadata: { annotations: { x: 'y' } } }, 422],
    ['a lower fence', { metadata: { annotations: { 'sallyport.dev/fence': '1' } } }, 422],
    ['no fence', { metadata: { annotations: { 'sallyport.dev/fence': null } } }, 422],
    ['the backends', { spec: { rules: [{ backendRefs: [{ name: 'evil', port: 80 }] }] } }, 422],
  ])('the admission policy refuses %s from both', async (_what, patch, status) => {
    for (const who of ['runner', 'reconciler']) {
      const answer = await api.call('PATCH', ROUTE, patch, tokens[who]);
      expect([who, answer.status, JSON.stringify(answer.body)]).toEqual([
        who,
        status,
        expect.stringContaining('the '),
      ]);
    }
    expect((await api.call('PATCH', `${ROUTE}?dryRun=All`, patch)).status).toBe(200);
  });

  it.each([
    ['GET', '/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes/other'],
    ['GET', '/apis/gateway.networking.k8s.io/v1/namespaces/shop/httproutes'],
    ['GET', '/apis/coordination.k8s.io/v1/namespaces/shop/leases/other'],
    ['GET', '/api/v1/namespaces/shop/secrets'],
    ['PATCH', '/apis/apps/v1/namespaces/sallyport-system/deployments/sallyport-canary-payments'],
    ['PATCH', '/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/sallyport-canary-payments-route'],
    ['PATCH', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/sallyport-canary-payments'],
  ] as const)('%s %s is forbidden to both', async (method, path) => {
    for (const who of ['runner', 'reconciler'])
      expect((await api.call(method, path, method === 'PATCH' ? {} : undefined, tokens[who])).status).toBe(
        403,
      );
  });

  it('keeps the state in the Lease, swapped by its resourceVersion', async () => {
    const [mine, theirs] = [storeAs('runner'), storeAs('reconciler')];
    const { version, text } = await mine.read();
    expect(text).toBeNull();
    await theirs.write('{"holder":"b"}', version);
    await expect(mine.write('{"holder":"a"}', version)).rejects.toMatchObject({ code: 'SP-STATE-CONFLICT' });
    expect((await mine.read()).text).toBe('{"holder":"b"}');
    const { body } = await api.call(
      'GET',
      '/apis/coordination.k8s.io/v1/namespaces/shop/leases/payments-canary',
    );
    expect(body.spec.holderIdentity).toBe('b');
    delete body.metadata.annotations;
    await api.call('PUT', '/apis/coordination.k8s.io/v1/namespaces/shop/leases/payments-canary', body);
  });

  const worldAs = (holder: string, signal: AbortSignal): World => {
    const traffic = trafficAs('runner');
    const watched = new Watched(signAs('runner'), systemTime);
    return {
      loaded,
      subject: `sha256:${'1'.repeat(64)}`,
      holder,
      traffic,
      store: storeAs('runner'),
      metrics: {
        read: async (from, to) => {
          const requests = Math.round((400 * (to - from)) / 1000);
          const toCanary = Math.round((requests * (await traffic.get())) / 100);
          const arms = {
            canary: { requests: toCanary, errors: 0 },
            baseline: { requests: requests - toCanary, errors: 0 },
          };
          return { looks: [[arms]], arms };
        },
      },
      time: systemTime,
      log: realWorld('/').log,
      signal,
      armLease: async () => await watched.arrive(2_000, signal),
      unwatched: async () => await watched.gone(2_000),
      changed: () => undefined,
    };
  };
  const signAs = (who: 'runner' | 'reconciler') =>
    kubernetesSign({ namespace: 'shop', name: 'payments-canary' }, as(who));

  it('does not begin while no reconciler gives its sign, and the runner cannot give it', async () => {
    const refused = promote(worldAs('none', new AbortController().signal));
    await expect(refused).rejects.toMatchObject({ code: 'SP-CANARY-UNWATCHED' });
    expect(await trafficAs('runner').get()).toBe(0);
    await expect(signAs('runner').give()).rejects.toMatchObject({
      code: 'SP-KUBERNETES',
      problem: { found: expect.stringContaining('HTTP 403') },
    });
  });

  it('promotes to 100 %, and the reconciler leaves it there', async () => {
    const stop = new AbortController();
    const watching = watch(
      {
        store: storeAs('reconciler'),
        traffic: trafficAs('reconciler'),
        time: systemTime,
        log: realWorld('/').log,
        holder: 'reconciler',
        sign: signAs('reconciler'),
        lease: 2_000,
        poll: 500,
        signal: stop.signal,
      },
      false,
    );
    const ending = await promote(worldAs('one', new AbortController().signal));
    expect(ending.outcome).toBe('promoted');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await trafficAs('runner').get()).toBe(100);
    stop.abort();
    await watching;
    await trafficAs('runner').set(0, ending.state.fence);
  });

  it('a controller that stops is rolled back within lease + poll + propagation', async () => {
    const world = worldAs('two', new AbortController().signal);
    let stopped = 0;
    let looks = 0;
    void promote({
      ...world,
      time: {
        ...systemTime,
        sleep: async (ms, signal) => {
          looks += 1;
          if (looks > 2) {
            stopped ||= Date.now();
            await new Promise(() => undefined);
          }
          await systemTime.sleep(ms, signal);
        },
      },
    });
    const stop = new AbortController();
    const watching = watch(
      {
        store: storeAs('reconciler'),
        traffic: trafficAs('reconciler'),
        time: systemTime,
        log: realWorld('/').log,
        holder: 'reconciler',
        sign: signAs('reconciler'),
        lease: 2_000,
        poll: 500,
        signal: stop.signal,
      },
      false,
    );
    while (stopped === 0 || (await trafficAs('reconciler').get()) !== 0) {
      expect(stopped === 0 ? 0 : Date.now() - stopped).toBeLessThan(2_000 + 500 + 500 + 500);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    stop.abort();
    await watching;
    expect(JSON.parse((await storeAs('runner').read()).text ?? '{}')).toMatchObject({
      phase: 'rolled-back',
      weight: 0,
    });
    await expect(trafficAs('runner').set(10, 1)).rejects.toMatchObject({ code: 'SP-CANARY-FENCED' });
  });

  it('sends Argo Rollouts the patches that its API accepts (there is no controller here to act on them)', async () => {
    await api.apply(
      'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: { name: payments, namespace: shop }\nspec: { replicas: 1 }\n',
    );
    tokens.admin = 'admin-token';
    const admin = new Kubernetes(
      { server: api.server, caFile: api.caFile, tokenFrom: 'TOKEN' },
      realWorld('/', { env: { TOKEN: 'admin-token' } }),
    );
    const rollout = argoRollouts({ namespace: 'shop', rollout: 'payments', within: 1_000 }, admin);
    const status = async () =>
      (await api.call('GET', '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/payments')).body.status;
    await rollout.set(100, 1);
    expect(await status()).toMatchObject({ promoteFull: true });
    await rollout.set(0, 1);
    expect(await status()).toMatchObject({ abort: true });
    expect(await rollout.get()).toBe(0);
  });
});
