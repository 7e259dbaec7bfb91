import { describe, expect, it } from 'vitest';
import { Reverse } from '../../../src/sbom/paths.ts';
import { filesIn, lockedIn, lockedOf, summary } from '../trees.ts';

const project = (body: string, parent = ''): string =>
  `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>${parent}${body}</project>`;
const dep = (artifact: string, more = ''): string =>
  `<dependency><groupId>g</groupId><artifactId>${artifact}</artifactId>${more}</dependency>`;

describe('Maven', () => {
  it('pom.xml alone: parents, properties, managed versions, modules of the tree', async () => {
    const files = Object.fromEntries(
      Object.entries(filesIn('maven')).filter(([path]) => path.endsWith('pom.xml')),
    );
    const tree = await lockedOf(files);
    expect(tree.problems).toEqual([]);
    expect(summary(tree)).toEqual([
      'pkg:maven/example/app@1.0#app runtime false',
      'pkg:maven/example/lib@1.0#lib runtime false',
      'pkg:maven/example/parent@1.0 runtime false',
      'pkg:maven/junit/junit@4.13.2 test true',
      'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1 runtime true',
      'pkg:maven/org.slf4j/slf4j-api@1.7.36 runtime true',
    ]);
    const core = tree.bom.components.find((one) => one.name === 'log4j-core');
    expect(core?.places).toEqual([{ path: 'lib/pom.xml', line: 6 }]);
    expect(new Reverse(tree.bom).all('pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1').paths).toEqual([
      ['pkg:maven/example/lib@1.0#lib', 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1'],
    ]);
  });

  it('with the output of mvn dependency:tree: what is three levels down, with its path', async () => {
    const tree = await lockedIn('maven');
    const api = 'pkg:maven/org.apache.logging.log4j/log4j-api@2.14.1';
    expect(new Reverse(tree.bom).shortest(api)).toEqual([
      'pkg:maven/example/lib@1.0#lib',
      'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
      api,
    ]);
    expect(tree.bom.edges['pkg:maven/example/app@1.0#app']).toContain('pkg:maven/example/lib@1.0#lib');
  });

  it('with what the CycloneDX plug-in leaves: the same names, and its digests', async () => {
    const files = { ...filesIn('maven'), 'target/bom.json': filesIn('documents')['maven-plugin.json'] ?? '' };
    const plain = await lockedIn('maven');
    const tree = await lockedOf(files);
    expect(tree.problems).toEqual([]);
    expect(tree.bom.components.map((one) => one.ref)).toEqual(plain.bom.components.map((one) => one.ref));
    expect(
      tree.bom.components.find((one) => one.name === 'log4j-core')?.hashes.map((one) => one.algorithm),
    ).toContain('SHA-512');
  });

  it('names what it cannot resolve, with the reason', async () => {
    const bom =
      '<dependencyManagement><dependencies>' +
      dep('bom', '<version>1</version><type>pom</type><scope>import</scope>') +
      '</dependencies></dependencyManagement>';
    const parent = '<parent><groupId>p</groupId><artifactId>p</artifactId><version>9</version></parent>';
    const list = `<dependencies>${dep('a')}${dep('b', '<version>${x.y}</version>')}${dep('c', '<version>[1,2)</version>')}${dep('d', '<version>1</version>')}</dependencies>`;
    const tree = await lockedOf({ 'pom.xml': project(`<artifactId>s</artifactId>${bom}${list}`, parent) });
    const reasons = tree.bom.components.flatMap((one) =>
      one.unresolved === undefined ? [] : [`${one.name}: ${one.unresolved}`],
    );
    expect(reasons).toEqual([
      'a: its version is managed by p:p:9, g:bom:1, which is not in the tree',
      'b: its version is ${x.y}, and the property is not in the tree',
      'c: its version is the range [1,2)',
    ]);
    expect(tree.findings.filter((one) => one.rule === 'lock-entry-unresolved')).toHaveLength(3);
  });

  it('takes versions from a BOM of the tree, and survives BOMs and parents in a circle', async () => {
    const managed = (inner: string) =>
      `<dependencyManagement><dependencies>${inner}</dependencies></dependencyManagement>`;
    const use = dep('bom', '<version>1</version><type>pom</type><scope>import</scope>');
    const tree = await lockedOf({
      'pom.xml': project(
        `<groupId>g</groupId><artifactId>s</artifactId><version>1</version>${managed(use)}<dependencies>${dep('a')}</dependencies>`,
      ),
      'bom/pom.xml': project(
        `<groupId>g</groupId><artifactId>bom</artifactId><version>1</version><properties><v>\${w}</v><w>\${v}</w></properties>${managed(use + dep('a', '<version>7</version>'))}`,
        '<parent><groupId>g</groupId><artifactId>bom</artifactId><version>1</version><relativePath>pom.xml</relativePath></parent>',
      ),
    });
    expect(summary(tree)).toContain('pkg:maven/g/a@7 runtime true');
  });

  it('refuses document types', async () => {
    const tree = await lockedOf({
      'pom.xml': `<!DOCTYPE x [<!ENTITY a "b">]>${project('<artifactId>s</artifactId>')}`,
    });
    expect(tree.problems.map((one) => one.code)).toEqual(['SP-LOCK-SYNTAX']);
  });

  it('gradle.lockfile by configuration, and the catalogue only where nothing is locked', async () => {
    const catalogue =
      '[versions]\nj = "2.15.0"\n[libraries]\njackson = { module = "com.fasterxml.jackson.core:jackson-databind", version.ref = "j" }\nguava = "com.google.guava:guava:32.0.0-jre"\nopen = { group = "g", name = "open", version = { require = "[1,2)" } }\n';
    const lock =
      '# comment\ncom.google.guava:guava:32.1.0-jre=compileClasspath,testCompileClasspath\njunit:junit:4.13=testRuntimeClasspath\norg.x:proc:1=annotationProcessor\nempty=\n';
    expect(
      summary(await lockedOf({ 'gradle/libs.versions.toml': catalogue, 'gradle.lockfile': lock })),
    ).toEqual([
      'pkg:generic/root runtime false',
      'pkg:maven/com.google.guava/guava@32.1.0-jre runtime null',
      'pkg:maven/junit/junit@4.13 test null',
      'pkg:maven/org.x/proc@1 development null',
    ]);
    const alone = await lockedOf({ 'gradle/libs.versions.toml': catalogue });
    expect(summary(alone)).toContain(
      'pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.15.0 unknown null',
    );
    expect(alone.findings.map((one) => one.component)).toEqual(['pkg:maven/g/open']);
  });
});
