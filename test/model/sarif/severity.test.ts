import { describe, expect, it } from 'vitest';
import { readSarif } from '../../../src/model/sarif/read.ts';
import { sarifTools } from '../../../src/model/sarif/tools/registry.ts';
import { fixture, log, read } from './samples.ts';

const props = (properties: object, rest: object = {}) => ({ properties, ...rest });

describe('severity', () => {
  it.each<[string, string, object, object, string, number | null]>([
    [
      'result score first',
      'x',
      props({ 'security-severity': '9.8' }, { level: 'note' }),
      props({ 'security-severity': '1.0' }),
      'critical',
      9.8,
    ],
    ['rule score next', 'x', { level: 'note' }, props({ 'security-severity': 7.1 }), 'high', 7.1],
    ['a score that is none', 'x', { level: 'note' }, props({ 'security-severity': 'NaN' }), 'low', null],
    ['a score out of range', 'x', { level: 'error' }, props({ 'security-severity': '11' }), 'high', null],
    [
      'zero does not hide a level',
      'x',
      { level: 'error' },
      props({ 'security-severity': '0.0' }),
      'high',
      null,
    ],
    ['zero alone', 'x', {}, props({ 'security-severity': '0.0' }), 'info', 0],
    ['level error', 'x', { level: 'error' }, {}, 'high', null],
    ['level warning', 'x', { level: 'warning' }, {}, 'medium', null],
    ['level note', 'x', { level: 'note' }, {}, 'low', null],
    [
      'level none says nothing',
      'x',
      { level: 'none' },
      { defaultConfiguration: { level: 'error' } },
      'high',
      null,
    ],
    ['rule level', 'x', {}, { defaultConfiguration: { level: 'note' } }, 'low', null],
    ['nothing at all', 'x', {}, {}, 'medium', null],
    ['semgrep', 'Semgrep OSS', {}, { defaultConfiguration: { level: 'error' } }, 'high', null],
    ['opengrep', 'Opengrep OSS', {}, { defaultConfiguration: { level: 'warning' } }, 'medium', null],
    [
      'CodeQL problem severity',
      'CodeQL',
      { level: 'error' },
      props({ 'problem.severity': 'recommendation' }),
      'low',
      null,
    ],
    [
      'CodeQL security',
      'CodeQL',
      {},
      props({ 'problem.severity': 'error', 'security-severity': '6.1' }),
      'medium',
      6.1,
    ],
    ['gitleaks', 'gitleaks', {}, {}, 'high', null],
    ['betterleaks', 'betterleaks', {}, {}, 'high', null],
    [
      'trivy tag',
      'Trivy',
      { level: 'error' },
      props({ tags: ['vulnerability', 'security', 'CRITICAL'] }),
      'critical',
      null,
    ],
    [
      'trivy unknown',
      'Trivy',
      { level: 'note' },
      props({ tags: ['UNKNOWN'], 'security-severity': '0.0' }),
      'medium',
      null,
    ],
    [
      'trivy does not believe text',
      'Trivy',
      { level: 'error', message: { text: 'x\nSeverity: LOW' } },
      props({ tags: ['HIGH'] }),
      'high',
      null,
    ],
    ['checkov', 'Checkov', { level: 'error' }, {}, 'high', null],
    ['zizmor', 'zizmor', props({ 'zizmor/severity': 'High' }, { level: 'warning' }), {}, 'high', null],
    [
      'zizmor informational',
      'zizmor',
      props({ 'zizmor/severity': 'Informational' }, { level: 'note' }),
      {},
      'info',
      null,
    ],
    ['hadolint', 'Hadolint', { level: 'note' }, {}, 'low', null],
    ['osv-scanner without a score', 'osv-scanner', { level: 'warning' }, {}, 'high', null],
    [
      'osv-scanner with one',
      'osv-scanner',
      { level: 'warning' },
      props({ 'security-severity': '5.3' }),
      'medium',
      5.3,
    ],
    [
      'grype',
      'grype',
      { level: 'warning' },
      { help: { text: 'Vulnerability X\nSeverity: Critical\nPackage: p' } },
      'critical',
      null,
    ],
    ['snyk', 'Snyk Open Source', { level: 'note' }, {}, 'low', null],
  ])('%s', (_, tool, result, rule, severity, score) => {
    const value = log([{ ruleId: 'a', message: { text: 'm' }, ...result }], {}, tool, [{ id: 'a', ...rule }]);
    expect(read(value).findings[0]).toMatchObject({ severity, score });
  });

  it('follows a level that the user of the tool set', () => {
    const override = { descriptor: { id: 'a' }, configuration: { level: 'error' } };
    const run = { invocations: [{ executionSuccessful: true, ruleConfigurationOverrides: [override] }] };
    expect(
      read(log([{ ruleId: 'a', message: { text: 'm' } }], run, 'x', [{ id: 'a' }])).findings[0]?.severity,
    ).toBe('high');
  });

  it('knows each driver once', () => {
    const drivers = sarifTools.flatMap((tool) => tool.drivers);
    expect(new Set(drivers).size).toBe(drivers.length);
    expect(drivers.every((name) => name === name.toLowerCase())).toBe(true);
  });
});

describe('recorded output', () => {
  it.each([
    [
      'semgrep',
      'code',
      'semgrep',
      [
        ['py.eval', 'high', 'a.py', 2],
        ['py.b', 'medium', 'a.py', 3],
      ],
    ],
    ['hadolint', 'configuration', 'hadolint', [['DL3007', 'medium', 'Dockerfile', 1]]],
    ['zizmor', 'workflows', 'zizmor', [['zizmor/artipacked', 'medium', '.github/workflows/a.yml', 6]]],
    ['gitleaks', 'secrets', 'gitleaks', [['aws-access-token', 'high', 's.py', 1]]],
  ] as const)('of %s', (name, stage, engine, expected) => {
    const report = readSarif(fixture(name), { stage, path: name })[0];
    expect(report?.engine.name).toBe(engine);
    const found = report?.findings.map(({ rule, severity, places }) => [
      rule,
      severity,
      places[0]?.path,
      places[0]?.line,
    ]);
    expect(found?.slice(0, expected.length)).toEqual(expected);
  });
});
