import type { Decision, JudgedFinding, StageVerdict, Violation } from '../../src/model/decision.ts';
import type { Finding, Rule } from '../../src/model/finding.ts';
import type { EngineInfo, Looked, ScanReport, ScanState } from '../../src/model/report.ts';
import type { Severity } from '../../src/model/severity.ts';
import type { Stage } from '../../src/model/stage.ts';
import { makeReport, type Report } from '../../src/report/report.ts';

export const embedded: EngineInfo = {
  name: 'sallyport-configuration',
  version: '0.1.0',
  publisher: 'sallyport',
  how: 'in-process',
};
export const hadolint: EngineInfo = {
  name: 'hadolint',
  version: '2.15.1',
  publisher: 'Hadolint',
  how: 'process',
};
export const semgrep: EngineInfo = {
  name: 'semgrep',
  version: '1.182.0',
  publisher: 'Semgrep, Inc.',
  how: 'handed-in',
};

const looked = (files: number, bytes: number, rules: number): Looked => ({
  files,
  bytes,
  commits: null,
  rules,
  skipped: [],
  complete: true,
});

const rules: Record<string, Rule[]> = {
  'sallyport-configuration': [
    {
      id: 'DL3002',
      summary: 'The last user is root',
      why: 'Whoever breaks out of the process is root in the container, and one kernel fault away from root on the node.',
      help: 'Create a user and end the Dockerfile with `USER app`.',
      helpUri: 'https://github.com/hadolint/hadolint/wiki/DL3002',
      severity: 'high',
      tags: ['container'],
    },
    {
      id: 'DL3007',
      summary: 'The image is tagged latest',
      why: 'The next build may get another image.',
      help: 'Name a version and its digest.',
      severity: 'medium',
      tags: [],
    },
    {
      id: 'SP1001',
      summary: 'A secret in an environment variable',
      why: 'It is in the image for everybody who can pull it.',
      help: 'Mount it at run time.',
      severity: 'critical',
      tags: ['CWE-798'],
    },
  ],
  hadolint: [],
  semgrep: [
    {
      id: 'javascript.express.sqli',
      summary: 'SQL put together from input',
      why: 'Input can change the query.',
      help: 'Use a query with parameters.',
      severity: 'high',
      tags: ['CWE-89'],
    },
  ],
};

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    stage: 'configuration',
    engine: 'sallyport-configuration',
    rule: 'DL3002',
    severity: 'high',
    score: null,
    message: 'the container runs as root: no USER after line 1',
    places: [{ path: 'Dockerfile', line: 14, column: 1 }],
    fingerprint: '0123456789abcdef0123456789abcdef:0',
    suppressions: [],
    tags: [],
    ...over,
  };
}

export function violation(over: Partial<Violation> = {}): Violation {
  return {
    rule: 'no-new-high',
    action: 'fail',
    message: 'nothing of high severity may come in',
    controls: ['PCI-DSS-4:6.2.4'],
    place: { path: 'baseline.yml', line: 21 },
    layer: 'baseline',
    ...over,
  };
}

export function judged(over: Partial<JudgedFinding> = {}, about: Partial<Finding> = {}): JudgedFinding {
  return { finding: finding(about), introduced: true, outcome: 'failed', violations: [violation()], ...over };
}

export function stage(
  name: Stage,
  state: ScanState | 'missing',
  engines: EngineInfo[],
  over: Partial<StageVerdict> = {},
): StageVerdict {
  return {
    stage: name,
    requirement: 'when-present',
    state,
    outcome: 'passed',
    reason: engines.map((engine) => engine.name).join(', '),
    runs: engines.map((engine) => ({
      engine,
      state: state === 'missing' ? 'error' : state,
      looked: looked(12, 48_200, 31),
      findings: state === 'findings' ? 2 : 0,
      problems: [],
    })),
    ...over,
  };
}

export function decision(over: Partial<Decision> = {}): Decision {
  return {
    gate: 'pull-request',
    verdict: 'passed',
    local: true,
    subject: {
      name: 'payments-service',
      digest: { gitCommit: '4f2d9a1c8b7e6d5c4b3a29180f7e6d5c4b3a2918', gitTree: '99'.repeat(20) },
    },
    base: {
      revision: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
      mergeBase: 'a1b2c3d4e5f60718293a4b5c6d7e8f9001122334',
    },
    policy: {
      uri: '.sallyport.yml@a1b2c3d4e5f6',
      digest: { sha256: 'c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00' },
      layers: [
        { name: 'baseline', uri: 'pack:baseline', digest: { sha256: '11'.repeat(32) } },
        { name: 'service', uri: '.sallyport.yml', digest: { sha256: '22'.repeat(32) } },
      ],
    },
    decidedAt: '2026-11-22T09:30:00Z',
    summary: 'passed: 3 stages; nothing to mend',
    stages: [
      stage('code', 'clean', [semgrep]),
      stage('configuration', 'clean', [embedded, hadolint]),
      stage('secrets', 'nothing-scanned', [], { reason: 'nothing of its kind is here' }),
    ],
    findings: [],
    facts: [],
    problems: [],
    notes: [],
    ...over,
  };
}

