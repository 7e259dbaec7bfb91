import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Assembled, assemble, type Binding } from '../../../src/gate/release/assemble.ts';
import type { EvidenceFile } from '../../../src/gate/release/handed-over.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { STATEMENT_TYPE, TEST_RESULT_TYPE } from '../../../src/model/evidence.ts';
import type { EngineInfo, ScanReport } from '../../../src/model/report.ts';
import { writeSarif } from '../../../src/model/sarif/write.ts';
import { type Stage, stages } from '../../../src/model/stage.ts';
import { finding, report } from '../../policy/support.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const PREFIX = 'https://github.com/acme/payments/actions/runs/42/attempts/';
const SOURCE = { gitCommit: 'a'.repeat(40), gitTree: 'b'.repeat(40) };
const run: Binding = { root: '/', source: SOURCE, run: { prefix: PREFIX, attempt: 3 } };
const laptop: Binding = { ...run, run: null };
const own = (stage: string): EngineInfo => ({
  name: `sallyport-${stage}`,
  version: '1',
  publisher: 'sallyport',
  how: 'in-process',
});
const foreign: EngineInfo = { name: 'semgrep', version: '1', publisher: 'semgrep', how: 'process' };

interface Made {
  job?: string | null;
  says?: string;
  name?: string;
  report?: Partial<ScanReport>;
  engines?: EngineInfo[];
  subjects?: Record<string, string>[];
  reportJob?: string | null;
}

/** The report of a stage and the statement about it. */
function piece(stage: Stage, made: Made = {}): [EvidenceFile, EvidenceFile] {
  const { job = stage, says = `${PREFIX}1#${job}`, engines = [made.report?.engine ?? own(stage)] } = made;
  const sarif = [...writeSarif([report({ stage, engine: own(stage), ...made.report })])].join('');
  const digest = sha256(sarif);
  const statement = {
    _type: STATEMENT_TYPE,
    subject: (made.subjects ?? [SOURCE]).map((one) => ({ name: 'x', digest: one })),
    predicateType: TEST_RESULT_TYPE,
    predicate: {
      result: 'PASSED',
      configuration: [],
      passedTests: [],
      warnedTests: [],
      failedTests: [],
      sallyport_report: { name: made.name ?? `${stage}.sarif`, digest: { sha256: digest } },
      sallyport_producer: { kind: 'in-process', job: says, engines },
    },
  };
  const text = JSON.stringify(statement);
  return [
    {
      kind: 'sarif',
      job: made.reportJob === undefined ? job : made.reportJob,
      file: `${stage}.sarif`,
      sha256: digest,
      bytes: Buffer.from(sarif),
    },
    {
      kind: 'statement',
      job,
      file: `${stage}.intoto.json`,
      sha256: sha256(text),
      bytes: Buffer.from(text),
      statement: statement as never,
    },
  ];
}

function file(kind: 'bom' | 'vex' | 'bundle', value: unknown, job: string | null = 'build'): EvidenceFile {
  const text = JSON.stringify(value);
  return { kind, job, file: `${kind}.json`, sha256: sha256(text), bytes: Buffer.from(text) };
}

