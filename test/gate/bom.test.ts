import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBom } from '../../src/gate/bom.ts';
import { database } from '../scan/dependencies/support.ts';
import { temporaryFolder, testContext } from './support.ts';

const component = (name: string, version: string) => {
  const purl = `pkg:maven/org.apache.logging.log4j/${name}@${version}`;
  return { type: 'library', 'bom-ref': purl, group: 'org.apache.logging.log4j', name, version, purl };
};
/** A service inside of an assembly, with log4j-core two steps below it. */
const document = (version: string) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  metadata: {
    component: {
      type: 'application',
      name: 'shop',
      'bom-ref': 'top',
      components: [{ type: 'application', name: 'payments', 'bom-ref': 'service', licenses: [] }],
    },
  },
  components: [component('log4j-api', version), component('log4j-core', version)],
  dependencies: [
    { ref: 'top', dependsOn: ['service'] },
    { ref: 'service', dependsOn: [component('log4j-api', version)['bom-ref']] },
    {
      ref: component('log4j-api', version)['bom-ref'],
      dependsOn: [component('log4j-core', version)['bom-ref']],
    },
  ],
});
const POLICY = `version: 1
extends: [baseline]
banned:
  - id: log4shell
    package: pkg:maven/org.apache.logging.log4j/log4j-core
    versions: vers:maven/<2.17.1
    reason: Log4Shell
`;

async function judge(value: unknown, advisories: string, policy = POLICY) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'bom.json'), typeof value === 'string' ? value : JSON.stringify(value));
  writeFileSync(join(folder, '.sallyport.yml'), policy);
  return await runBom({ file: 'bom.json', advisories }, testContext({ cwd: folder }));
}

describe('a bill of materials by itself', () => {
  it('is stopped for what is banned and what is vulnerable, each with its way', async () => {
    const { decision, folder } = await judge(document('2.14.1'), await database());
    expect(decision.verdict).toBe('failed');
    expect(decision.findings.map(({ finding, outcome }) => [finding.rule, outcome])).toEqual([
      ['vulnerable-dependency', 'failed'],
      ['banned-component', 'failed'],
    ]);
    for (const { finding } of decision.findings)
      expect(finding.message).toContain('(payments > log4j-api 2.14.1 > log4j-core 2.14.1)');
    expect(decision.subject.digest).toHaveProperty('sha256');
    expect(existsSync(join(folder.path, 'vulnerabilities.intoto.json'))).toBe(true);
  });

  it('passes in a version that is mended', async () => {
    expect((await judge(document('2.17.1'), await database())).decision.verdict).toBe('passed');
  });

  it('says that vulnerabilities were not looked for without a database; strict gives no verdict', async () => {
    const { decision } = await judge(document('2.17.1'), '/nowhere');
    expect(decision.notes.join('\n')).toContain('vulnerabilities were not looked for');
    const strict = await judge(document('2.17.1'), '/nowhere', 'version: 1\nextends: [strict]\n');
    expect(strict.decision.verdict).toBe('error');
  });

  it.each([
    ['no bill of materials', '{"a":1}', 'SP-SBOM-FORM'],
    ['half of one', '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[', 'SP-JSON-SYNTAX'],
  ])('refuses %s', async (_name, text, code) => {
    await expect(judge(text, '/nowhere')).rejects.toMatchObject({ code });
  });
});
