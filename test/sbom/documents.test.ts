import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bom } from '../../src/model/component.ts';
import { writeCycloneDx } from '../../src/model/cyclonedx/write.ts';
import { SallyportError } from '../../src/model/error.ts';
import { assemble, split } from '../../src/sbom/assemble.ts';
import { withoutNewMembers } from '../../src/sbom/cyclonedx-versions.ts';
import { diffBoms } from '../../src/sbom/diff.ts';
import { judgeQuality } from '../../src/sbom/quality.ts';
import { readSbom } from '../../src/sbom/read-sbom.ts';
import { writeSpdx } from '../../src/sbom/spdx-write.ts';
import { validate } from '../../src/sbom/validate.ts';
import { componentsNamed, whyThere } from '../../src/sbom/why.ts';
import { whySvg } from '../../src/sbom/why-svg.ts';
import { filesIn, lockedIn, lockedOf } from './trees.ts';

const timestamp = '2026-11-22T09:30:00Z';
const text = (bom: Bom, version: '1.6' | '1.7' = '1.6'): string =>
  [...writeCycloneDx(bom, { timestamp, version })].join('');
const bytes = (value: unknown): Buffer =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const refs = (bom: Bom): string[] => bom.components.map((one) => one.ref).sort();

describe('bills of materials that are made', () => {
  it.each(['npm/npm3', 'npm/yarn4', 'python/uv', 'maven', 'cargo', 'go'])(
    '%s: valid CycloneDX 1.6 and 1.7 by the official schema, the same bytes twice',
    async (folder) => {
      const made = assemble(await lockedIn(folder), { name: 'repo', author: 'Shop' });
      const again = assemble(await lockedIn(folder), { name: 'repo', author: 'Shop' });
      for (const version of ['1.6', '1.7'] as const) {
        expect(await validate(bytes(text(made, version)), `CycloneDX ${version} JSON`)).toEqual([]);
        expect(text(again, version)).toBe(text(made, version));
      }
      expect(refs(readSbom(bytes(text(made)), 'bom.json').bom)).toEqual(refs(made));
    },
  );

  it('several services: one document with assemblies, or one for each', async () => {
    const tree = await lockedIn('npm/npm3');
    const whole = JSON.parse(text(assemble(tree, { name: 'repo' }))) as {
      metadata: { component: { components: { name: string }[] } };
    };
    expect(whole.metadata.component.components.map((one) => one.name)).toEqual(['lib', 'site', 'shop']);
    const parts = split(tree, { name: 'repo' });
    expect(parts.map(({ root, bom }) => [root.name, bom.roots.length])).toEqual([
      ['lib', 1],
      ['site', 1],
      ['shop', 1],
    ]);
    const site = parts.find(({ root }) => root.name === 'site')?.bom;
    expect(site?.components.map((one) => one.name)).toContain('react-dom');
    expect(site?.components.map((one) => one.name)).not.toContain('chalk');
    for (const { bom } of parts) expect(await validate(bytes(text(bom)), 'CycloneDX 1.6 JSON')).toEqual([]);
  });

  it('SPDX 2.3: read back, the same components and edges', async () => {
    const made = assemble(await lockedIn('npm/npm3'), { name: 'repo' });
    const written = writeSpdx(made, { created: timestamp });
    expect(writeSpdx(made, { created: timestamp })).toBe(written);
    const { bom, form, created } = readSbom(bytes(written), 'bom.spdx.json');
    expect([form, created]).toEqual(['SPDX 2.3 JSON', timestamp]);
    expect(bom.components.map((one) => one.purl).sort()).toEqual(
      made.components.map((one) => one.purl).sort(),
    );
    expect(Object.values(bom.edges).flat().length).toBe(Object.values(made.edges).flat().length);
    const chalk = bom.components.find((one) => one.purl === 'pkg:npm/chalk@4.1.2');
    expect(chalk).toMatchObject({ licenses: ['MIT'], direct: false });
    expect(chalk?.hashes).toEqual(made.components.find((one) => one.ref === 'pkg:npm/chalk@4.1.2')?.hashes);
    expect(diffBoms(made, bom)).toEqual([]);
  });
});

