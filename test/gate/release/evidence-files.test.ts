import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseHandedOver, readHandedOver } from '../../../src/gate/release/handed-over.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { TEST_RESULT_TYPE, VSA_TYPE } from '../../../src/model/evidence.ts';
import { temporaryFolder, testContext } from '../support.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const ZEROS = '0'.repeat(64);

async function kindOf(value: unknown): Promise<string> {
  const cwd = temporaryFolder();
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  writeFileSync(join(cwd, 'a.json'), text);
  const handed = { job: 'secrets', file: 'a.json', sha256: sha256(text) };
  try {
    const [file, ...more] = await readHandedOver([handed], testContext({ cwd }));
    expect(more).toEqual([]);
    expect(file).toMatchObject({ ...handed, bytes: Buffer.from(text) });
    if (file?.kind === 'statement') expect(file.statement).toEqual(value);
    return file?.kind ?? 'none';
  } catch (thrown) {
    if (!(thrown instanceof SallyportError)) throw thrown;
    expect(thrown.problem.place?.path ?? 'a.json').toBe('a.json');
    return thrown.code;
  }
}

const engine = { name: 'e', publisher: 'p' };
const result = (over: object = {}, predicate: object = {}) => ({
  predicateType: TEST_RESULT_TYPE,
  subject: [{ digest: { gitCommit: 'x' } }],
  predicate: {
    sallyport_report: { name: 'secrets.sarif', digest: { sha256: ZEROS } },
    sallyport_producer: { job: 'local', engines: [engine] },
    ...predicate,
  },
  ...over,
});
const producer = (over: object) =>
  result({}, { sallyport_producer: { job: 'local', engines: [engine], ...over } });

