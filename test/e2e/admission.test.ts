import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { stopAll } from './canary-parts.ts';
import { type Cluster, cluster } from './kubernetes-parts.ts';
import { project, run, temporaryFolder } from './support.ts';
import { lacks } from './tools.ts';

const CRDS = [
  [
    'github.com/kyverno/kyverno@v1.19.1',
    'config/crds/policies.kyverno.io/policies.kyverno.io_imagevalidatingpolicies.yaml',
  ],
  ['github.com/sigstore/policy-controller@v0.13.1', 'config/300-clusterimagepolicy.yaml'],
] as const;
const POLICY = `version: 1
trust:
  signers:
    - name: the deploy workflow
      signs: [release, deploy]
      issuer: https://token.actions.githubusercontent.com
      workflow:
        repository: https://github.com/acme/gates
        path: .github/workflows/deploy.yml
        refs: [refs/heads/main]
      source: { repositoryId: "1001", ownerId: "2002" }
`;

describe.skipIf(lacks('etcd', 'kube-apiserver', 'openssl', 'go'))('on a real Kubernetes API server', () => {
  const folder = temporaryFolder();
  let api: Cluster;
  beforeAll(async () => {
    api = await cluster(CRDS);
    writeFileSync(join(folder, 'deploy.yml'), POLICY);
  });
  afterAll(stopAll);

  const render = (target: string, ...more: string[]) =>
    run(
      process.execPath,
      [
        join(project, 'bin', 'sallyport.cjs'),
        ...['trust', 'render', target, '--policy', 'deploy.yml', '--environment', 'production'],
        ...['--image', 'registry.example/payments', '--image', 'registry.example:5000/shop/cart'],
        ...more,
      ],
      { cwd: folder, env: { PATH: process.env.PATH, HOME: folder } },
    );
  const leftOut = ['source', 'triggers', 'runner'].flatMap((rule) => ['--leave-out', rule]);

  it.each([
    ['kyverno', '/apis/policies.kyverno.io/v1/imagevalidatingpolicies'],
    ['policy-controller', '/apis/policy.sigstore.dev/v1beta1/clusterimagepolicies'],
  ])('the objects for %s are taken whole by its own schema', async (target, path) => {
    const { code, stdout, stderr } = render(target, ...leftOut);
    expect(code, stderr).toBe(0);
    for (const document of parseAllDocuments(stdout)) {
      const object = document.toJS();
      // Strict: a field that the schema does not know is an error, where the server would else drop it.
      const { status, body } = await api.call('POST', `${path}?fieldValidation=Strict`, object);
      expect(status, JSON.stringify(body)).toBe(201);
      const { body: kept } = await api.call('GET', `${path}/${object.metadata.name}`);
      expect(kept.spec).toMatchObject(object.spec);
    }
  });

  it('a rule that a target cannot ask is an error, never dropped', () => {
    const { code, stdout, stderr } = render('kyverno');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('SP-ADMISSION');
    expect(render('policy-controller', '--leave-out', 'source').code).toBe(2);
  });
});
