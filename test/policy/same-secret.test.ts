import { describe, expect, it } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import type { EngineInfo, ScanReport } from '../../src/model/report.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { compiled, evaluation, finding, pack, report } from './support.ts';

function secret(engine: string, columns: [number, number], over: Partial<Finding> = {}): Finding {
  const [column, endColumn] = columns;
  return finding({
    stage: 'secrets',
    engine,
    rule: `${engine}-rule`,
    message: `${engine} says so`,
    places: [{ path: 'a.env', line: 3, column, endLine: 3, endColumn }],
    ...over,
  });
}

function run(engine: string, how: EngineInfo['how'], ...findings: Finding[]): ScanReport {
  return report({
    stage: 'secrets',
    engine: { name: engine, version: '1', publisher: 'x', how },
    findings,
    state: 'findings',
  });
}

const waiver = (fingerprint: string) =>
  `waivers: [{ fingerprint: "${fingerprint}", owner: a, reason: b, expires: "2026-07-01" }]\n`;

function judge(reports: ScanReport[], more = '') {
  const policy = compiled(pack('baseline'), ...(more === '' ? [] : [`version: 1\n${more}`]));
  return evaluate(evaluation({ policy, reports }));
}

const ours = (...findings: Finding[]) => run('sallyport-secrets', 'in-process', ...findings);
const theirs = (...findings: Finding[]) => run('gitleaks', 'process', ...findings);

describe('one secret found by two engines', () => {
  it('is one finding that says who said what, ours first, in whatever order they ran', () => {
    const own = secret('sallyport-secrets', [10, 40]);
    const other = secret('gitleaks', [4, 43], { severity: 'critical' });
    for (const reports of [
      [ours(own), theirs(other)],
      [theirs(other), ours(own)],
    ]) {
      const { findings, verdict } = judge(reports);
      expect(verdict).toBe('failed');
      expect(findings).toHaveLength(1);
      expect(findings[0]?.finding).toBe(own);
      expect(findings[0]?.alsoBy).toEqual([
        {
          engine: 'gitleaks',
          rule: 'gitleaks-rule',
          severity: 'critical',
          message: 'gitleaks says so',
          fingerprint: other.fingerprint,
          outcome: 'failed',
        },
      ]);
    }
  });

  it('and by three still is', () => {
    const { findings } = judge([
      theirs(secret('gitleaks', [9, 41])),
      run('trufflehog', 'process', secret('trufflehog', [10, 40])),
      ours(secret('sallyport-secrets', [10, 40])),
    ]);
    expect(findings.map(({ alsoBy }) => alsoBy?.map(({ engine }) => engine))).toEqual([
      ['gitleaks', 'trufflehog'],
    ]);
  });

  it('elsewhere, beside it, or twice by one engine, is another', () => {
    const own = secret('sallyport-secrets', [10, 40]);
    const away: Partial<Finding>[] = [
      { places: [{ path: 'b.env', line: 3, column: 10, endColumn: 40 }] },
      { places: [{ path: 'a.env', line: 4, column: 10, endColumn: 40 }] },
      { places: [{ path: 'a.env', line: 3, column: 50, endColumn: 80 }] },
      { places: [] },
      { stage: 'code' },
    ];
    for (const over of away)
      expect(judge([ours(own), theirs(secret('gitleaks', [0, 0], over))]).findings).toHaveLength(2);
    const twice = [secret('gitleaks', [10, 40]), secret('gitleaks', [10, 40], { rule: 'generic' })];
    expect(judge([ours(own), theirs(...twice)]).findings).toHaveLength(2);
  });

  it('is one where regions touch, and another two characters on', () => {
    const joined = (own: [number, number], other: [number, number], over: Partial<Finding> = {}) =>
      judge([ours(secret('sallyport-secrets', own)), theirs(secret('gitleaks', other, over))]).findings
        .length === 1;
    expect(joined([10, 40], [41, 60])).toBe(true);
    expect(joined([10, 40], [42, 60])).toBe(false);
    expect(joined([41, 60], [10, 40])).toBe(true);
    expect(joined([42, 60], [10, 40])).toBe(false);
    const at = (over: object): Partial<Finding> => ({ places: [{ path: 'a.env', line: 3, ...over }] });
    // Of one column it is a character; without any it is the line; over several lines it is the rest of the first.
    expect(joined([10, 40], [0, 0], at({ column: 7 }))).toBe(false);
    expect(joined([10, 40], [0, 0], at({ column: 8 }))).toBe(true);
    expect(joined([10, 40], [0, 0], at({}))).toBe(true);
    expect(joined([10, 40], [0, 0], at({ column: 1, endLine: 5, endColumn: 2 }))).toBe(true);
    expect(joined([10, 40], [0, 0], at({ column: 1, endLine: 3, endColumn: 2 }))).toBe(false);
  });

  it('is found at all of its places, once at each', () => {
    const own = secret('sallyport-secrets', [10, 40]);
    own.places.push({ path: 'z.env', line: 9 });
    const other = secret('gitleaks', [1, 2], { places: [{ path: 'z.env', line: 9, column: 5 }] });
    const reports = [ours(own), theirs(other, secret('gitleaks', [10, 40]))];
    expect(judge(reports).findings).toMatchObject([{ alsoBy: [{}, {}] }]);
    const beside = secret('gitleaks', [1, 2], { places: [{ path: 'z.env', line: 9, column: 50 }] });
    expect(judge([ours(own), theirs(other, beside)]).findings).toHaveLength(2);
  });
});