const severe = (severity: Severity): Partial<Finding> => ({ severity });

/** A decision with something of everything. */
export function failedDecision(): Decision {
  return decision({
    verdict: 'failed',
    summary:
      'failed: 3 findings (1 critical, 2 high) break the policy; secrets: there are files of its kind, and nothing was scanned',
    stages: [
      stage('code', 'findings', [semgrep]),
      stage('workflows', 'clean', [embedded]),
      stage('configuration', 'findings', [embedded, hadolint]),
      stage('secrets', 'missing', [], {
        outcome: 'error',
        reason: 'there are files of its kind, and no engine reported',
      }),
      stage('dependencies', 'nothing-scanned', [], { reason: 'nothing of its kind is here' }),
    ],
    findings: [
      judged(
        {},
        {
          rule: 'SP1001',
          message: 'ENV DB_PASSWORD holds a value',
          ...severe('critical'),
          places: [{ path: 'Dockerfile', line: 6, column: 5, endLine: 6, endColumn: 20 }],
          fingerprint: `${'a'.repeat(32)}:0`,
        },
      ),
      judged({ refusedSuppression: 'sallyport:ignore DL3002 (line 13)' }),
      judged(
        {},
        { engine: 'hadolint', message: 'Last USER should not be root', fingerprint: `${'b'.repeat(32)}:0` },
      ),
      judged(
        {},
        {
          stage: 'code',
          engine: 'semgrep',
          rule: 'javascript.express.sqli',
          message: 'the query is put together from req.query.id',
          score: 8.1,
          places: [{ path: 'src/routes/payments.js', line: 42, column: 17 }],
          fingerprint: `${'c'.repeat(32)}:0`,
        },
      ),
      judged(
        {
          outcome: 'warned',
          introduced: false,
          violations: [
            violation({ action: 'warn', rule: 'existing-medium', message: 'medium findings are looked at' }),
          ],
        },
        {
          rule: 'DL3007',
          ...severe('medium'),
          message: 'node:latest changes under you',
          places: [{ path: 'Dockerfile', line: 1 }],
          fingerprint: `${'d'.repeat(32)}:0`,
          fix: {
            description: 'write node:24.21.0',
            safe: true,
            edits: [
              {
                place: { path: 'Dockerfile', line: 1, column: 6, endLine: 1, endColumn: 17 },
                text: 'node:24.21.0',
              },
            ],
          },
        },
      ),
      judged(
        {
          outcome: 'waived',
          introduced: false,
          waiver: {
            owner: 'team-payments@example.org',
            reason: 'the legacy image goes in December',
            expires: '2026-12-31',
            place: { path: '.sallyport.yml', line: 12 },
            layer: 'service',
          },
        },
        {
          rule: 'DL3002',
          places: [{ path: 'legacy/Dockerfile', line: 3 }],
          fingerprint: `${'e'.repeat(32)}:0`,
        },
      ),
      judged(
        {
          outcome: 'suppressed',
          introduced: false,
          suppressedBy: 'hadolint ignore=DL3007 at legacy/Dockerfile:1',
        },
        {
          rule: 'DL3007',
          places: [{ path: 'legacy/Dockerfile', line: 1 }],
          fingerprint: `${'f'.repeat(32)}:0`,
          ...severe('medium'),
        },
      ),
      judged(
        { outcome: 'passed', violations: [], introduced: false },
        {
          rule: 'DL3059',
          message: 'two RUN lines could be one',
          ...severe('info'),
          places: [{ path: 'Dockerfile', line: 9 }],
          fingerprint: `${'9'.repeat(32)}:0`,
        },
      ),
    ],
    facts: [
      {
        kind: 'component',
        name: 'pkg:npm/event-stream@3.3.6',
        stage: 'dependencies',
        place: { path: 'package-lock.json', line: 812 },
        violation: violation({ rule: 'banned', message: 'carried a stolen-wallet payload' }),
      },
    ],
    problems: [
      {
        code: 'SP-STAGE-MISSING',
        message: 'no report for the stage secrets',
        expected: 'an engine, or --sarif secrets=FILE',
        next: 'add an engine for secrets to the policy',
      },
    ],
    notes: [
      'the change alters the policy: judged by the base, it is failed; by the changed policy it would be passed',
    ],
  });
}

export function report(of: Decision = failedDecision()): Report {
  return makeReport(of, [
    { engine: embedded, rules: rules['sallyport-configuration'] ?? [] },
    { engine: semgrep, rules: rules.semgrep ?? [] },
  ] satisfies Pick<ScanReport, 'engine' | 'rules'>[]);
}
