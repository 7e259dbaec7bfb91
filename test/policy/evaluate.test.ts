import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { ScanReport } from '../../src/model/report.ts';
import { stages } from '../../src/model/stage.ts';
import { type EvaluationInput, evaluate } from '../../src/policy/evaluate.ts';
import { compiled, evaluation, finding, pack, report } from './support.ts';

const baseline = () => compiled(pack('baseline'));
const judge = (over: Partial<EvaluationInput>) => evaluate(evaluation({ policy: baseline(), ...over }));
const base = { revision: 'b'.repeat(40), mergeBase: 'c'.repeat(40) };

describe('a stage', () => {
  const nothing = report({ state: 'nothing-scanned', looked: { ...report().looked, files: 0 } });
  const failed = report({ state: 'error', problems: [{ code: 'SP-X', message: 'it broke' }] });
  const always = 'version: 1\ngates: { pull-request: { stages: { configuration: always } } }\n';
  const there = new Map(
    stages.map((stage) => [stage, { present: stage === 'configuration', complete: true }]),
  );
  const unknown = new Map([['configuration' as const, { present: false, complete: false }]]);

  it.each<[string, string, Partial<EvaluationInput>, string, string]>([
    ['always, clean', always, { reports: [report()] }, 'passed', 'clean'],
    ['always, nothing scanned', always, { reports: [nothing] }, 'failed', 'nothing-scanned'],
    ['always, no report', always, { reports: [] }, 'error', 'missing'],
    ['always, an error', always, { reports: [failed] }, 'error', 'error'],
    ['always, clean and an error', always, { reports: [report(), failed] }, 'error', 'error'],
    ['always, clean and nothing', always, { reports: [report(), nothing] }, 'passed', 'clean'],
    ['when present, clean', pack('baseline'), { reports: [report()] }, 'passed', 'clean'],
    ['when present, nothing there', pack('baseline'), { reports: [nothing] }, 'passed', 'nothing-scanned'],
    ['when present, no report and nothing there', pack('baseline'), { reports: [] }, 'passed', 'missing'],
    [
      'when present, there and nothing scanned',
      pack('baseline'),
      { reports: [nothing], presence: there },
      'failed',
      'nothing-scanned',
    ],
    [
      'when present, there and no report',
      pack('baseline'),
      { reports: [], presence: there },
      'error',
      'missing',
    ],
    [
      'when present, an incomplete look',
      pack('baseline'),
      { reports: [nothing], presence: unknown },
      'error',
      'nothing-scanned',
    ],
    [
      'when present, nobody looked',
      pack('baseline'),
      { reports: [], presence: new Map() },
      'error',
      'missing',
    ],
    ['when present, an error', pack('baseline'), { reports: [failed] }, 'error', 'error'],
    ['not asked for, an error', 'version: 1\n', { reports: [failed] }, 'error', 'error'],
    ['not asked for, nothing scanned', 'version: 1\n', { reports: [nothing] }, 'passed', 'nothing-scanned'],
  ])('%s', (_name, policy, over, verdict, state) => {
    const decision = evaluate(evaluation({ policy: compiled(policy), ...over }));
    expect(decision.verdict).toBe(verdict);
    const stage = decision.stages.find((one) => one.stage === 'configuration');
    expect(stage?.state).toBe(state);
    expect(stage?.reason).not.toBe('');
  });

  it('needs every engine that the policy names', () => {
    const policy = compiled(always, 'version: 1\nstages: { configuration: { engines: [hadolint] } }\n');
    const other = report({ engine: { ...report().engine, name: 'hadolint' } });
    expect(evaluate(evaluation({ policy, reports: [report()] })).verdict).toBe('error');
    expect(evaluate(evaluation({ policy, reports: [report(), other] })).verdict).toBe('passed');
  });

  it.each([
    ['fresh data', '2026-05-31T00:00:00Z', 'passed'],
    ['old data', '2026-05-20T00:00:00Z', 'error'],
    ['data of an unknown day', 'yesterday', 'error'],
  ])('with %s', (_name, updated, verdict) => {
    const policy = compiled(always, 'version: 1\nstages: { configuration: { maxDataAge: 7d } }\n');
    const engine = { ...report().engine, data: { source: 'x', updated } };
    expect(evaluate(evaluation({ policy, reports: [report({ engine })] })).verdict).toBe(verdict);
  });

  it('does not take data of unknown age from an engine that is not ours', () => {
    const policy = compiled(always, 'version: 1\nstages: { configuration: { maxDataAge: 7d } }\n');
    const engine = { ...report().engine, how: 'handed-in' as const };
    expect(evaluate(evaluation({ policy, reports: [report({ engine })] })).verdict).toBe('error');
  });
});