describe('an engine can add and never remove', () => {
  it('so that what the other engine’s finding violates fails, however mild ours is', () => {
    const { findings, verdict } = judge([
      ours(secret('sallyport-secrets', [10, 40], { severity: 'info' })),
      theirs(secret('gitleaks', [10, 40], { severity: 'high' })),
    ]);
    expect(verdict).toBe('failed');
    expect(findings[0]).toMatchObject({ outcome: 'failed', violations: [{ rule: 'introduced-high' }] });
  });

  it('and each rule that one of them violates is told, once', () => {
    const rules = (own: Finding['severity'], other: Finding['severity']) =>
      judge([
        ours(secret('sallyport-secrets', [10, 40], { severity: own })),
        theirs(secret('gitleaks', [10, 40], { severity: other })),
      ]).findings.map(({ outcome, violations }) => [outcome, ...violations.map(({ rule }) => rule)]);
    expect(rules('high', 'high')).toEqual([['failed', 'introduced-high']]);
    expect(rules('medium', 'high')).toEqual([['failed', 'introduced-medium', 'introduced-high']]);
    expect(rules('high', 'medium')).toEqual([['failed', 'introduced-high', 'introduced-medium']]);
    expect(rules('high', 'info')).toEqual([['failed', 'introduced-high']]);
    expect(rules('info', 'medium')).toEqual([['warned', 'introduced-medium']]);
  });

  it('and a waiver of ours covers the secret, one of theirs only what they said', () => {
    const own = secret('sallyport-secrets', [10, 40]);
    const other = secret('gitleaks', [10, 40]);
    const reports = [ours(own), theirs(other)];
    expect(judge(reports, waiver(own.fingerprint)).findings).toMatchObject([{ outcome: 'waived' }]);
    expect(judge(reports, waiver(other.fingerprint)).findings).toMatchObject([{ outcome: 'failed' }]);
  });

  it('and a report that is handed in does not speak in our name', () => {
    const own = secret('sallyport-secrets', [10, 40]);
    const other = secret('gitleaks', [10, 40]);
    const reports = [run('sallyport-secrets', 'handed-in', own), theirs(other)];
    expect(judge(reports, waiver(own.fingerprint)).findings).toMatchObject([{ outcome: 'failed' }]);
  });

  it('and a finding that covers two of ours takes neither away', () => {
    const [first, second] = [
      secret('sallyport-secrets', [10, 40]),
      secret('sallyport-secrets', [50, 80], { rule: 'other' }),
    ];
    const wide = secret('gitleaks', [1, 100]);
    const { findings } = judge([ours(first, second), theirs(wide)], waiver(first.fingerprint));
    expect(findings.map(({ outcome }) => outcome)).toEqual(['failed', 'waived']);
  });
});
