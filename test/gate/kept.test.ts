import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RunFolder } from '../../src/gate/evidence.ts';
import { vulnerabilitiesOf } from '../../src/gate/vulnerabilities.ts';
import type { Bom } from '../../src/model/component.ts';
import { encodeCycloneDx } from '../../src/model/cyclonedx/write.ts';
import { TEST_RESULT_TYPE, VSA_TYPE } from '../../src/model/evidence.ts';
import type { Rule } from '../../src/model/finding.ts';
import type { ScanReport } from '../../src/model/report.ts';
import { diskFiles, type Files } from '../../src/platform/files.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { compiled, evaluation, finding, report } from '../policy/support.ts';
import { temporaryFolder, testContext } from './support.ts';

const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');
const subject = { name: 'acme/payments', digest: { gitCommit: 'a'.repeat(40) } };
const policy = compiled('version: 1\ntitle: mine\n');
const policyRef = { uri: policy.uri, digest: policy.digest, layers: policy.layers };
const rule = (id: string): Rule => ({ id, severity: 'high', summary: 's', tags: [] });

function opened(over: Parameters<typeof testContext>[0] = {}) {
  const root = temporaryFolder();
  const folder = new RunFolder(root, testContext(over));
  const text = (name: string) => readFileSync(join(folder.path, name), 'utf8');
  return {
    root,
    folder,
    text,
    json: (name: string) => JSON.parse(text(name)),
    files: () => readdirSync(folder.path).sort(),
  };
}

const bom = (name: string, serialNumber?: string): Bom => ({
  components: [
    {
      ref: name,
      type: 'library',
      name,
      licenses: [],
      hashes: [],
      scope: 'runtime',
      direct: true,
      places: [],
    },
  ],
  edges: {},
  roots: [],
  ...(serialNumber === undefined ? {} : { rest: { serialNumber } }),
});

describe('the folder of a run', () => {
  it('is a new one each time, named by when it began', () => {
    const { root, folder } = opened();
    expect(folder.id).toMatch(/^20260601T120000Z-[0-9a-f]{6}$/u);
    expect(folder.path).toBe(join(root, '.sallyport', 'runs', folder.id));
    expect(new RunFolder(root, testContext()).id).not.toBe(folder.id);
  });

  it('stays out of the repository, and leaves what is there', async () => {
    const { root, folder } = opened();
    const ignore = join(root, '.sallyport', '.gitignore');
    await folder.prepare(root);
    expect(readFileSync(ignore, 'utf8')).toBe('*\n');
    writeFileSync(ignore, 'mine\n');
    const runs = join(root, '.sallyport', 'runs');
    const old = Array.from({ length: 51 }, (_, i) => `20260101T0000${String(i).padStart(2, '0')}Z-aaaaaa`);
    for (const name of old) {
      mkdirSync(join(runs, name), { recursive: true });
      writeFileSync(join(runs, name, 'code.sarif'), '{}');
    }
    await folder.prepare(root);
    expect(readFileSync(ignore, 'utf8')).toBe('mine\n');
    expect(readdirSync(runs).sort()).toEqual(old.slice(2));
  });
});

