import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import * as formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bom, type Component, scopes } from '../../../src/model/component.ts';
import { readCycloneDx } from '../../../src/model/cyclonedx/read.ts';
import { encodeCycloneDx, serialOf, writeCycloneDx } from '../../../src/model/cyclonedx/write.ts';

const require = createRequire(import.meta.url);
const library = require.resolve('@cyclonedx/cyclonedx-library/package.json');
const schema = (name: string): object =>
  JSON.parse(
    readFileSync(join(dirname(library), 'res/schema', `${name}.SNAPSHOT.schema.json`), 'utf8'),
  ) as object;
const ajv = new Ajv({ strict: false, unicodeRegExp: false });
for (const name of ['spdx', 'jsf-0.82']) {
  ajv.addSchema({ ...schema(name), $id: `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json` });
}
formats.default.default(ajv);
ajv.addFormat('iri-reference', true);
ajv.addFormat('idn-email', true);
const valid = ajv.compile(schema('bom-1.6'));

const timestamp = '2026-11-22T09:30:00Z';
const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const written = (bom: Bom): string => [...writeCycloneDx(bom, { timestamp })].join('');
const read = (value: unknown): Bom => readCycloneDx(bytes(value), { path: 'bom.json' });

const word = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_-]{0,10}$/);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const positive = fc.integer({ min: 1, max: 9999 });
const place = fc.oneof(
  fc.record({ path }),
  fc.record({ path, line: positive }),
  fc.record({ path, line: positive, column: positive, endLine: positive, endColumn: positive }),
);
const hash = fc.oneof(
  fc.record({ algorithm: fc.constant('SHA-256'), content: fc.constant('ab'.repeat(32)) }),
  fc.record({ algorithm: fc.constant('h1'), content: fc.constant('q83v7+/=') }),
);
const component = fc.record(
  {
    ref: fc.oneof(text, fc.constantFrom('__proto__', 'constructor')),
    type: fc.constantFrom('library', 'application', 'container', 'framework', 'file'),
    group: text,
    name: text,
    version: text,
    purl: word.map((name) => `pkg:npm/${name}@1.0.0`),
    licenses: fc.oneof(
      fc.constant<string[]>(['MIT OR Apache-2.0']),
      fc.constant<string[]>(['MIT']),
      fc.array(text, { maxLength: 2 }),
    ),
    hashes: fc
      .array(hash, { maxLength: 2 })
      .map((list) => [...list].sort((a, b) => (a.algorithm < b.algorithm ? -1 : 1))),
    scope: fc.constantFrom(...scopes),
    direct: fc.constantFrom(true, false, null),
    places: fc.array(place, { maxLength: 2 }),
    origin: text,
  },
  { requiredKeys: ['ref', 'type', 'name', 'licenses', 'hashes', 'scope', 'direct', 'places'] },
);
const bom = fc
  .record({
    components: fc.uniqueArray(component, { selector: ({ ref }) => ref, maxLength: 6 }),
    pairs: fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 8 }),
    roots: fc.nat(2),
  })
  .map(({ components, pairs, roots }): Bom => {
    const edges: Record<string, string[]> = {};
    for (const [from, to] of pairs) {
      const a = components[from]?.ref;
      const b = components[to]?.ref;
      if (a === undefined || b === undefined) continue;
      const before = Object.hasOwn(edges, a) ? (edges[a] ?? []) : [];
      Object.defineProperty(edges, a, {
        value: [...new Set([...before, b])],
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return { components, edges, roots: components.slice(0, roots).map(({ ref }) => ref) };
  });

/** Hashes that the schema has no algorithm for come after the others; the order of components says nothing. */
const normal = (value: Bom): Bom => ({
  ...value,
  components: [...value.components]
    .map(
      (c): Component => ({
        ...c,
        hashes: [...c.hashes].sort((a, b) => (a.algorithm < b.algorithm ? -1 : 1)),
      }),
    )
    .sort((a, b) => (a.ref < b.ref ? -1 : 1)),
});

describe('our own bills of materials', () => {
  it('come back equal, in the same bytes', () => {
    fc.assert(
      fc.property(bom, (value) => {
        const out = written(value);
        const again = read(out);
        expect(normal(again)).toEqual(normal(value));
        expect(written(again)).toBe(out);
      }),
      { numRuns: 150 },
    );
  });

  it('are valid CycloneDX 1.6', () => {
    fc.assert(
      fc.property(bom, (value) => {
        valid(JSON.parse(written(value)));
        expect(valid.errors).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it('have a serial number of their content, not of the time', () => {
    const one = fc.sample(bom, { numRuns: 2, seed: 3 });
    const serial = (value: Bom, time: string) =>
      (JSON.parse([...writeCycloneDx(value, { timestamp: time })].join('')) as { serialNumber: string })
        .serialNumber;
    const [a, b] = one;
    if (a === undefined || b === undefined) throw new Error('no samples');
    expect(serial(a, timestamp)).toBe(serial(a, '2030-01-01T00:00:00Z'));
    expect(serial(a, timestamp)).not.toBe(serial(b, timestamp));
    expect(serial(a, timestamp)).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});

const foreign = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
  version: 7,
  metadata: {
    timestamp: '2020-04-13T20:20:39+00:00',
    tools: [{ vendor: 'x', name: 'y', version: '1' }],
    component: { type: 'application', 'bom-ref': 'app', name: 'shop', version: '1.0', author: 'somebody' },
    properties: [{ name: 'build', value: '7' }],
  },
  components: [
    {
      type: 'library',
      'bom-ref': 'a',
      group: '@scope',
      name: 'a',
      version: '1.2.3',
      purl: 'pkg:npm/%40scope/a@1.2.3',
      scope: 'required',
      licenses: [{ license: { id: 'MIT', url: 'https://example.org/mit' } }],
      hashes: [{ alg: 'SHA-1', content: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' }],
      externalReferences: [{ type: 'website', url: 'https://example.org' }],
      properties: [{ name: 'cdx:npm:package:path', value: 'node_modules/a' }],
      components: [
        {
          type: 'library',
          'bom-ref': 'a/inner',
          name: 'inner',
          components: [{ type: 'file', name: 'deep' }],
        },
      ],
      evidence: {
        occurrences: [{ location: 'package-lock.json' }, { location: '/abs/path' }],
        identity: { field: 'purl' },
      },
    },
    { type: 'library', name: 'noref' },
    { type: 'library', name: 'noref' },
    { type: 'library', 'bom-ref': 'dev', name: 'dev', scope: 'excluded' },
  ],
  services: [{ name: 's' }],
  dependencies: [
    { ref: 'app', dependsOn: ['a'] },
    { ref: 'a', dependsOn: [], provides: ['x'] },
    { ref: 'a', dependsOn: ['dev'] },
  ],
  vulnerabilities: [{ id: 'CVE-1' }],
  compositions: [{ aggregate: 'complete' }],
};

describe("other tools' bills of materials", () => {
  it('are read', () => {
    const value = read(foreign);
    expect(value.roots).toEqual(['app']);
    expect(value.edges).toEqual({ app: ['a'], a: ['dev'] });
    expect(value.components.map(({ ref }) => ref)).toEqual([
      'app',
      'a',
      'a/inner',
      'deep',
      'noref',
      'noref#2',
      'dev',
    ]);
    expect(value.components[1]).toMatchObject({
      group: '@scope',
      name: 'a',
      scope: 'runtime',
      direct: true,
      licenses: ['MIT'],
      places: [{ path: 'package-lock.json' }],
      hashes: [{ algorithm: 'SHA-1', content: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' }],
    });
    expect(value.components[6]).toMatchObject({ scope: 'development', direct: false });
  });

  it('lose nothing, and come back the same', () => {
    const first = read(foreign);
    const out = written(first);
    const back = JSON.parse(out) as typeof foreign;
    expect(back).toMatchObject({
      serialNumber: foreign.serialNumber,
      version: 7,
      services: foreign.services,
      vulnerabilities: foreign.vulnerabilities,
      compositions: foreign.compositions,
    });
    expect(back.metadata).toMatchObject({
      timestamp: foreign.metadata.timestamp,
      tools: foreign.metadata.tools,
    });
    expect(back.metadata.component).toMatchObject(foreign.metadata.component);
    expect(back.metadata.properties).toEqual(foreign.metadata.properties);
    const { properties, components, ...plain } = foreign.components[0] as Record<string, unknown>;
    expect(back.components[0]).toMatchObject(plain);
    expect(back.components[0]?.properties).toEqual(expect.arrayContaining(properties as unknown[]));
    expect(back.components[0]?.components?.[0]).toMatchObject({
      name: 'inner',
      components: [{ name: 'deep' }],
    });
    expect((components as unknown[]).length).toBe(back.components[0]?.components?.length);
    expect(back.dependencies).toEqual([
      { ref: 'app', dependsOn: ['a'] },
      { ref: 'a', dependsOn: ['dev'], provides: ['x'] },
    ]);
    expect(read(out)).toEqual(first);
    expect(written(read(out))).toBe(out);
  });

  it.each([
    ['another format', { specVersion: '1.6' }, 'SP-CDX-SHAPE'],
    ['a version that is not read', { bomFormat: 'CycloneDX', specVersion: '2.0' }, 'SP-CDX-VERSION'],
    [
      'components of another type',
      { bomFormat: 'CycloneDX', specVersion: '1.6', components: {} },
      'SP-CDX-SHAPE',
    ],
    [
      'a component without a name',
      { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ type: 'library' }] },
      'SP-CDX-SHAPE',
    ],
    [
      'a ref that stands twice',
      {
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        components: [
          { type: 'library', name: 'a', 'bom-ref': 'x' },
          { type: 'library', name: 'b', 'bom-ref': 'x' },
        ],
      },
      'SP-CDX-DUPLICATE',
    ],
    [
      'an edge that is no text',
      { bomFormat: 'CycloneDX', specVersion: '1.6', dependencies: [{ ref: 'a', dependsOn: [7] }] },
      'SP-CDX-SHAPE',
    ],
    [
      'components with a member of another type',
      {
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        components: [{ type: 'library', name: 'a', version: 1 }],
      },
      'SP-CDX-SHAPE',
    ],
    [
      'a component with an empty ref',
      {
        bomFormat: 'CycloneDX',
        specVersion: '1.6',
        components: [{ type: 'library', name: 'a', 'bom-ref': '' }],
      },
      'SP-CDX-SHAPE',
    ],
    [
      'metadata of another type',
      { bomFormat: 'CycloneDX', specVersion: '1.6', metadata: [] },
      'SP-CDX-SHAPE',
    ],
    [
      'an edge from nobody',
      { bomFormat: 'CycloneDX', specVersion: '1.6', dependencies: [{ dependsOn: [] }] },
      'SP-CDX-SHAPE',
    ],
    ['text', 'hello', 'SP-JSON-SYNTAX'],
  ])('are refused: %s', (_, value, code) => {
    expect(() => read(value)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code }) }),
    );
  });

  it('are the same in bytes as in text', () => {
    fc.assert(
      fc.property(bom, (value) => {
        expect(Buffer.concat(encodeCycloneDx(value, { timestamp })).toString('utf8')).toBe(written(value));
      }),
    );
  });

  it('are read the same by who has just written them', () => {
    fc.assert(
      fc.property(bom, (value) => {
        const out = bytes(written(value));
        const own = readCycloneDx(out, { path: 'bom.json', numbered: 'writer' });
        expect(own).toEqual(readCycloneDx(out, { path: 'bom.json' }));
      }),
    );
  });

  it('are the same bytes when they are too large to keep between being numbered and being written', () => {
    const component = (name: string): Component => ({
      ref: name.slice(0, 1),
      type: 'library',
      name,
      licenses: [],
      hashes: [],
      scope: 'runtime',
      direct: true,
      places: [],
    });
    const large: Bom = {
      components: [component(`a${'x'.repeat(20 * 1024 * 1024)}`), component('b')],
      edges: {},
      roots: [],
    };
    const out = bytes(written(large));
    expect(readCycloneDx(out, { path: 'bom.json', numbered: 'writer' })).toEqual(large);
    const { serialNumber } = JSON.parse(Buffer.from(out).toString('utf8')) as { serialNumber: string };
    expect(serialNumber).toBe(serialOf(large));
  });

  it('give a Bom or a SallyportError for any bytes', () => {
    const start = JSON.stringify(foreign);
    fc.assert(
      fc.property(fc.nat(start.length), fc.string({ maxLength: 6 }), fc.nat(6), (at, inserted, cut) => {
        try {
          written(read(start.slice(0, at) + inserted + start.slice(at + cut)));
        } catch (thrown) {
          expect((thrown as Error).name).toBe('SallyportError');
        }
      }),
      { numRuns: 400 },
    );
  });

  it('are read quickly', () => {
    const components = Array.from({ length: 50_000 }, (_, i) => ({
      type: 'library',
      'bom-ref': `r${i}`,
      name: `n${i}`,
      version: '1.0.0',
      purl: `pkg:npm/n${i}@1.0.0`,
    }));
    const dependencies = components.map((_, i) => ({ ref: `r${i}`, dependsOn: [`r${(i * 7) % 50_000}`] }));
    const value = read({ bomFormat: 'CycloneDX', specVersion: '1.6', components, dependencies });
    expect(value.components).toHaveLength(50_000);
    expect(Object.keys(value.edges)).toHaveLength(50_000);
  });
});