describe('evidence that a job hands over', () => {
  it('is named with its job and its digest', () => {
    const hex = 'ab'.repeat(32);
    expect(parseHandedOver([`sast_2-a=dir/a.sarif@sha256:${hex}`, `b.json@sha256:${hex}`])).toEqual([
      { job: 'sast_2-a', file: 'dir/a.sarif', sha256: hex },
      { job: null, file: 'b.json', sha256: hex },
    ]);
    // What begins as no name of a job can is part of the file's name.
    expect(parseHandedOver([`9a=b@sha256:${hex}`, `${'j'.repeat(101)}=b@sha256:${hex}`])).toEqual([
      { job: null, file: '9a=b', sha256: hex },
      { job: null, file: `${'j'.repeat(101)}=b`, sha256: hex },
    ]);
    expect(parseHandedOver([`${'j'.repeat(100)}=b@sha256:${hex}`])[0]?.job).toHaveLength(100);
  });

  it.each([
    'a.sarif',
    `a.sarif@sha256:${'a'.repeat(63)}`,
    `a.sarif@sha256:${'a'.repeat(65)}`,
    `a.sarif@sha256:${'A'.repeat(64)}`,
    `@sha256:${ZEROS}`,
    `a.sarif@sha256:${ZEROS} `,
  ])('is refused as %s', (text) => {
    expect(() => parseHandedOver([text])).toThrow(expect.objectContaining({ code: 'SP-USAGE' }));
  });

  it('is five hundred files at most', () => {
    const many = (count: number) => Array.from({ length: count }, () => `a@sha256:${ZEROS}`);
    expect(parseHandedOver(many(500))).toHaveLength(500);
    expect(() => parseHandedOver(many(501))).toThrow(/501 files/u);
  });

  it('is held against its digest', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'a.json'), '{"runs":[]}');
    const read = async (digest: string) =>
      await readHandedOver([{ job: null, file: 'a.json', sha256: digest }], testContext({ cwd }));
    expect(await read(sha256('{"runs":[]}'))).toHaveLength(1);
    await expect(read(ZEROS)).rejects.toMatchObject({ code: 'SP-EVIDENCE-DIGEST' });
  });

  it.each<[string, unknown, string]>([
    ['SARIF', { version: '2.1.0', runs: [] }, 'sarif'],
    ['CycloneDX', { bomFormat: 'CycloneDX' }, 'bom'],
    ['OpenVEX', { '@context': 'https://openvex.dev/ns/v0.2.0' }, 'vex'],
    ['a bundle', { mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json' }, 'bundle'],
    ['a test result', result(), 'statement'],
    ['a summary', { predicateType: VSA_TYPE }, 'SP-EVIDENCE-DECISION'],
    ['what says its verdict as a summary does', { verificationResult: 'PASSED' }, 'SP-EVIDENCE-DECISION'],
    ['a test result with a verdict', { ...result(), verificationResult: 'PASSED' }, 'SP-EVIDENCE-DECISION'],
    ['SARIF with a verdict', { runs: [], verdict: 'passed', gate: 'release' }, 'SP-EVIDENCE-DECISION'],
    ['a decision of ours', { verdict: 'passed', gate: 'release' }, 'SP-EVIDENCE-DECISION'],
    ['SARIF with some verdict of its own', { runs: [], verdict: 'passed' }, 'sarif'],
    ['SARIF with a gate of its own', { runs: [], gate: 'x' }, 'sarif'],
    [
      'another statement',
      { predicateType: 'https://slsa.dev/provenance/v1', runs: [] },
      'SP-EVIDENCE-FORMAT',
    ],
    ['another media type', { mediaType: 'application/vnd.oci.image.manifest.v1+json' }, 'SP-EVIDENCE-FORMAT'],
    ['a media type that is a list', { mediaType: ['sigstore.bundle'] }, 'SP-EVIDENCE-FORMAT'],
    ['runs that are none', { runs: {} }, 'SP-EVIDENCE-FORMAT'],
    ['another bill of materials', { bomFormat: 'SPDX' }, 'SP-EVIDENCE-FORMAT'],
    ['another context', { '@context': 'https://schema.org' }, 'SP-EVIDENCE-FORMAT'],
    ['a context that is a list', { '@context': ['https://openvex.dev/ns'] }, 'SP-EVIDENCE-FORMAT'],
    ['nothing', {}, 'SP-EVIDENCE-FORMAT'],
    ['a list', [{ runs: [] }], 'SP-EVIDENCE-FORMAT'],
    ['text', '"runs"', 'SP-EVIDENCE-FORMAT'],
    ['null', 'null', 'SP-EVIDENCE-FORMAT'],
    ['without a predicate', result({ predicate: undefined }), 'SP-EVIDENCE-FORMAT'],
    ['with a predicate of text', result({ predicate: 'x' }), 'SP-EVIDENCE-FORMAT'],
    ['without a report', result({}, { sallyport_report: undefined }), 'SP-EVIDENCE-FORMAT'],
    ['with a report without digests', result({}, { sallyport_report: { name: 'x' } }), 'SP-EVIDENCE-FORMAT'],
    [
      'with a report without a sha256',
      result({}, { sallyport_report: { name: 'x', digest: { sha1: 'x' } } }),
      'SP-EVIDENCE-FORMAT',
    ],
    [
      'with a report whose sha256 is a number',
      result({}, { sallyport_report: { name: 'x', digest: { sha256: 1 } } }),
      'SP-EVIDENCE-FORMAT',
    ],
    ['without a producer', result({}, { sallyport_producer: undefined }), 'SP-EVIDENCE-FORMAT'],
    ['with a producer of text', result({}, { sallyport_producer: 'local' }), 'SP-EVIDENCE-FORMAT'],
    ['without a job', producer({ job: undefined }), 'SP-EVIDENCE-FORMAT'],
    ['with a job that is a number', producer({ job: 1 }), 'SP-EVIDENCE-FORMAT'],
    ['without engines', producer({ engines: undefined }), 'SP-EVIDENCE-FORMAT'],
    ['with engines that are no list', producer({ engines: { length: 1 } }), 'SP-EVIDENCE-FORMAT'],
    ['with an engine that is text', producer({ engines: [engine, 'e'] }), 'SP-EVIDENCE-FORMAT'],
    [
      'with an engine without a name',
      producer({ engines: [engine, { publisher: 'p' }] }),
      'SP-EVIDENCE-FORMAT',
    ],
    ['with an engine without a publisher', producer({ engines: [{ name: 'e' }] }), 'SP-EVIDENCE-FORMAT'],
    ['without a subject', result({ subject: undefined }), 'SP-EVIDENCE-FORMAT'],
    ['with a subject that is no list', result({ subject: { digest: {} } }), 'SP-EVIDENCE-FORMAT'],
    ['with a subject that is text', result({ subject: [{ digest: {} }, 'x'] }), 'SP-EVIDENCE-FORMAT'],
    [
      'with a subject without digests',
      result({ subject: [{ digest: {} }, { name: 'x' }] }),
      'SP-EVIDENCE-FORMAT',
    ],
  ])('%s', async (_what, value, kind) => {
    expect(await kindOf(value)).toBe(kind);
  });
});
