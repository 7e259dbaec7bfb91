import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admissionsOf } from '../../../src/attest/kubernetes/admission.ts';
import { readManifests } from '../../../src/attest/kubernetes/images.ts';
import { kyvernoPolicy } from '../../../src/attest/kubernetes/kyverno.ts';
import { clusterImagePolicy } from '../../../src/attest/kubernetes/policy-controller.ts';
import { unsnappy } from '../../../src/attest/store/snappy.ts';
import { SallyportError } from '../../../src/model/error.ts';
import type { TrustEntry, TrustRules } from '../../../src/model/trust.ts';

const workload = `apiVersion: apps/v1
kind: Deployment
metadata: { name: app }
spec:
  template:
    spec:
      initContainers: [{ name: init, image: "r.example/init:v1" }]
      containers: [{ name: app, image: "r.example/app:v1" }]
      ephemeralContainers: [{ name: debug, image: "r.example/debug:v1" }]
      volumes: [{ name: data, image: { reference: "r.example/data:v1" } }]
---
apiVersion: argoproj.io/v1alpha1
kind: Rollout
spec: { template: { spec: { containers: [{ image: "r.example/rollout:v2" }] } } }
`;

describe('images of manifests', () => {
  it('are found in every list that runs or mounts one, in custom resources too, and written back', () => {
    const { images, render } = readManifests(workload, 'w.yml');
    expect(images.map(({ name }) => name).sort()).toEqual([
      'r.example/app:v1',
      'r.example/data:v1',
      'r.example/debug:v1',
      'r.example/init:v1',
      'r.example/rollout:v2',
    ]);
    for (const image of images) image.node.value = `${image.name}@sha256:${'a'.repeat(64)}`;
    const again = readManifests(render(), 'w.yml');
    expect(again.images.every(({ name }) => name.endsWith('a'.repeat(64)))).toBe(true);
  });

  it.each([
    ['an alias', 'a: &c [{ image: x }]\nspec: { containers: *c }\n'],
    ['a container without an image', 'spec: { containers: [{ name: x }] }\n'],
    ['an image that is no text', 'spec: { containers: [{ image: { x: 1 } }] }\n'],
    ['a container that is none', 'spec: { containers: [x] }\n'],
    ['two images under one key', 'spec: { containers: [{ image: a, image: b }] }\n'],
    ['broken YAML', 'spec: { containers: [\n'],
  ])('are refused as a whole with %s', (_name, text) => {
    expect(() => readManifests(text, 'w.yml')).toThrow(SallyportError);
  });

  it('whatever comes in, it ends with images or with an error of ours', () => {
    const piece = fc.constantFrom(
      'containers:',
      ' image: x',
      '- ',
      '\n',
      '  ',
      '---\n',
      '&a ',
      '*a',
      '{',
      '}',
      '[',
      ']',
      ',',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 8 })), { maxLength: 40 }), (parts) => {
        try {
          readManifests(parts.join(''), 'w.yml').render();
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SallyportError);
        }
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const out = unsnappy(Buffer.from(bytes), 1 << 16);
        expect(out === null || out.length <= 1 << 16).toBe(true);
      }),
    );
  });
});

describe('rule 9: what a cluster is to ask', () => {
  const workflow: TrustEntry = {
    kind: 'workflow',
    name: 'deploy',
    signs: ['deploy'],
    issuer: 'https://token.actions.githubusercontent.com',
    workflow: {
      repository: 'https://github.com/acme/gates',
      path: '.github/workflows/deploy.yml',
      refs: ['refs/heads/main'],
      digests: ['b'.repeat(40), 'c'.repeat(40)],
    },
    source: { repositoryId: '1', ownerId: '2' },
    triggers: [],
    runner: 'github-hosted',
    notBefore: null,
    notAfter: null,
  };
  const rules = (signers: TrustEntry[]): TrustRules => ({
    signers,
    policies: [],
    summaryHours: null,
    rootDays: 30,
    roots: null,
    denyList: { required: false, minimum: 1 },
    breakGlass: [],
  });
  const now = new Date('2026-11-22T00:00:00Z');
  const request = {
    rules: rules([workflow]),
    policyDigest: 'd'.repeat(64),
    images: ['r.example/app'],
    environment: 'production',
    denied: null,
    leaveOut: ['digests', 'runner', 'source', 'triggers'],
    now,
  };

  it('names whole identities, gate, environment and policy, and leaves out what is denied', () => {
    const denied = {
      number: 1,
      issued: now,
      expires: now,
      digests: new Map([['e'.repeat(64), 'stolen']]),
      signers: new Map([['b'.repeat(40), 'stolen']]),
    };
    const [admission] = admissionsOf({ ...request, denied });
    if (admission === undefined) throw new Error('none');
    expect(admission.identities.map(({ subject }) => subject)).toEqual(
      ['refs/heads/main', 'c'.repeat(40)].map(
        (ref) => `https://github.com/acme/gates/.github/workflows/deploy.yml@${ref}`,
      ),
    );
    const kyverno = JSON.stringify(kyvernoPolicy(admission, { trustedRoot: null, tuf: null }));
    const controller = JSON.stringify(clusterImagePolicy(admission, null));
    for (const text of [kyverno, controller]) {
      expect(text).toContain('SALLYPORT_DEPLOY_PRODUCTION');
      expect(text).toContain('oci:r.example/app');
      expect(text).toContain('e'.repeat(64));
      expect(text).toContain(`sha256:${'d'.repeat(64)}`);
      expect(text).not.toContain('b'.repeat(40));
    }
    // The libraries of both refuse every bundle where one authority has several identities.
    for (const text of [kyverno, controller])
      expect(text.match(/"identities":\[\{[^[\]]*\}\]/gu)).toHaveLength(2);
    for (const text of [kyverno, controller]) expect(text).not.toMatch(/"identities":\[\{[^[\]]*\},\{/u);
    expect(kyverno).toContain('"failurePolicy":"Fail"');
    for (const list of ['containers', 'initContainers', 'ephemeralContainers'])
      expect(kyverno).toContain(`images.${list}.all(`);
  });

  it.each<[string, object]>([
    ['a rule that is not left out by name', { leaveOut: ['source'] }],
    ['a rule left out that is none', { leaveOut: [...request.leaveOut, 'validity'] }],
    ['nobody who may deploy', { rules: rules([{ ...workflow, signs: ['release'] }]), leaveOut: [] }],
    [
      'an entry that is over',
      { rules: rules([{ ...workflow, notAfter: new Date('2026-01-01') }]), leaveOut: [] },
    ],
    ['a pattern for an image', { images: ['r.example/*'] }],
    ['an image with a tag', { images: ['r.example/app:v1'] }],
  ])('is refused: %s', (_name, change) => {
    expect(() => admissionsOf({ ...request, ...change })).toThrow(SallyportError);
  });

  it('is refused for a controller that cannot read keys', () => {
    const key: TrustEntry = {
      kind: 'key',
      name: 'k',
      signs: ['deploy'],
      publicKey: 'PEM',
      notBefore: null,
      notAfter: null,
    };
    const [admission] = admissionsOf({ ...request, rules: rules([key]), leaveOut: [] });
    if (admission === undefined) throw new Error('none');
    expect(() => clusterImagePolicy(admission, null)).toThrow(SallyportError);
    expect(JSON.stringify(kyvernoPolicy(admission, { trustedRoot: null, tuf: null }))).toContain(
      'attestors.key1',
    );
  });
});
