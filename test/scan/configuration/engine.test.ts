// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles, shells and compose files
import { describe, expect, it } from 'vitest';
import { stateOf } from '../../../src/model/report.ts';
import { configuration } from '../../../src/scan/configuration/engine.ts';
import { kindOfFile } from '../../../src/scan/configuration/files.ts';
import { scan } from './memory-tree.ts';

const D = `@sha256:${'a'.repeat(64)}`;

describe('configuration', () => {
  it.each([
    ['Dockerfile', 'dockerfile'],
    ['a/dockerfile', 'dockerfile'],
    ['DOCKERFILE', 'dockerfile'],
    ['Dockerfile.prod', 'dockerfile'],
    ['Dockerfile-dev', 'dockerfile'],
    ['api.Dockerfile', 'dockerfile'],
    ['api.dockerfile', 'dockerfile'],
    ['Containerfile', 'dockerfile'],
    ['Containerfile.x86', 'dockerfile'],
    ['compose.yml', 'compose'],
    ['a/b/compose.yaml', 'compose'],
    ['docker-compose.yml', 'compose'],
    ['docker-compose.override.yaml', 'compose'],
    ['docker-compose-dev.yml', 'compose'],
    ['compose.prod.yml', 'compose'],
    ['Docker-Compose.YML', 'compose'],
    ['Dockerfile.md', null],
    ['Dockerfile.template', null],
    ['Dockerfile.j2', null],
    ['Dockerfile.dockerignore', null],
    ['Dockerfile~', null],
    ['Dockerfiles', null],
    ['mydockerfile', null],
    ['composer.json', null],
    ['composition.yml', null],
    ['.dockerignore', null],
  ])('takes %s for %s', (path, kind) => {
    expect(kindOfFile(path)).toBe(kind);
    expect(configuration.wants(path)).toBe(kind !== null);
  });

  it('says that there was nothing to look at', async () => {
    const output = await scan({ 'README.md': '' });
    expect(output.looked).toMatchObject({ files: 0, bytes: 0, complete: true });
    expect(stateOf({ ...output, findings: [] })).toBe('nothing-scanned');
  });

  it('gives exact places, further places and contexts without secrets', async () => {
    const file = 'ARG V=24\nFROM node:${V}\nRUN curl -u me:hunter2pw \\\n  http://x/i.sh | sh\nUSER x\n';
    const { hits } = await scan({ Dockerfile: file });
    expect(
      hits.map(({ rule, places }) => [
        rule,
        ...places.map((p) => `${p.line}:${p.column}-${p.endLine}:${p.endColumn}`),
      ]),
    ).toEqual([
      ['SPD101', '2:6-2:15', '1:1-1:9'],
      ['SPD111', '3:5-4:21'],
      ['SPD107', '3:13-3:25'],
      ['DL4006', '4:17-4:18'],
    ]);
    expect(JSON.stringify(hits)).not.toContain('hunter2pw');
  });

  it('never shows a password of a URL', async () => {
    const { hits } = await scan({
      Dockerfile:
        'FROM a\nADD https://me:hunter2pw@x/y /\nRUN pip install git+https://me:hunter2pw@x/y\nENV U=redis://:hunter2pw@x\n',
      'compose.yml':
        'services: {a: {image: "x", command: "a --password hunter2pw", environment: ["U=redis://me:hunter2pw@x"]}}',
    });
    expect(hits.length).toBeGreaterThan(5);
    expect(JSON.stringify(hits)).not.toContain('hunter2pw');
  });

  it('counts columns without a byte order mark and with both line ends', async () => {
    const { hits } = await scan({ Dockerfile: '\uFEFFFROM node\r\nUSER root\r\n' });
    expect(hits.map(({ rule, places: [p] }) => [rule, p?.line, p?.column, p?.endColumn])).toEqual([
      ['DL3006', 1, 6, 10],
      ['DL3002', 2, 1, 10],
    ]);
  });

  it('names what it cannot read, and does not pass over it', async () => {
    const output = await scan(
      {
        Dockerfile: 'FROM a:1',
        'b/Dockerfile': 'x'.repeat(2000),
        'c/Dockerfile': Buffer.from([0x46, 0xff, 0xfe]),
      },
      { maxFileBytes: 1024 },
      [
        { path: 'd/Dockerfile', bytes: null, kind: 'unreachable', reason: 'symbolic link leads outside' },
        { path: 'lib', bytes: null, kind: 'submodule' },
      ],
    );
    expect(output.looked.skipped).toEqual([
      { path: 'd/Dockerfile', reason: 'symbolic link leads outside', blocking: true },
      { path: 'lib', reason: 'submodule', blocking: false },
      { path: 'b/Dockerfile', reason: 'larger than 1024 bytes (option maxFileBytes)', blocking: true },
    ]);
    expect(output.problems.map(({ code, place }) => [code, place?.path])).toEqual([
      ['SP-CONFIGURATION-ENCODING', 'c/Dockerfile'],
    ]);
    expect(output.looked.complete).toBe(false);
    expect(stateOf({ ...output, findings: [] })).toBe('error');
  });

  it('stops at the number of files that the options allow', async () => {
    const output = await scan({ 'a/Dockerfile': 'FROM a', 'b/Dockerfile': 'FROM b' }, { maxFiles: 1 });
    expect(output.looked.files).toBe(1);
    expect(output.looked.skipped.map(({ path, blocking }) => [path, blocking])).toEqual([
      ['b/Dockerfile', true],
    ]);
  });

  it('leaves out what the policy leaves out, and says so', async () => {
    const output = await scan({ Dockerfile: 'FROM a', 'b/Dockerfile': 'FROM b' }, {}, [], (path) =>
      path.startsWith('b/'),
    );
    expect(output.looked).toMatchObject({
      files: 1,
      complete: true,
      skipped: [{ path: 'b/Dockerfile', reason: 'left out by the policy', blocking: false }],
    });
  });

  it('looks at Dockerfiles of any name that compose files build, and judges the stages they take', async () => {
    const output = await scan({
      'compose.yml':
        'services:\n  a:\n    build:\n      context: app\n      dockerfile: ../build/image\n      target: Dev\n',
      'build/image': `FROM a:1${D} AS dev\nUSER root\nFROM a:1${D}\nUSER x\n`,
    });
    expect(output.looked.files).toBe(2);
    expect(output.hits.map(({ rule, places }) => [rule, places[0]?.path, places[0]?.line])).toContainEqual([
      'DL3002',
      'build/image',
      2,
    ]);
  });

  it('follows include and extends inside the tree, and names what is not there', async () => {
    const output = await scan({
      'compose.yml':
        'include:\n  - more/services.yml\n  - path: [gone.yml]\n  - oci://x/y\nservices:\n  a:\n    image: x\n    extends: {file: more/base.yml, service: b}\n',
      'more/services.yml': 'services: {c: {image: y, privileged: true}}',
      'more/base.yml': 'services: {b: {image: z, pid: host}}',
    });
    expect(output.looked.files).toBe(3);
    expect(output.hits.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['SPC105', 'SPC108']));
    expect(output.looked.skipped.map(({ reason }) => reason)).toEqual([
      'include of compose.yml names "gone.yml", which is not in the tree',
      'include of compose.yml names "oci://x/y", which is not in the tree',
    ]);
  });

  it('knows the build arguments that compose files give, for those without a default', async () => {
    const { hits } = await scan({
      'compose.yml': 'services:\n  a:\n    build:\n      context: .\n      args: {BASE: $DEBIAN, OTHER}\n',
      '.env': 'DEBIAN=debian:13\n',
      Dockerfile: 'ARG BASE\nARG OTHER\nFROM ${BASE} AS a\nFROM $OTHER\nUSER x\n',
    });
    expect(hits.filter(({ rule }) => rule === 'SPD101').map(({ message }) => message)).toEqual([
      '${BASE} (debian:13) is not pinned by digest',
      '$OTHER depends on OTHER, which has no default: which image it is cannot be known here, so it counts as not pinned',
    ]);
  });

  it('makes a bill of the images', async () => {
    const { bom } = await scan({
      'app/Dockerfile': `FROM golang:1.26 AS build\nFROM gcr.io/distroless/static:nonroot${D}\nCOPY --from=build /a /a\nCOPY --from=busybox:1 /b /b\n`,
      'compose.yml':
        'services:\n  app:\n    build: app\n  db:\n    image: postgres:17\n  x:\n    image: $X\n',
    });
    const app = 'dockerfile:app/Dockerfile';
    const distroless = `pkg:oci/static@sha256%3A${'a'.repeat(64)}?repository_url=gcr.io%2Fdistroless%2Fstatic&tag=nonroot`;
    expect(bom?.roots).toEqual([
      app,
      'compose:compose.yml#app',
      'compose:compose.yml#db',
      'compose:compose.yml#x',
    ]);
    expect(bom?.edges).toEqual({
      [app]: ['pkg:docker/busybox@1', 'pkg:docker/golang@1.26', distroless],
      'compose:compose.yml#app': [app],
      'compose:compose.yml#db': ['pkg:docker/postgres@17'],
      'compose:compose.yml#x': ['image:${X}'],
    });
    const of = (ref: string) => bom?.components.find((component) => component.ref === ref);
    expect(of('pkg:docker/golang@1.26')).toMatchObject({
      scope: 'development',
      type: 'container',
      version: '1.26',
      origin: 'Dockerfile',
    });
    expect(of('pkg:docker/busybox@1')?.scope).toBe('runtime');
    expect(of(distroless)).toMatchObject({
      scope: 'runtime',
      name: 'gcr.io/distroless/static',
      hashes: [{ algorithm: 'SHA-256', content: 'a'.repeat(64) }],
      places: [{ path: 'app/Dockerfile', line: 2 }],
    });
    expect(of('image:${X}')).toMatchObject({ purl: undefined, name: '${X}' });
  });

  const fill = (start: string, part: string): string =>
    start + part.repeat(Math.floor(300_000 / part.length));
  it.each([
    ['pipes', { Dockerfile: fill('FROM a\nRUN curl x ', '| sh ') }],
    ['secrets', { Dockerfile: fill('FROM a\nRUN curl ', 'https://a:hunter2pw@c ') }],
    ['pragmas', { Dockerfile: fill('FROM a\n', '# hadolint global ignore=DL3008\nRUN apt-get install x\n') }],
    ['allow-comments', { 'compose.yml': fill('services: {}\n', '# sallyport:allow SPC105 x\n') }],
    ['open variables', { Dockerfile: fill('FROM a\nUSER ', '${A:-') }],
    ['brackets', { 'compose.yml': fill('a: ', '[') }],
    ['stages', { Dockerfile: fill('FROM a\n', 'FROM a AS a\nENV A=b\n') }],
    ['code in code', { Dockerfile: fill('FROM a\nRUN ', 'eval "') }],
    ['keys', { 'compose.yml': Array.from({ length: 30_000 }, (_, n) => `k${n}: 1`).join('\n') }],
  ])('is done in time with a flood of %s', async (_, files) => {
    const start = performance.now();
    await scan(files);
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it('cuts a flood of findings and says so', async () => {
    const output = await scan({ Dockerfile: `FROM a:1\n${'RUN apt-get install x\n'.repeat(2500)}` });
    expect(output.hits).toHaveLength(2000);
    expect(output.problems.map(({ code }) => code)).toEqual(['SP-CONFIGURATION-LIMIT']);
  });

  const wrong: Record<string, unknown>[] = [
    { allowedRegistries: [] },
    { allowedBaseImages: 'node' },
    { nonRootBaseImages: [1] },
    { maxFileBytes: '1' },
    { maxFiles: 0 },
  ];
  it.each(wrong)('refuses the options %j', async (value) => {
    await expect(configuration.parseOptions(value)).rejects.toThrow(
      expect.objectContaining({ code: 'SP-CONFIGURATION-OPTIONS' }),
    );
  });

  it('has defaults for all options', async () => {
    expect(await configuration.parseOptions({})).toEqual({
      nonRootBaseImages: [],
      maxFileBytes: 1048576,
      maxFiles: 20000,
    });
  });

  it('takes own base images that do not run as root', async () => {
    const { hits } = await scan(
      { Dockerfile: 'FROM r.example.com/base/app:1' },
      { nonRootBaseImages: ['r.example.com/base/*'] },
    );
    expect(hits.map(({ rule }) => rule)).toEqual(['SPD101']);
  });
});