describe('a folder for runs that is a link', () => {
  it.each(['.sallyport', '.sallyport/runs'])('is refused: %s', async (path) => {
    const { root, folder } = opened();
    const elsewhere = temporaryFolder();
    if (path.includes('/')) mkdirSync(join(root, '.sallyport'));
    symlinkSync(elsewhere, join(root, path));
    await expect(folder.prepare(root)).rejects.toMatchObject({
      code: 'SP-RUN-FOLDER',
      problem: { next: 'remove the link' },
    });
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

describe('reports that are kept', () => {
  it('are judged as they were written, stage by stage, and let go of before', async () => {
    const { folder, files, text } = opened();
    const one = report({ findings: [finding()] });
    const two = report({ stage: 'code', engine: { ...report().engine, name: 'two' } });
    const three = report({ stage: 'code', engine: { ...report().engine, name: 'three' } });
    const given = [two, one, three];
    const { reports, kept } = await folder.keepReports(given);
    expect(given).toEqual([]);
    expect(reports.map(({ stage, engine }) => `${stage} ${engine.name}`).sort()).toEqual([
      'code three',
      'code two',
      'configuration sallyport-configuration',
    ]);
    expect(files()).toEqual(['code.sarif', 'configuration.sarif']);
    expect(kept.get('code')).toEqual([
      {
        name: 'code.sarif',
        digest: { sha256: sha256(text('code.sarif')) },
        mediaType: 'application/sarif+json',
      },
    ]);
    await folder.keepReports([report()], 'base');
    expect(existsSync(join(folder.path, 'base', 'configuration.sarif'))).toBe(true);
  });

  it('that somebody wrote over meanwhile are nobody’s', async () => {
    const overwritten = (change: (text: string) => string, name = 'configuration.sarif') => {
      const write: Files['write'] = async (path, content, grown) => {
        const written = await diskFiles.write(path, content, grown);
        if (path.endsWith(name)) writeFileSync(path, change(readFileSync(path, 'utf8')));
        return written;
      };
      const reports = [report(), report({ stage: 'dependencies', bom: bom('a') })];
      return opened({ files: { ...diskFiles, write } }).folder.keepReports(reports);
    };
    for (const change of [
      () => '{"version":"2.1.0","runs":[]}',
      (text: string) => text.replace('"clean"', '"error"'),
      (text: string) => `${text} `,
    ])
      await expect(overwritten(change)).rejects.toMatchObject({
        code: 'SP-EVIDENCE-CHANGED',
        problem: { place: { path: 'configuration.sarif' } },
      });
    const another = (text: string) => text.replace('"library"', '"firmware"');
    await expect(overwritten(another, 'bom.cdx.json')).rejects.toMatchObject({
      code: 'SP-EVIDENCE-CHANGED',
      problem: { place: { path: 'bom.cdx.json' } },
    });
  });

  it('bring their bills of materials, each to its own report', async () => {
    const { folder, files, json } = opened();
    const of = (name: string, over: Partial<ScanReport>) =>
      report({ stage: 'dependencies', engine: { ...report().engine, name }, ...over });
    const document = encodeCycloneDx(bom('c'), { timestamp: '2026-06-01T12:00:00Z' });
    const { reports, kept } = await folder.keepReports([
      of('none', {}),
      of('a', { bom: bom('a') }),
      of('c', { document }),
      report({ stage: 'image', bom: bom('i') }),
    ]);
    expect(
      reports.map(({ engine, bom: own }) => [engine.name, own?.components.map(({ name }) => name)]),
    ).toEqual([
      ['none', undefined],
      ['a', ['a']],
      ['c', ['c']],
      ['sallyport-configuration', ['i']],
    ]);
    expect(document).toEqual([]);
    expect(files()).toEqual([
      'bom-2.cdx.json',
      'bom-3.cdx.json',
      'dependencies.sarif',
      'image.cdx.json',
      'image.sarif',
    ]);
    expect(kept.get('dependencies')?.map(({ name }) => name)).toEqual([
      'dependencies.sarif',
      'bom-2.cdx.json',
      'bom-3.cdx.json',
    ]);
    expect(kept.get('dependencies')?.[1]?.mediaType).toBe('application/vnd.cyclonedx+json');
    expect(json('bom-2.cdx.json').metadata.timestamp).toBe('2026-06-01T12:00:00.000Z');
    const statements = await folder.keepDependencies(subject, reports);
    expect(statements.map(({ name }) => name)).toEqual(['bom.intoto.json']);
    expect(json('bom.intoto.json')).toMatchObject({ subject: [subject], predicate: json('bom-2.cdx.json') });
  });

  it('take up a bill of materials that was kept before the others came', async () => {
    const { folder, files } = opened();
    const document = encodeCycloneDx(bom('early'), { timestamp: '2026-06-01T12:00:00Z' });
    const one = report({ stage: 'dependencies', document });
    folder.keepEarly('dependencies', 0, one);
    folder.keepEarly('dependencies', 1, report({ stage: 'dependencies' }));
    // It is written without waiting for the others, and let go of.
    for (let turn = 0; document.length > 0 && turn < 500; turn++)
      await new Promise((done) => setTimeout(done, 5));
    expect(document).toEqual([]);
    expect(files()).toEqual(['bom.cdx.json']);
    const { reports } = await folder.keepReports([one]);
    expect(reports[0]?.bom?.components.map(({ name }) => name)).toEqual(['early']);
    expect(files()).toEqual(['bom.cdx.json', 'dependencies.sarif']);
  });

  it('throw what went wrong with one that was kept early', async () => {
    const { folder } = opened();
    const document = [Buffer.from('no bill of materials')] as never;
    folder.keepEarly('dependencies', 0, report({ stage: 'dependencies', document }));
    await expect(folder.keepReports([report({ stage: 'dependencies', document })])).rejects.toThrow();
  });

  it('know what an earlier writer numbered', async () => {
    const serial = 'urn:uuid:11111111-1111-4111-8111-111111111111';
    const { folder } = opened();
    const { reports } = await folder.keepReports([
      report({ stage: 'dependencies', bom: bom('a', serial) }),
      report({ stage: 'dependencies', bom: bom('b') }),
    ]);
    expect(reports.map((one) => one.bom?.rest?.serialNumber)).toEqual([serial, undefined]);
  });
});

describe('the statement of a stage', () => {
  const stated = async (...reports: ScanReport[]) => {
    const { folder, text, json } = opened();
    const { reports: read, kept } = await folder.keepReports(reports);
    const evidence = await folder.keepStatements(subject, read, kept, policyRef, 'job');
    return { evidence, text, json };
  };
  const predicateOf = async (...reports: ScanReport[]) =>
    (await stated(...reports)).evidence[0]?.statement.predicate;

  it('names its report, who made it, by which policy, and what was found', async () => {
    const found = finding({ rule: 'two' });
    const rules = ['three', 'two', 'one'].map(rule);
    const { evidence, text, json } = await stated(
      report({ rules, findings: [found] }),
      report({ stage: 'code' }),
    );
    expect(evidence.map(({ stage }) => stage).sort()).toEqual(['code', 'configuration']);
    const own = evidence.find(({ stage }) => stage === 'configuration');
    expect(own?.sha256).toBe(sha256(text('configuration.intoto.json')));
    expect(json('configuration.intoto.json')).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [subject],
      predicateType: TEST_RESULT_TYPE,
      predicate: {
        result: 'FAILED',
        configuration: policy.layers.map(({ name, uri, digest }) => ({ name, uri, digest })),
        passedTests: ['one', 'three'],
        warnedTests: [],
        failedTests: ['two'],
        sallyport_report: {
          name: 'configuration.sarif',
          digest: { sha256: sha256(text('configuration.sarif')) },
          mediaType: 'application/sarif+json',
        },
        sallyport_producer: {
          kind: 'in-process',
          job: 'job',
          engines: [expect.objectContaining(report().engine)],
        },
      },
    });
  });

  it('says passed where engines looked and found nothing, and no more than they know', async () => {
    const engine = { ...report().engine, name: 'other' };
    const problems = [{ code: 'SP-X', message: 'm' }];
    expect((await predicateOf(report()))?.result).toBe('PASSED');
    expect((await predicateOf(report(), report({ engine, state: 'nothing-scanned' })))?.result).toBe(
      'PASSED',
    );
    expect((await predicateOf(report({ state: 'nothing-scanned' })))?.result).toBe('WARNED');
    expect((await predicateOf(report(), report({ engine, state: 'error', problems })))?.result).toBe(
      'FAILED',
    );
    expect((await predicateOf(report(), report({ engine, findings: [finding()] })))?.result).toBe('FAILED');
  });

  it('of what was handed in is nobody’s word', async () => {
    const engine = { ...report().engine, name: 'theirs', how: 'handed-in' as const };
    expect((await predicateOf(report(), report({ engine })))?.sallyport_producer.kind).toBe('unsigned');
  });
});

describe('the decision that is kept', () => {
  const decided = async (over: object) => {
    const { folder, json, files } = opened();
    const decision = { ...evaluate(evaluation({ policy })), verdict: 'passed' as const, ...over };
    const evidence = [{ stage: 'code', statement: {}, sha256: 'e' }] as never;
    await folder.keepDecision(decision, evidence, [{ name: 'bom.intoto.json', sha256: 'b' }]);
    return existsSync(folder.path) && files().length > 0 ? json('decision.intoto.json') : null;
  };

  it('is a summary that names what it rests on', async () => {
    expect(await decided({})).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'acme/payments' }],
      predicateType: VSA_TYPE,
      predicate: {
        verifier: {
          id: expect.stringMatching(/\/verifiers\/pull-request$/u),
          version: { sallyport: expect.any(String) },
        },
        timeVerified: '2026-06-01T12:00:00.000Z',
        resourceUri: 'acme/payments',
        policy: { uri: policy.uri, digest: policy.digest },
        inputAttestations: [
          { uri: 'code.intoto.json', digest: { sha256: 'e' } },
          { uri: 'bom.intoto.json', digest: { sha256: 'b' } },
        ],
        verificationResult: 'PASSED',
        verifiedLevels: ['SALLYPORT_PULL_REQUEST'],
        slsaVersion: '1.2',
      },
    });
  });

  it('gives a level only where it passed, and none where there is no verdict', async () => {
    const of = async (over: object) => (await decided(over))?.predicate;
    expect(await of({ verdict: 'failed' })).toMatchObject({
      verificationResult: 'FAILED',
      verifiedLevels: ['FAILED'],
    });
    expect(await of({ local: true })).toMatchObject({ verifiedLevels: ['SALLYPORT_LOCAL'] });
    expect(await of({ subject: { ...subject, uri: 'oci:x' } })).toMatchObject({ resourceUri: 'oci:x' });
    expect(await decided({ verdict: 'error' })).toBe(null);
  });
});