describe('a finding', () => {
  it.each<[string, Finding['severity'], boolean, string, string]>([
    ['new and high', 'high', true, 'failed', 'failed'],
    ['new and medium', 'medium', true, 'passed', 'warned'],
    ['new and low', 'low', true, 'passed', 'passed'],
    ['old and high', 'high', false, 'passed', 'warned'],
    ['old and medium', 'medium', false, 'passed', 'passed'],
  ])('%s', (_name, severity, isNew, verdict, outcome) => {
    const found = finding({ severity });
    const decision = judge({
      base,
      reports: [report({ findings: [found] })],
      baseReports: [report({ findings: isNew ? [] : [found] })],
    });
    expect(decision.verdict).toBe(verdict);
    expect(decision.findings[0]).toMatchObject({ outcome, introduced: isNew });
  });

  it('counts where there is no base', () => {
    const decision = judge({ reports: [report({ findings: [finding()] })] });
    expect(decision.findings[0]).toMatchObject({ outcome: 'failed', introduced: null });
  });

  it('counts where the engine could not be run at the base', () => {
    const found = finding();
    const decision = judge({
      base,
      reports: [report({ findings: [found] })],
      baseReports: [report({ state: 'error' })],
    });
    expect(decision.findings[0]).toMatchObject({ outcome: 'failed', introduced: null });
  });

  it('is compared as a multiset: a third of two equal ones is new', () => {
    const equal = (n: number) => finding({ fingerprint: `${'a'.repeat(32)}:${n}` });
    const decision = judge({
      base,
      reports: [report({ findings: [equal(0), equal(1), equal(2)] })],
      baseReports: [report({ findings: [equal(0), equal(1)] })],
    });
    expect(decision.findings.filter((f) => f.introduced)).toHaveLength(1);
    expect(decision.verdict).toBe('failed');
  });

  it('is not made an old one by a report that is handed in under the name of an engine of ours', () => {
    const found = finding({ suppressions: [{ kind: 'inSource', justification: 'it is fine' }] });
    const { engine } = report();
    const decision = judge({
      base,
      reports: [report({ findings: [found] })],
      baseReports: [report(), report({ engine: { ...engine, how: 'handed-in' }, findings: [found] })],
    });
    expect(decision.findings[0]).toMatchObject({ outcome: 'failed', introduced: true });
  });

  it.each([
    ['the finding', ['CWE-798'], []],
    ['its rule', [], ['security', 'CWE-798']],
    ['semgrep', [], ['CWE-798: Use of Hard-coded Credentials']],
    ['CodeQL', [], ['external/cwe/cwe-0798']],
    [
      'somebody behind a thousand others',
      [],
      [...Array.from({ length: 1000 }, (_, i) => `t${i}`), 'CWE-798'],
    ],
  ])('is known by the weakness that %s names', (_name, tags, ofRule) => {
    const rules = [{ id: 'DL3007', summary: 's', severity: 'low' as const, tags: ofRule }];
    const decision = evaluate(
      evaluation({
        policy: compiled(pack('baseline'), pack('strict'), pack('pci-dss-4')),
        reports: [report({ rules, findings: [finding({ severity: 'info', tags })] })],
      }),
    );
    expect(decision.findings[0]?.violations.map(({ rule }) => rule)).toEqual(['no-authentication-data']);
  });

  it('together with an engine error is no verdict', () => {
    const broken = report({
      stage: 'code',
      state: 'error',
      problems: [{ code: 'SP-X', message: 'it broke' }],
    });
    const decision = judge({ reports: [report({ findings: [finding()] }), broken] });
    expect(decision.verdict).toBe('error');
    expect(decision.findings[0]?.outcome).toBe('failed');
  });
});