function outcomeOf(files: EvidenceFile[], binding = run): string {
  try {
    assemble(files, binding);
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
  return 'taken';
}

const presenceOf = ({ presence }: Assembled, stage: Stage) => presence.get(stage);

describe('the pieces that a release rests on', () => {
  it('are reports, each with the statement of the job that handed both over', () => {
    const [sarif, statement] = piece('secrets', { report: { findings: [finding({ stage: 'secrets' })] } });
    for (const files of [
      [sarif, statement],
      [statement, sarif],
    ]) {
      // What a report held is given back once it is read.
      const again = { ...sarif, bytes: Buffer.from(sarif.bytes) };
      const assembled = assemble(
        files.map((one) => (one === sarif ? again : one)),
        run,
      );
      expect(assembled.statements).toMatchObject([
        { stage: 'secrets', producer: 'same-run', sha256: statement.sha256 },
      ]);
      expect(assembled.reports.map(({ stage, findings }) => [stage, findings.length])).toEqual([
        ['secrets', 1],
      ]);
    }
    const local = assemble(piece('code', { job: null, says: 'local' }), laptop);
    expect(local.statements).toMatchObject([{ stage: 'code', producer: 'local' }]);
  });

  it('are bills of materials and VEX as they were handed over', () => {
    const bom = { bomFormat: 'CycloneDX', specVersion: '1.5', components: [{ type: 'library', name: 'a' }] };
    const vex = { '@context': 'https://openvex.dev/ns/v0.2.0' };
    const files = [file('bom', bom), file('vex', vex), file('bundle', {}, null)];
    const { boms, vex: said, reports, statements } = assemble(files, run);
    expect(boms).toMatchObject([{ file: 'bom.json', sha256: files[0]?.sha256, document: bom }]);
    expect(boms[0]?.bom.components.map(({ name }) => name)).toEqual(['a']);
    expect(said).toEqual([{ file: 'vex.json', sha256: files[1]?.sha256, document: vex }]);
    expect([reports, statements]).toEqual([[], []]);
  });

  it('are each somebody’s in a workflow, but for what carries its own signature', () => {
    expect(outcomeOf([file('bundle', {}, null)])).toBe('taken');
    expect(outcomeOf([file('vex', {}, null)])).toBe('SP-EVIDENCE-UNSIGNED');
    expect(outcomeOf([file('vex', {}, null)], laptop)).toBe('taken');
    expect(outcomeOf(piece('secrets', { job: null, says: `${PREFIX}1#x` }))).toBe('SP-EVIDENCE-UNSIGNED');
  });

  it('are complete: no report without a statement, no statement without a report', () => {
    const [sarif, statement] = piece('secrets');
    expect(outcomeOf([sarif])).toBe('SP-EVIDENCE-UNSIGNED');
    expect(outcomeOf([statement])).toBe('SP-EVIDENCE-MISSING');
    expect(outcomeOf([statement, ...piece('code')])).toBe('SP-EVIDENCE-MISSING');
    expect(outcomeOf([sarif, ...piece('code')])).toBe('SP-EVIDENCE-UNSIGNED');
  });

  it.each<[string, Made, string]>([
    ['this attempt', { says: `${PREFIX}3#secrets` }, 'taken'],
    ['an earlier attempt', { says: `${PREFIX}1#secrets` }, 'taken'],
    ['a later attempt', { says: `${PREFIX}4#secrets` }, 'SP-EVIDENCE-RUN'],
    ['no attempt', { says: `${PREFIX}0#secrets` }, 'SP-EVIDENCE-RUN'],
    ['an attempt of seven digits', { says: `${PREFIX}0000001#secrets` }, 'SP-EVIDENCE-RUN'],
    ['an attempt that is no number', { says: `${PREFIX}x1#secrets` }, 'SP-EVIDENCE-RUN'],
    ['no job', { says: `${PREFIX}1#` }, 'SP-EVIDENCE-RUN'],
    ['another job', { says: `${PREFIX}1#code` }, 'SP-EVIDENCE-RUN'],
    ['another run', { says: `${PREFIX.replace('42', '43')}1#secrets` }, 'SP-EVIDENCE-RUN'],
    ['a run in the name of this', { says: `x${PREFIX}1#secrets` }, 'SP-EVIDENCE-RUN'],
    ['a laptop', { says: 'local' }, 'SP-EVIDENCE-RUN'],
    ['a job that did not hand the report over', { reportJob: 'code' }, 'SP-EVIDENCE-RUN'],
  ])('are of this run, as far as they say: %s', (_who, made, outcome) => {
    expect(outcomeOf(piece('secrets', made))).toBe(outcome);
  });

  it('are of this run in its tenth attempt too', () => {
    const tenth = { ...run, run: { prefix: PREFIX, attempt: 10 } };
    expect(outcomeOf(piece('secrets', { says: `${PREFIX}10#secrets` }), tenth)).toBe('taken');
    expect(outcomeOf(piece('secrets', { says: `${PREFIX}11#secrets` }), tenth)).toBe('SP-EVIDENCE-RUN');
  });

  it('are of a laptop where this is one', () => {
    expect(outcomeOf(piece('secrets', { job: null, says: 'local' }), laptop)).toBe('taken');
    expect(outcomeOf(piece('secrets', { job: null }), laptop)).toBe('SP-EVIDENCE-RUN');
  });

  it.each<[string, Record<string, string>[], string]>([
    ['the commit and its tree', [SOURCE], 'taken'],
    ['the commit alone', [{ gitCommit: SOURCE.gitCommit }], 'taken'],
    ['the tree alone', [{ gitTree: SOURCE.gitTree }], 'taken'],
    ['one of several', [{ gitCommit: 'f'.repeat(40) }, SOURCE], 'taken'],
    ['another commit with the same tree', [{ ...SOURCE, gitCommit: 'f'.repeat(40) }], 'SP-EVIDENCE-SUBJECT'],
    ['the same commit with another tree', [{ ...SOURCE, gitTree: 'f'.repeat(40) }], 'SP-EVIDENCE-SUBJECT'],
    ['a digest of another kind', [{ sha256: 'a'.repeat(64) }], 'SP-EVIDENCE-SUBJECT'],
    ['no digest', [{}], 'SP-EVIDENCE-SUBJECT'],
    ['nothing', [], 'SP-EVIDENCE-SUBJECT'],
  ])('are about the source that is released: %s', (_what, subjects, outcome) => {
    expect(outcomeOf(piece('secrets', { subjects }))).toBe(outcome);
  });

  it('name a stage that there is, by its whole name', () => {
    for (const name of ['secret.sarif', 'secrets.sarif.json', 'x/secrets.sarif', 'secrets'])
      expect(outcomeOf(piece('secrets', { name }))).toBe('SP-EVIDENCE-FORMAT');
    // A report that says another stage is refused where it is read.
    expect(outcomeOf(piece('secrets', { name: 'code.sarif' }))).toBe('SP-SARIF-SHAPE');
  });

  it('are about no other revision', () => {
    const about = (revision: string) => {
      const [sarif, statement] = piece('code', { report: { engine: foreign } });
      const text = sarif.bytes
        .toString('utf8')
        .replace(
          '"results"',
          `"versionControlProvenance":[{"repositoryUri":"x","revisionId":"${revision}"}],"results"`,
        );
      const digest = sha256(text);
      if (statement.kind !== 'statement') throw new Error('no statement');
      statement.statement.predicate.sallyport_report.digest = { sha256: digest };
      return [{ ...sarif, sha256: digest, bytes: Buffer.from(text) } as EvidenceFile, statement];
    };
    expect(outcomeOf(about(SOURCE.gitCommit))).toBe('taken');
    expect(outcomeOf(about('f'.repeat(40)))).toBe('SP-SARIF-REVISION');
    const folder = { ...run, source: { gitTree: SOURCE.gitTree } };
    expect(outcomeOf(about(SOURCE.gitCommit), folder)).toBe('SP-SARIF-REVISION');
  });

  it('of an engine of somebody else count from a job of its own alone', () => {
    const theirs = (made: Made = {}) => piece('code', { report: { engine: foreign }, ...made });
    expect(outcomeOf(theirs())).toBe('taken');
    expect(outcomeOf([...piece('secrets'), ...theirs()])).toBe('taken');
    expect(outcomeOf([...piece('secrets', { job: 'x' }), ...theirs({ job: 'x' })])).toBe('SP-EVIDENCE-JOB');
    // Another attempt of that job is another machine.
    const later = theirs({ job: 'x', says: `${PREFIX}2#x` });
    expect(outcomeOf([...piece('secrets', { job: 'x' }), ...later])).toBe('taken');
    expect(outcomeOf([...piece('secrets', { job: 'x' }), ...piece('code', { job: 'x' })])).toBe('taken');
    expect(outcomeOf(theirs({ engines: [foreign, own('code')] }))).toBe('SP-EVIDENCE-JOB');
    expect(outcomeOf(theirs({ engines: [foreign, { ...foreign, publisher: 'other' }] }))).toBe(
      'SP-EVIDENCE-JOB',
    );
    const local = (stage: Stage, made: Made = {}) => piece(stage, { job: null, says: 'local', ...made });
    expect(outcomeOf([...local('secrets'), ...local('code', { report: { engine: foreign } })], laptop)).toBe(
      'taken',
    );
  });

  it('say whether there is anything of a stage’s kind', () => {
    const nothing: Partial<ScanReport> = { state: 'nothing-scanned' };
    const partly = { ...report().looked, complete: false };
    const of = (...files: EvidenceFile[]) => assemble(files, run);
    expect(presenceOf(of(...piece('code')), 'code')).toEqual({ present: true, complete: true });
    expect(presenceOf(of(...piece('code')), 'secrets')).toEqual({ present: true, complete: false });
    expect([...of().presence.keys()]).toEqual([...stages]);
    expect(presenceOf(of(...piece('code', { report: nothing })), 'code')).toEqual({
      present: false,
      complete: true,
    });
    const cut = piece('code', { report: { ...nothing, looked: partly } });
    expect(presenceOf(of(...cut), 'code')).toEqual({ present: false, complete: false });
    const [whole, partial] = [
      piece('code', { report: nothing, job: 'a' }),
      piece('code', { report: { ...nothing, looked: partly }, job: 'b' }),
    ];
    expect(presenceOf(of(...whole, ...partial), 'code')).toEqual({ present: false, complete: false });
    // Somebody else’s engine that saw nothing tells nothing.
    const theirs = piece('code', { report: { ...nothing, engine: foreign } });
    expect(presenceOf(of(...theirs), 'code')).toEqual({ present: true, complete: false });
    const [one, two] = [piece('code', { report: nothing, job: 'a' }), piece('code', { job: 'b' })];
    expect(presenceOf(of(...one, ...two), 'code')).toEqual({ present: true, complete: true });
  });
});