describe('the vulnerabilities of a run', () => {
  const data = { source: 'index:abc', updated: '2026-05-30T00:00:00Z' } as NonNullable<
    ScanReport['engine']['data']
  >;
  const looked = (over: Partial<ScanReport> = {}, engine: object = {}) =>
    report({ stage: 'dependencies', engine: { ...report().engine, data, ...engine }, ...over });
  const found = (over: object) =>
    finding({
      component: 'pkg:npm/a@1',
      fingerprint: 'f',
      severity: 'high',
      score: null,
      advisory: {
        id: 'CVE-1',
        aliases: ['GHSA-1'],
        fixed: '2',
        vectors: ['CVSS:3.1/AV:N', 'CVSS:4.0/AV:N', 'AV:N/AC:L'],
      } as never,
      ...over,
    });

  it('are those of our lookup, with its data and its times', () => {
    const findings = [found({}), found({ score: 9.8, component: undefined }), finding()];
    expect(vulnerabilitiesOf([report(), looked({ findings })])).toMatchObject({
      scanner: {
        version: '1.0.0',
        db: { uri: 'https://osv.dev', version: 'index:abc', lastUpdate: '2026-05-30T00:00:00Z' },
        result: [
          {
            id: 'CVE-1',
            severity: [
              { method: 'CVSS_V3', score: 'CVSS:3.1/AV:N' },
              { method: 'CVSS_V4', score: 'CVSS:4.0/AV:N' },
              { method: 'CVSS_V2', score: 'AV:N/AC:L' },
              { method: 'sallyport', score: 'high' },
            ],
            annotations: [{ component: 'pkg:npm/a@1', aliases: ['GHSA-1'], fixed: '2', fingerprint: 'f' }],
          },
          {
            severity: [{}, {}, {}, { method: 'sallyport', score: '9.8' }],
            annotations: [{ component: null }],
          },
        ],
      },
      metadata: { scanStartedOn: '2026-01-01T00:00:00.000Z', scanFinishedOn: '2026-01-01T00:00:01.000Z' },
    });
  });

  it('are none without a lookup of ours that had data', () => {
    expect(vulnerabilitiesOf([])).toBe(null);
    expect(vulnerabilitiesOf([report({ stage: 'dependencies' })])).toBe(null);
    expect(vulnerabilitiesOf([looked({ stage: 'image' })])).toBe(null);
    expect(vulnerabilitiesOf([looked({}, { how: 'process' })])).toBe(null);
    expect(vulnerabilitiesOf([looked()])?.scanner.result).toEqual([]);
  });

  it('are written beside the statement about them', async () => {
    const { folder, json, files } = opened();
    const kept = await folder.keepDependencies(subject, [looked({ findings: [found({})] })]);
    expect(kept.map(({ name }) => name)).toEqual(['vulnerabilities.intoto.json']);
    expect(files()).toEqual(['vulnerabilities.intoto.json', 'vulnerabilities.json']);
    expect(json('vulnerabilities.intoto.json')).toMatchObject({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [subject],
      predicateType: 'https://in-toto.io/attestation/vulns/v0.2',
      predicate: json('vulnerabilities.json'),
    });
    await expect(
      folder.keepDependencies(subject, [report({ stage: 'dependencies', bom: bom('x') })]),
    ).rejects.toThrow();
    expect(await folder.keepDependencies(subject, [report({ stage: 'image', bom: bom('x') })])).toEqual([]);
  });
});