describe('a suppression', () => {
  const suppressed = (): Finding =>
    finding({ suppressions: [{ kind: 'inSource', justification: 'a test image' }] });

  it('that the change brings does not count', () => {
    const found = suppressed();
    const decision = judge({ base, reports: [report({ findings: [found] })], baseReports: [report()] });
    expect(decision.findings[0]).toMatchObject({ outcome: 'failed', refusedSuppression: 'a test image' });
  });

  it('that the change adds to a finding that was there does not count either', () => {
    const found = suppressed();
    const decision = judge({
      base,
      reports: [report({ findings: [found] })],
      baseReports: [report({ findings: [{ ...found, suppressions: [] }] })],
    });
    expect(decision.findings[0]).toMatchObject({
      outcome: 'warned',
      introduced: false,
      refusedSuppression: 'a test image',
    });
  });

  it('that the base has counts', () => {
    const found = suppressed();
    const decision = judge({
      base,
      reports: [report({ findings: [found] })],
      baseReports: [report({ findings: [found] })],
    });
    expect(decision.findings[0]).toMatchObject({ outcome: 'suppressed', suppressedBy: 'a test image' });
  });

  it('covers no second finding like the one at the base', () => {
    const [one, two] = [suppressed(), suppressed()].map((f, i) => ({
      ...f,
      fingerprint: `${'d'.repeat(32)}:${i}`,
    })) as [Finding, Finding];
    const decision = judge({
      base,
      reports: [report({ findings: [one, two] })],
      baseReports: [report({ findings: [one] })],
    });
    expect(decision.findings.map((f) => f.outcome).sort()).toEqual(['failed', 'suppressed']);
  });

  it('of the tree itself counts where there is no change to judge', () => {
    expect(judge({ reports: [report({ findings: [suppressed()] })] }).findings[0]?.outcome).toBe(
      'suppressed',
    );
  });
});

describe('a waiver', () => {
  const found = finding({ fingerprint: `${'e'.repeat(32)}:0` });
  const waived = (entry: string, extra = '') =>
    evaluate(
      evaluation({
        policy: compiled(
          pack('baseline'),
          `version: 1\n${extra}waivers:\n  - { ${entry}, owner: ann, reason: because }\n`,
        ),
        reports: [report({ findings: [found] })],
      }),
    );
  const outcomeOf = (decision: ReturnType<typeof waived>) =>
    decision.findings.find((f) => f.finding.stage !== 'gate')?.outcome;
  const troubles = (decision: ReturnType<typeof waived>) =>
    decision.findings.filter((f) => f.finding.stage === 'gate').map((f) => f.finding.rule);

  it.each([
    ['by fingerprint', `fingerprint: "${found.fingerprint}", expires: 2026-06-02`, 'waived', []],
    ['by rule and path', 'rule: DL*, path: "**/Dockerfile", expires: 2026-06-02', 'waived', []],
    ['on its last day', `fingerprint: "${found.fingerprint}", expires: 2026-06-01`, 'waived', []],
    [
      'the day after',
      `fingerprint: "${found.fingerprint}", expires: 2026-05-31`,
      'failed',
      ['waiver-expired'],
    ],
    [
      'for another finding',
      `fingerprint: "${'f'.repeat(32)}:0", expires: 2026-06-02`,
      'failed',
      ['waiver-unused'],
    ],
    [
      'for another ordinal',
      `fingerprint: "${'e'.repeat(32)}:1", expires: 2026-06-02`,
      'failed',
      ['waiver-unused'],
    ],
    ['for another path', 'rule: DL3007, path: "src/**", expires: 2026-06-02', 'failed', ['waiver-unused']],
    ['for another rule', 'rule: DL3008, path: "**", expires: 2026-06-02', 'failed', ['waiver-unused']],
  ])('%s', (_name, entry, outcome, expected) => {
    const decision = waived(entry);
    expect(outcomeOf(decision)).toBe(outcome);
    expect(troubles(decision)).toEqual(expected);
  });

  it('that runs too long does not count', () => {
    const decision = waived(
      `fingerprint: "${found.fingerprint}", expires: 2026-08-01`,
      'limits: { waiverDays: 30 }\n',
    );
    expect(outcomeOf(decision)).toBe('failed');
    expect(troubles(decision)).toEqual(['waiver-too-long']);
  });

  it('is not called unused while something could not be looked at', () => {
    const policy = compiled(
      pack('baseline'),
      'version: 1\nwaivers: [{ rule: X, path: "**", owner: a, reason: b, expires: 2026-06-02 }]\n',
    );
    const decision = evaluate(evaluation({ policy, reports: [report({ state: 'error' })] }));
    expect(decision.findings).toEqual([]);
  });

  it('does not cover what the gate itself found', () => {
    const own = finding({ stage: 'gate', rule: 'tracked-run-folder', places: [{ path: '.sallyport/x' }] });
    const policy = compiled(
      pack('baseline'),
      'version: 1\nwaivers: [{ rule: "*", path: "**", owner: a, reason: b, expires: 2026-06-02 }]\n',
    );
    expect(evaluate(evaluation({ policy, reports: [report()], gateFindings: [own] })).verdict).toBe('failed');
  });

  it('tells who let it pass, and where that is written', () => {
    const judged = waived(`fingerprint: "${found.fingerprint}", expires: 2026-06-02`).findings[0];
    expect(judged?.waiver).toMatchObject({
      owner: 'ann',
      reason: 'because',
      layer: 'layer-1',
      place: { line: 3 },
    });
    expect(judged?.violations[0]).toMatchObject({
      rule: 'introduced-high',
      action: 'fail',
      place: { path: 'layer-0.yml' },
    });
  });
});

