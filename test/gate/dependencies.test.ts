import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildOutputs } from '../../src/gate/handed-in.ts';
import type { GateRun } from '../../src/gate/run.ts';
import { BAD, database, FRESH, GOOD, service } from '../scan/dependencies/support.ts';
import { TestRepository, temporaryFolder, testContext } from './support.ts';

function stage({ decision }: GateRun) {
  return decision.stages.find((one) => one.stage === 'dependencies');
}

const failed = ({ decision }: GateRun) => decision.findings.filter(({ outcome }) => outcome === 'failed');

describe('the stage dependencies', () => {
  it('fails a change that brings a vulnerability, with path, fix and evidence', async () => {
    const repository = new TestRepository(service(GOOD));
    repository.change(service(BAD));
    const run = await repository.gate({ base: 'main', advisories: await database() });
    expect(run.decision.verdict).toBe('failed');
    const [found, ...more] = failed(run);
    expect(more).toEqual([]);
    expect(found?.introduced).toBe(true);
    expect(found?.finding).toMatchObject({
      rule: 'vulnerable-dependency',
      severity: 'critical',
      score: 10,
      component: 'pkg:npm/deep@1.0.1',
      message: 'deep 1.0.1: CVE-2026-1001, About deep (shop > lib 1.0.0 > deep 1.0.1)',
      help: 'Update deep to 1.0.5 in the lockfile: everything that needs it allows that, and lib 1.0.0 can stay.',
      advisory: {
        id: 'CVE-2026-1001',
        aliases: ['GHSA-aaaa-bbbb-cccc'],
        fixed: '1.0.5',
        epss: null,
        exploited: null,
      },
    });
    expect(found?.finding.places[0]).toMatchObject({ path: 'package-lock.json' });
    expect(found?.finding.places[0]?.line).toBeGreaterThan(1);
    expect(run.decision.notes).toContain('dependencies: deep 1.0.5 -> 1.0.1 removes 0, brings 1');
    const files = readdirSync(run.folder.path);
    for (const name of [
      'bom.cdx.json',
      'bom.intoto.json',
      'vulnerabilities.json',
      'vulnerabilities.intoto.json',
    ])
      expect(files).toContain(name);
    const kept = (name: string) => JSON.parse(readFileSync(join(run.folder.path, name), 'utf8'));
    expect(kept('bom.intoto.json').predicate).toEqual(kept('bom.cdx.json'));
    expect(kept('bom.cdx.json').metadata.timestamp).toBe('2026-06-01T12:00:00.000Z');
    const statement = kept('vulnerabilities.intoto.json');
    expect(statement.predicateType).toBe('https://in-toto.io/attestation/vulns/v0.2');
    expect(statement.predicate.scanner.db.lastUpdate).toBe(FRESH);
    expect(statement.predicate.scanner.result.map(({ id }: { id: string }) => id)).toEqual(['CVE-2026-1001']);
  });

  it('lets pass what was there before, and tells what a change takes away', async () => {
    const repository = new TestRepository(service({ ...BAD, other: '1.0.0' }));
    repository.change(service(BAD));
    const advisories = await database();
    const same = await repository.gate({ base: 'main', advisories });
    expect(same.decision.verdict).toBe('passed');
    expect(same.decision.findings.map(({ introduced }) => introduced)).toEqual([false]);
    rmSync(join(repository.root, '.sallyport'), { recursive: true });
    repository.commit(service(GOOD), 'repair');
    const repaired = await repository.gate({ base: 'main', advisories });
    expect(repaired.decision.findings).toEqual([]);
    expect(repaired.decision.notes).toContain('dependencies: deep 1.0.1 -> 1.0.5 removes 1, brings 0');
  });

  it('says that it did not look where there is no database, and judges the lockfiles all the same', async () => {
    const repository = new TestRepository({ ...service(GOOD), 'tool/composer.json': '{}' });
    const run = await repository.gate({ advisories: join(temporaryFolder(), 'none') });
    expect(run.decision.findings.map(({ finding }) => finding.rule)).toEqual(['lockfile-missing']);
    expect(stage(run)?.runs.map(({ state }) => state)).toEqual(['findings', 'nothing-scanned']);
    expect(run.decision.notes.join('\n')).toContain('vulnerabilities were not looked for');
    expect(run.decision.verdict).toBe('passed');
  });

  it('has no verdict where its database lacks an ecosystem', async () => {
    const run = await new TestRepository(service(GOOD)).gate({ advisories: await database(['Maven']) });
    expect(run.decision.verdict).toBe('error');
    const codes = stage(run)?.runs.flatMap(({ problems }) => problems.map(({ code }) => code));
    expect(codes).toEqual(['SP-ADVISORIES-ECOSYSTEM']);
  });
});

