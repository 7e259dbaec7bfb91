import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Kubernetes } from '../../../src/deliver/kubernetes/client.ts';
import { kubernetesStore } from '../../../src/deliver/state/kubernetes-store.ts';
import { gatewayApi } from '../../../src/deliver/traffic/gateway-api.ts';
import { istio } from '../../../src/deliver/traffic/istio.ts';
import { world } from '../world.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const one of undo.splice(0)) one();
});

interface Asked {
  method: string;
  body: unknown;
  token: string;
}

/** An API server that gives these answers in turn, the last one for ever; `drop` closes the connection. */
async function server(answers: (object | number | 'drop')[]) {
  const asked: Asked[] = [];
  const made = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push({
        method: request.method ?? '',
        body: body === '' ? null : JSON.parse(body),
        token: request.headers.authorization ?? '',
      });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === 'drop') return request.socket.destroy();
      response.writeHead(typeof answer === 'number' ? answer : 200);
      response.end(
        typeof answer === 'number' ? '{"kind":"Status","message":"said so"}' : JSON.stringify(answer),
      );
    });
  });
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  undo.push(() => made.close());
  const url = `http://127.0.0.1:${(made.address() as AddressInfo).port}`;
  return {
    url,
    asked,
    api: new Kubernetes({ server: url, tokenFrom: 'TOKEN' }, world('/', { env: { TOKEN: 'secret' } })),
  };
}

const route = (fence?: string, weights = [10, 90]) => ({
  metadata: {
    name: 'r',
    resourceVersion: '7',
    ...(fence === undefined ? {} : { annotations: { 'sallyport.dev/fence': fence } }),
  },
  spec: {
    rules: [
      {
        backendRefs: [
          { name: 'c', weight: weights[0] },
          { name: 'b', weight: weights[1] },
        ],
      },
    ],
  },
});
const plan = { namespace: 'ns', route: 'r', rule: 0, canary: 'c', baseline: 'b' };

describe('the Gateway API route', () => {
  it('is patched with tests of everything that must not have changed', async () => {
    const { api, asked } = await server([route('3'), route('4')]);
    await gatewayApi(plan, api).set(25, 4);
    expect(asked[1]?.body).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'test', path: '/metadata/annotations/sallyport.dev~1fence', value: '3' },
      { op: 'replace', path: '/metadata/annotations/sallyport.dev~1fence', value: '4' },
      { op: 'test', path: '/spec/rules/0/backendRefs/0/name', value: 'c' },
      { op: 'replace', path: '/spec/rules/0/backendRefs/0/weight', value: 25 },
      { op: 'test', path: '/spec/rules/0/backendRefs/1/name', value: 'b' },
      { op: 'replace', path: '/spec/rules/0/backendRefs/1/weight', value: 75 },
    ]);
    expect(asked[0]?.token).toBe('Bearer secret');
  });

  it('reads weights as proportions, with 1 where none is written', async () => {
    expect(await gatewayApi(plan, (await server([route('1', [1, 3])])).api).get()).toBe(25);
    const bare = {
      metadata: { name: 'r', resourceVersion: '1' },
      spec: { rules: [{ backendRefs: [{ name: 'c' }, { name: 'b' }] }] },
    };
    expect(await gatewayApi(plan, (await server([bare])).api).get()).toBe(50);
    await expect(gatewayApi(plan, (await server([route('1', [0, 0])])).api).get()).rejects.toMatchObject({
      code: 'SP-TRAFFIC',
    });
  });

  it('is read again after a conflict (409, or 422 of a test that failed)', async () => {
    const { api, asked } = await server([route('1'), 409, route('1'), 422, route('1'), route('1')]);
    await gatewayApi(plan, api).set(10, 2);
    expect(asked.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'GET', 'PATCH', 'GET', 'PATCH']);
  });

  it.each(['9', 'x', '-1', '1e9'])(
    'with the fence %j is not touched by a holder of fence 3',
    async (fence) => {
      const { api, asked } = await server([route(fence)]);
      await expect(gatewayApi(plan, api).set(10, 3)).rejects.toMatchObject({ code: 'SP-CANARY-FENCED' });
      expect(asked.every(({ method }) => method === 'GET')).toBe(true);
    },
  );

  it.each([429, 500, 503, 403, 404])('HTTP %i is a problem, not a weight', async (status) => {
    const { api } = await server([status]);
    await expect(gatewayApi(plan, api).get()).rejects.toMatchObject({ code: 'SP-KUBERNETES' });
  });

  it('a dropped connection and an answer that is no object are problems', async () => {
    await expect(gatewayApi(plan, (await server(['drop'])).api).get()).rejects.toMatchObject({
      code: 'SP-HTTP',
    });
    await expect(gatewayApi(plan, (await server([{ kind: 'x' }])).api).get()).rejects.toMatchObject({
      code: 'SP-KUBERNETES',
    });
  });
});

describe('Istio’s VirtualService', () => {
  it('tells destinations apart by their subset', async () => {
    const object = {
      metadata: { name: 'v', resourceVersion: '7' },
      spec: {
        http: [
          {
            route: [
              { destination: { host: 'pay', subset: 'v1' }, weight: 90 },
              { destination: { host: 'pay', subset: 'v2' }, weight: 10 },
            ],
          },
        ],
      },
    };
    const { api, asked } = await server([object]);
    const traffic = istio(
      { namespace: 'ns', virtualService: 'v', route: 0, canary: 'v2', baseline: 'v1' },
      api,
    );
    expect(await traffic.get()).toBe(10);
    await traffic.set(50, 1);
    expect(asked.at(-1)?.body).toContainEqual({
      op: 'test',
      path: '/spec/http/0/route/1/destination/subset',
      value: 'v2',
    });
    expect(asked.at(-1)?.body).toContainEqual({
      op: 'replace',
      path: '/spec/http/0/route/1/weight',
      value: 50,
    });
  });
});

describe('the Lease', () => {
  const lease = (version: string) => ({ metadata: { name: 'l', resourceVersion: version }, spec: {} });

  it('is not written over another version', async () => {
    const { api, asked } = await server([lease('8')]);
    const store = kubernetesStore({ namespace: 'ns', name: 'l' }, api);
    await expect(store.write('{}', '7')).rejects.toMatchObject({ code: 'SP-STATE-CONFLICT' });
    expect(asked.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('says conflict where the API does', async () => {
    const { api } = await server([lease('7'), 409]);
    await expect(kubernetesStore({ namespace: 'ns', name: 'l' }, api).write('{}', '7')).rejects.toMatchObject(
      { code: 'SP-STATE-CONFLICT' },
    );
  });
});

describe('a token in a file', () => {
  it('is read before each call, so that a renewed one counts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-token-'));
    undo.push(() => rmSync(folder, { recursive: true }));
    const { url, asked } = await server([route('1')]);
    const api = new Kubernetes({ server: url, tokenFile: join(folder, 'token') }, world('/'));
    for (const token of ['first', 'second']) {
      writeFileSync(join(folder, 'token'), `${token}\n`);
      await gatewayApi(plan, api).get();
    }
    expect(asked.map(({ token }) => token)).toEqual(['Bearer first', 'Bearer second']);
  });
});