describe('rules over other things', () => {
  const rules = (over: string, condition: string) =>
    compiled(
      `version: 1\ngates: { pull-request: { rules: [r] } }\nrules: [{ id: r, over: ${over}, condition: '${condition}', action: fail, message: no }]\n`,
    );

  it('judge components', () => {
    const bom: NonNullable<ScanReport['bom']> = {
      components: [
        {
          ref: 'pkg:oci/node',
          type: 'container',
          name: 'node',
          purl: 'pkg:oci/node',
          licenses: [],
          hashes: [],
          scope: 'runtime',
          direct: true,
          places: [{ path: 'Dockerfile', line: 1 }],
        },
      ],
      edges: {},
      roots: [],
    };
    const decision = evaluate(
      evaluation({
        policy: rules('component', 'component.name == "node" && component.type == "container"'),
        reports: [report({ bom })],
      }),
    );
    expect(decision.verdict).toBe('failed');
    expect(decision.facts[0]).toMatchObject({
      kind: 'component',
      name: 'pkg:oci/node',
      place: { path: 'Dockerfile' },
    });
  });

  it('judge runs', () => {
    const decision = evaluate(
      evaluation({
        policy: rules('run', 'run.publisher != "sallyport" || run.rules < 5'),
        reports: [report()],
      }),
    );
    expect(decision.facts[0]).toMatchObject({ kind: 'run', name: 'configuration/sallyport-configuration' });
    expect(decision.stages[0]?.outcome).toBe('failed');
  });

  it('throw where a condition cannot be evaluated', () => {
    expect(() =>
      evaluate(
        evaluation({
          policy: rules('finding', 'finding.score > 1.0'),
          reports: [report({ findings: [finding()] })],
        }),
      ),
    ).toThrow(SallyportError);
  });
});

describe('a decision', () => {
  it('is the same for the same evidence, in any order of its findings', () => {
    const findings = [finding({ severity: 'low' }), finding(), finding({ severity: 'critical' })];
    const one = judge({ reports: [report({ findings })] });
    const other = judge({ reports: [report({ findings: [...findings].reverse() })] });
    expect(one.findings.map((f) => f.finding.fingerprint)).toEqual(
      other.findings.map((f) => f.finding.fingerprint),
    );
    expect(one.findings[0]?.finding.severity).toBe('critical');
  });

  it('says itself in one sentence', () => {
    expect(
      judge({ reports: [report({ findings: [finding(), finding({ severity: 'critical' })] })] }).summary,
    ).toBe('failed: 2 findings (1 critical, 1 high) break the policy');
    expect(judge({ reports: [report()] }).summary).toBe('passed: 3 stages; nothing to mend');
    expect(judge({ problems: [{ code: 'SP-X', message: 'the base is gone' }] }).summary).toContain(
      'no verdict: the base is gone',
    );
  });
});