describe('bills of materials that are read', () => {
  const files = filesIn('documents');

  it('CycloneDX XML of the Maven plug-in says what its JSON says', async () => {
    const xml = readSbom(files['maven-plugin.xml'] ?? bytes(''), 'bom.xml');
    const json = readSbom(files['maven-plugin.json'] ?? bytes(''), 'bom.json');
    expect(xml.form).toBe('CycloneDX 1.6 XML');
    expect(refs(xml.bom)).toEqual(refs(json.bom));
    expect(xml.bom.edges).toEqual(json.bom.edges);
    expect(xml.bom.components.map((one) => [one.hashes, one.licenses])).toEqual(
      json.bom.components.map((one) => [one.hashes, one.licenses]),
    );
    expect(xml.lost).toEqual(['metadata.lifecycles', 'metadata.tools']);
    expect(await validate(bytes(text(xml.bom)), 'CycloneDX 1.6 JSON')).toEqual([]);
  });

  it.each(['1.2', '1.3', '1.4', '1.5', '1.6', '1.7'])('CycloneDX %s JSON', (specVersion) => {
    const { bom } = readSbom(
      bytes({
        bomFormat: 'CycloneDX',
        specVersion,
        version: 1,
        components: [{ type: 'library', name: 'a', version: '1' }],
      }),
      'x.json',
    );
    expect(bom.components).toHaveLength(1);
  });

  it('what only 1.7 says is named when 1.6 is written', async () => {
    const document = {
      bomFormat: 'CycloneDX',
      specVersion: '1.7',
      version: 1,
      components: [{ type: 'library', name: 'a', version: '1', isExternal: true }],
      citations: [],
    };
    const { bom, lost } = withoutNewMembers(readSbom(bytes(document), 'x.json').bom);
    expect(lost).toEqual(['component.isExternal', 'document.citations']);
    expect(await validate(bytes(text(bom)), 'CycloneDX 1.6 JSON')).toEqual([]);
  });

  it('SPDX 2.2 with relations both ways', () => {
    const one = (id: string) => ({
      SPDXID: `SPDXRef-${id}`,
      name: id,
      versionInfo: '1',
      downloadLocation: 'NOASSERTION',
    });
    const relation = (a: string, relationshipType: string, b: string) => ({
      spdxElementId: `SPDXRef-${a}`,
      relationshipType,
      relatedSpdxElement: `SPDXRef-${b}`,
    });
    const document = {
      spdxVersion: 'SPDX-2.2',
      packages: ['app', 'dep', 'dev', 'below'].map(one),
      snippets: [],
      relationships: [
        relation('DOCUMENT', 'DESCRIBES', 'app'),
        relation('app', 'DEPENDS_ON', 'dep'),
        relation('dev', 'DEV_DEPENDENCY_OF', 'app'),
        relation('below', 'DEPENDENCY_OF', 'dep'),
        relation('app', 'AMENDS', 'dep'),
      ],
    };
    const { bom, lost } = readSbom(bytes(document), 'x.json');
    expect(bom.components.map((c) => [c.name, c.scope, c.direct])).toEqual([
      ['app', 'runtime', false],
      ['dep', 'runtime', true],
      ['dev', 'development', true],
      ['below', 'runtime', false],
    ]);
    expect(lost).toEqual(['relationship AMENDS', 'snippets']);
  });

  it('SPDX 3.0', () => {
    const graph = [
      { type: 'CreationInfo', created: timestamp },
      { type: 'SpdxDocument', spdxId: 'd', rootElement: ['a'] },
      { type: 'software_Package', spdxId: 'a', name: 'app' },
      {
        type: 'software_Package',
        spdxId: 'b',
        name: 'dep',
        software_packageVersion: '1',
        software_packageUrl: 'pkg:npm/dep@1',
        verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: 'ab' }],
      },
      { type: 'simplelicensing_LicenseExpression', spdxId: 'l', simplelicensing_licenseExpression: 'MIT' },
      { type: 'Relationship', from: 'a', to: ['b'], relationshipType: 'dependsOn' },
      { type: 'Relationship', from: 'b', to: ['l'], relationshipType: 'hasDeclaredLicense' },
      { type: 'security_Vulnerability', spdxId: 'v' },
    ];
    const { bom, created, lost } = readSbom(
      bytes({ '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld', '@graph': graph }),
      'x.json',
    );
    expect([created, lost, bom.roots, bom.edges]).toEqual([
      timestamp,
      ['security_Vulnerability'],
      ['a'],
      { a: ['pkg:npm/dep@1'] },
    ]);
    expect(bom.components[1]).toMatchObject({
      licenses: ['MIT'],
      direct: true,
      hashes: [{ algorithm: 'SHA-256', content: 'ab' }],
    });
  });

  it.each([
    '',
    '{}',
    '[]',
    '<x/>',
    '<!DOCTYPE a><bom/>',
    '{"spdxVersion":"SPDX-2.3","packages":3}',
    '{"spdxVersion":"SPDX-2.3","packages":[{}]}',
    '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><a></bom>',
  ])('refuses %s', (content) => {
    expect(() => readSbom(bytes(content), 'x')).toThrow(SallyportError);
  });
});

