import { createHash } from 'node:crypto';
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

async function judge(value: unknown, advisories: string, policy: string | null = POLICY, env = {}) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'bom.json'), typeof value === 'string' ? value : JSON.stringify(value));
  if (policy !== null) writeFileSync(join(folder, '.sallyport.yml'), policy);
  const context = testContext({ cwd: folder });
  return await runBom({ file: 'bom.json', advisories }, { ...context, env: { ...context.env, ...env } });
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
    const digest = createHash('sha256')
      .update(JSON.stringify(document('2.14.1')))
      .digest('hex');
    expect(decision.subject).toEqual({ name: 'bom.json', digest: { sha256: digest } });
    expect(decision.notes).toEqual(['bom.json: CycloneDX 1.5 JSON, 4 components']);
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

  it('is a laptop’s word on a laptop alone, and says which policy stood in', async () => {
    const of = async (env: object) => (await judge(document('2.17.1'), await database(), null, env)).decision;
    expect((await of({})).local).toBe(true);
    const { local, notes } = await of({ CI: 'true' });
    expect(local).toBe(false);
    expect(notes).toContain('there is no policy file: the baseline pack applies');
  });

  it.each([
    ['no bill of materials', '{"a":1}', 'SP-SBOM-FORM'],
    ['half of one', '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[', 'SP-JSON-SYNTAX'],
  ])('refuses %s', async (_name, text, code) => {
    await expect(judge(text, '/nowhere')).rejects.toMatchObject({ code });
  });
});