describe('a Maven service with log4j-core three levels down', () => {
  const pom = `<project><modelVersion>4.0.0</modelVersion><groupId>com.example</groupId><artifactId>payments</artifactId><version>1.0.0</version>
<dependencies><dependency><groupId>com.example.lib</groupId><artifactId>web</artifactId><version>3.1.0</version></dependency></dependencies></project>\n`;
  const node = (artifactId: string, version: string, groupId: string, children: object[] = []) => ({
    groupId,
    artifactId,
    version,
    type: 'jar',
    scope: 'compile',
    children,
  });
  const tree = (log4j: string) =>
    JSON.stringify(
      node('payments', '1.0.0', 'com.example', [
        node('web', '3.1.0', 'com.example.lib', [
          node('starter-logging', '3.1.0', 'com.example.lib', [
            node('log4j-core', log4j, 'org.apache.logging.log4j'),
          ]),
        ]),
      ]),
    );
  const policy = `version: 1
gates: { pull-request: { stages: { dependencies: always } } }
banned:
  - id: log4shell
    package: pkg:maven/org.apache.logging.log4j/log4j-core
    versions: vers:maven/<2.17.1
    reason: Log4Shell and what came after it
    instead: Use log4j-core 2.17.1 or later.
`;

  async function gate(log4j: string): Promise<GateRun> {
    const repository = new TestRepository({ 'README.md': 'x\n', '.sallyport.yml': policy });
    repository.change({ 'pom.xml': pom });
    const file = join(temporaryFolder(), 'dependency-tree.json');
    writeFileSync(file, tree(log4j));
    const [built] = await buildOutputs([file], repository.root, testContext({ cwd: repository.root }));
    const builds = built === undefined ? [] : [{ ...built, path: 'dependency-tree.json' }];
    return await repository.gate({ base: 'main', builds, advisories: await database() });
  }

  it('2.14.1 is found, with its path, and stopped', async () => {
    const version = '2.14.1';
    const run = await gate(version);
    expect(run.decision.verdict).toBe('failed');
    const banned = failed(run).find(({ finding }) => finding.rule === 'banned-component');
    expect(banned?.finding.message).toBe(
      `log4j-core ${version} (payments > web 3.1.0 > starter-logging 3.1.0 > log4j-core ${version}) is banned (log4shell): Log4Shell and what came after it`,
    );
    expect(banned?.finding.help).toBe('Use log4j-core 2.17.1 or later. It comes with web 3.1.0.');
    const found = run.decision.findings.find(({ finding }) => finding.rule === 'vulnerable-dependency');
    expect(found?.finding.advisory?.id).toBe('GHSA-jfh8-c2jp-5v3q');
    expect(found?.finding.advisory?.aliases).toEqual(['CVE-2021-44228']);
  });

  it('2.17.1 passes', async () => {
    const run = await gate('2.17.1');
    expect(run.decision.findings.map(({ finding }) => finding.rule)).not.toContain('banned-component');
    expect(run.decision.verdict).toBe('passed');
  });

  it('is not read where it merely lies in the repository', async () => {
    const repository = new TestRepository({ 'pom.xml': pom, '.sallyport.yml': policy });
    repository.change({ 'dependency-tree.json': tree('2.17.1') });
    const context = testContext({ cwd: repository.root });
    await expect(buildOutputs(['dependency-tree.json'], repository.root, context)).rejects.toMatchObject({
      code: 'SP-EVIDENCE-TRACKED',
    });
    const run = await repository.gate({ base: 'main', advisories: await database() });
    expect(
      run.reports.find(({ bom }) => bom !== undefined)?.bom?.components.map(({ name }) => name),
    ).not.toContain('log4j-core');
  });
});