describe('sbom check, diff and why', () => {
  it('counts what is missing', async () => {
    const bom = assemble(await lockedIn('npm/npm3'), { name: 'repo', author: 'Shop' });
    const { demands, score } = judgeQuality(bom, timestamp);
    const met = Object.fromEntries(
      demands.map((one) => [`${one.standard} ${one.name}`, `${one.met}/${one.asked}`]),
    );
    expect(met).toMatchObject({
      'NTIA author of the data': '1/1',
      'NTIA timestamp': '1/1',
      'NTIA version': '37/38',
      'NTIA supplier name': '0/38',
      'NTIA dependency relationship': '38/38',
      'BSI TR-03183-2 SHA-512 of the deployable component': '34/37',
    });
    expect(score).toBeGreaterThan(40);
    expect(judgeQuality({ components: [], edges: {}, roots: [] }, undefined).score).toBe(0);
  });

  it('tells up, down, major, added, removed, licence and source, with a path', async () => {
    const lock = (entries: Record<string, object>) =>
      lockedOf({
        'package-lock.json': JSON.stringify({
          lockfileVersion: 3,
          packages: {
            '': {
              name: 's',
              version: '1.0.0',
              dependencies: Object.fromEntries(Object.keys(entries).map((name) => [name, '*'])),
            },
            ...Object.fromEntries(
              Object.entries(entries).map(([name, entry]) => [`node_modules/${name}`, entry]),
            ),
          },
        }),
      });
    const a = await lock({
      up: { version: '1.9.0' },
      down: { version: '2.0.0' },
      gone: { version: '1.0.0' },
      lic: { version: '1.0.0', license: 'MIT' },
      src: { version: '1.0.0', resolved: 'https://registry.npmjs.org/src.tgz' },
    });
    const b = await lock({
      up: { version: '10.0.0' },
      down: { version: '2.0.0-rc.1' },
      come: { version: '1.0.0' },
      lic: { version: '1.0.0', license: 'BUSL-1.1' },
      src: { version: '1.0.0', resolved: 'https://evil.example/src.tgz' },
    });
    expect(
      diffBoms(a.bom, b.bom).map((one) => [
        one.change,
        one.package,
        one.before,
        one.after,
        one.major,
        one.path.length,
      ]),
    ).toEqual([
      ['added', 'pkg:npm/come', null, '1.0.0', false, 2],
      ['downgraded', 'pkg:npm/down', '2.0.0', '2.0.0-rc.1', false, 2],
      ['removed', 'pkg:npm/gone', '1.0.0', null, false, 2],
      ['licence', 'pkg:npm/lic', 'MIT', 'BUSL-1.1', false, 2],
      ['source', 'pkg:npm/src', 'registry.npmjs.org', 'evil.example', false, 2],
      ['upgraded', 'pkg:npm/up', '1.9.0', '10.0.0', true, 2],
    ]);
    expect(diffBoms(a.bom, a.bom)).toEqual([]);
  });

  it('finds a component by purl, with and without a version, and by name; draws it without markup of others', async () => {
    const { bom } = await lockedIn('maven');
    for (const name of [
      'pkg:maven/org.apache.logging.log4j/log4j-core',
      'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
      'log4j-core',
      'org.apache.logging.log4j:log4j-core',
    ])
      expect(componentsNamed(bom, name).map((one) => one.version)).toEqual(['2.14.1']);
    expect(componentsNamed(bom, 'pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1')).toEqual([]);
    const svg = whySvg(whyThere(bom, componentsNamed(bom, 'log4j-api'), 20));
    expect(svg.match(/<rect class="a"/gu)).toHaveLength(1);
    const evil: Bom = {
      components: [
        { ...(bom.components[0] as Bom['components'][number]), ref: '"/><script>x</script>', name: 'evil' },
      ],
      edges: {},
      roots: [],
    };
    expect(whySvg(whyThere(evil, evil.components, 1))).not.toContain('<script');
  });
});

describe('hostile documents', () => {
  const key = fc.constantFrom(
    '__proto__',
    'toString',
    'bomFormat',
    'components',
    'packages',
    'relationships',
    '@graph',
    'type',
    'name',
    'SPDXID',
    'spdxId',
    'to',
    'spdxElementId',
    'relationshipType',
    'dependencies',
    'metadata',
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(
        null,
        1,
        'CycloneDX',
        'software_Package',
        'Relationship',
        'dependsOn',
        'DESCRIBES',
        'a',
        '',
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((pairs) => Object.fromEntries(pairs)),
    ),
  })).value;
  const heads = fc.constantFrom(
    { bomFormat: 'CycloneDX', specVersion: '1.6' },
    { spdxVersion: 'SPDX-2.3' },
    {},
  );

  it('are read, or refused with a SallyportError', () => {
    fc.assert(
      fc.property(heads, value, (head, other) => {
        for (const content of [
          JSON.stringify({
            ...head,
            components: other,
            packages: other,
            relationships: other,
            '@graph': other,
          }),
          `<bom xmlns="http://cyclonedx.org/schema/bom/1.6">${JSON.stringify(other)}</bom>`,
        ]) {
          try {
            readSbom(bytes(content), 'x');
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(SallyportError);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
