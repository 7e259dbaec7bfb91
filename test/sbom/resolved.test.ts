import { describe, expect, it } from 'vitest';
import type { Component } from '../../src/model/component.ts';
import { resolvedActions, resolvedComponents } from '../../src/sbom/resolved.ts';

const component = (
  name: string,
  hashes: Component['hashes'],
  change: Partial<Component> = {},
): Component => ({
  ref: name,
  type: 'library',
  name,
  purl: `pkg:npm/${name}@1`,
  licenses: [],
  hashes,
  scope: 'runtime',
  direct: true,
  places: [],
  ...change,
});
const hash = (algorithm: string, character: string, length = 64) => ({
  algorithm,
  content: character.repeat(length),
});

describe('components that went into a build', () => {
  it('are named by purl and digest, in order, in in-toto’s names for algorithms', () => {
    const { resolved, without } = resolvedComponents({
      components: [
        component('b', [hash('SHA-512', 'B', 128), hash('SHA-1', 'c', 40)]),
        component('a', [{ algorithm: 'golang-h1', content: `h1:${Buffer.alloc(32, 1).toString('base64')}` }]),
        component('root', [hash('SHA-256', 'a')]),
        component('none', []),
        component('unnamed', [hash('SHA-256', 'a')], { purl: undefined }),
        component('md5', [hash('MD5', 'a', 32)]),
        component('made-up', [hash('__proto__', 'a'), hash('nuget-content-sha512', 'a', 128)]),
        component('no-digest', [{ algorithm: 'SHA-256', content: 'sha256 of it' }]),
      ],
      edges: {},
      roots: ['root'],
    });
    expect(resolved).toEqual([
      { uri: 'pkg:npm/a@1', digest: { dirHash: '01'.repeat(32) } },
      { uri: 'pkg:npm/b@1', digest: { sha512: 'b'.repeat(128), sha1: 'c'.repeat(40) } },
    ]);
    expect(without).toBe(5);
  });

  it('are not named by one of several files that they could be', () => {
    const wheels = [hash('SHA-256', 'a'), hash('SHA-256', 'b'), hash('SHA-512', 'c', 128)];
    const { resolved } = resolvedComponents({
      components: [component('x', wheels), component('y', wheels.slice(0, 2))],
      edges: {},
      roots: [],
    });
    expect(resolved).toEqual([{ uri: 'pkg:npm/x@1', digest: { sha512: 'c'.repeat(128) } }]);
  });
});

describe('actions of a workflow', () => {
  const A = 'a'.repeat(40);
  const files: Record<string, string> = {
    '.github/workflows/release.yml': `jobs:
  build:
    steps:
      - uses: actions/checkout@${A} # v7
      - uses: actions/setup-node@v4
      - uses: docker://alpine@sha256:${'b'.repeat(64)}
      - uses: docker://alpine:3
      - uses: ./tools/build/
      - run: "uses: evil/script@${A}"
  call:
    uses: ./.github/workflows/inner.yml
  far:
    uses: acme/gates/.github/workflows/release.yml@${'c'.repeat(40)}
`,
    '.github/workflows/inner.yml': `jobs: { x: { steps: [{ uses: acme/inner/sub@${'d'.repeat(40)} }, { uses: ./tools/build }] } }\n`,
    'tools/build/action.yml': `runs: { using: composite, steps: [{ uses: acme/deep@${'e'.repeat(40)} }, { uses: ./tools/build }] }\n`,
  };

  it('are named by commit or digest, also those of local workflows and actions; what is not pinned is told', async () => {
    const read = async (path: string) => files[path] ?? null;
    const { resolved, unpinned } = await resolvedActions('.github/workflows/release.yml', read);
    expect(resolved).toEqual([
      { uri: `docker://alpine@sha256:${'b'.repeat(64)}`, digest: { sha256: 'b'.repeat(64) } },
      { uri: `git+https://github.com/acme/deep@${'e'.repeat(40)}`, digest: { gitCommit: 'e'.repeat(40) } },
      { uri: `git+https://github.com/acme/gates@${'c'.repeat(40)}`, digest: { gitCommit: 'c'.repeat(40) } },
      { uri: `git+https://github.com/acme/inner@${'d'.repeat(40)}`, digest: { gitCommit: 'd'.repeat(40) } },
      { uri: `git+https://github.com/actions/checkout@${A}`, digest: { gitCommit: A } },
    ]);
    expect(unpinned).toEqual(['actions/setup-node@v4', 'docker://alpine:3']);
  });

  it('are looked for in a hundred files at most', async () => {
    let asked = 0;
    const read = async (path: string) => {
      asked += 1;
      return `jobs: { x: { steps: [{ uses: ./${path}x }, { uses: ./${path}y }] } }\n`;
    };
    await resolvedActions('a.yml', read);
    expect(asked).toBeLessThan(120);
  });
});
