import { describe, expect, it } from 'vitest';
import { readSarif, revisionsOf } from '../../../src/model/sarif/read.ts';
import { withRevision, writeSarif } from '../../../src/model/sarif/write.ts';
import { at, bytesOf, fixture, log, problem, read } from './samples.ts';

const hit = { ruleId: 'a', message: { text: 'm' } };

describe('the state of a run', () => {
  it.each([
    ['findings', log([hit]), 'findings'],
    ['no results and nothing looked at', log([]), 'nothing-scanned'],
    ['no results but artifacts', log([], { artifacts: [{ location: { uri: 'a' } }] }), 'clean'],
    ['an empty list of artifacts', log([], { artifacts: [] }), 'nothing-scanned'],
    ['only passes', log([{ ...hit, kind: 'pass' }]), 'clean'],
    ['results null', log(null), 'error'],
    ['results missing', log(undefined), 'error'],
    ['execution failed', log([hit], { invocations: [{ executionSuccessful: false }] }), 'error'],
    ['execution not stated', log([hit], { invocations: [{}] }), 'error'],
    [
      'execution worked',
      log([hit], { invocations: [{ executionSuccessful: true, exitCode: 1 }] }),
      'findings',
    ],
    [
      'error notification',
      log([], {
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: [{ level: 'error', message: { text: 'x' } }],
          },
        ],
      }),
      'error',
    ],
    [
      'configuration error',
      log([hit], {
        invocations: [
          {
            executionSuccessful: true,
            toolConfigurationNotifications: [{ level: 'error', message: { text: 'x' } }],
          },
        ],
      }),
      'error',
    ],
    [
      'a warning',
      log([hit], {
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: [{ level: 'warning', message: { text: 'x' } }],
          },
        ],
      }),
      'findings',
    ],
    [
      'Snyk Code coverage',
      log([], { properties: { coverage: [{ isSupported: true, files: 3 }] } }, 'SnykCode'),
      'clean',
    ],
  ])('%s', (_, value, state) => {
    const report = read(value);
    expect(report.state).toBe(state);
    expect(report.problems.length > 0).toBe(state === 'error' || state === 'nothing-scanned');
  });

  it('reads no runs as nothing scanned, in one report', () => {
    const reports = readSarif(bytesOf({ version: '2.1.0', runs: [] }), { stage: 'code', path: 'a' });
    expect(reports.map(({ state }) => state)).toEqual(['nothing-scanned']);
  });

  it('keeps the words of a failed tool', () => {
    const notification = {
      level: 'error',
      message: { text: 'rule x broke' },
      locations: [at('src/a.ts', { startLine: 3 })],
    };
    const report = read(
      log([], { invocations: [{ executionSuccessful: true, toolExecutionNotifications: [notification] }] }),
    );
    expect(report.problems).toEqual([
      {
        code: 'SP-SARIF-TOOL-ERROR',
        message: 'some tool: rule x broke',
        place: { path: 'src/a.ts', line: 3 },
      },
    ]);
  });

  it('takes a warning about a file as a file not fully looked at', () => {
    const notification = { level: 'warning', message: { text: 'syntax' }, locations: [at('b.py')] };
    const report = read(
      log([hit], {
        invocations: [{ executionSuccessful: true, toolExecutionNotifications: [notification] }],
      }),
    );
    expect(report.looked.skipped).toEqual([{ path: 'b.py', reason: 'syntax', blocking: false }]);
  });
});

describe('what is refused', () => {
  const text = (value: string) => () =>
    readSarif(new TextEncoder().encode(value), { stage: 'code', path: 'a.sarif' });
  it.each([
    ['an empty file', '', 'SP-JSON-SYNTAX', 1, 1],
    ['a cut file', '{"version":"2.1.0","runs":[{"tool"', 'SP-JSON-SYNTAX', 1, 35],
    ['a trailing comma', '{\n "version": "2.1.0",\n}', 'SP-JSON-SYNTAX', 3, 1],
    ['two documents', '{"version":"2.1.0","runs":[]}{}', 'SP-JSON-SYNTAX', 1, 30],
    ['an array', '[]', 'SP-SARIF-SHAPE', 1, 1],
    ['another version', '{\n"version": "2.0.0", "runs": []}', 'SP-SARIF-VERSION', 2, 12],
    ['no version', '{"runs": []}', 'SP-SARIF-VERSION', 1, 1],
    ['no runs', '{"version": "2.1.0"}', 'SP-SARIF-SHAPE', 1, 1],
    ['runs null', '{"version": "2.1.0", "runs": null}', 'SP-SARIF-SHAPE', 1, 30],
    ['a run without a tool', '{"version": "2.1.0",\n "runs": [{"results": []}]}', 'SP-SARIF-SHAPE', 2, 11],
    [
      'results of another type',
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},\n"results":{}}]}',
      'SP-SARIF-SHAPE',
      2,
      11,
    ],
    [
      'a result of another type',
      '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},\n"results":[{},\n 7]}]}',
      'SP-SARIF-SHAPE',
      3,
      2,
    ],
    [
      'results twice',
      '{"version":"2.1.0","runs":[{"results":[],\n"results":[]}]}',
      'SP-JSON-DUPLICATE',
      2,
      1,
    ],
    ['runs twice', '{"runs":[], "runs":[]}', 'SP-JSON-DUPLICATE', 1, 13],
    ['UTF-16', '\u0000{', 'SP-JSON-SYNTAX', 1, 1],
    [
      '300 levels',
      `{"version":"2.1.0","runs":[${'['.repeat(300)}${']'.repeat(300)}]}`,
      'SP-JSON-DEPTH',
      1,
      154,
    ],
  ])('%s', (_, value, code, line, column) => {
    expect(problem(text(value))).toMatchObject({ code, place: { path: 'a.sarif', line, column } });
  });

  it('names bytes that are not UTF-8', () => {
    const bytes = Uint8Array.from([...new TextEncoder().encode('{"a":"'), 0xff, 0x22, 0x7d]);
    expect(problem(() => readSarif(bytes, { stage: 'code', path: 'a' }))).toMatchObject({
      code: 'SP-JSON-ENCODING',
    });
  });

  it.each([
    [{ ...(log([]) as object), inlineExternalProperties: [{ results: [hit] }] }],
    [log(undefined, { externalPropertyFileReferences: { results: [{ location: { uri: 'more.sarif' } }] } })],
  ])('results outside of the runs', (value) => {
    expect(problem(() => read(value))).toMatchObject({ code: 'SP-SARIF-EXTERNAL' });
  });

  it('reads a byte order mark, a 20 MB line and a string of 10 MB', () => {
    const many = Array.from({ length: 100_000 }, () => hit);
    const value = `\ufeff${JSON.stringify(log([...many, { ruleId: 'b', message: { text: 'x'.repeat(10_000_000) } }]))}`;
    expect(read0(value).findings).toHaveLength(100_001);
  });

  it('refuses a string over the limit', () => {
    const value = JSON.stringify(log([{ ruleId: 'b', message: { text: 'x'.repeat(17 * 1024 * 1024) } }]));
    expect(problem(text(value))).toMatchObject({ code: 'SP-JSON-STRING' });
  });

  const read0 = (value: string) => {
    const report = readSarif(new TextEncoder().encode(value), { stage: 'code', path: 'a' })[0];
    if (report === undefined) throw new Error('no report');
    return report;
  };
});

describe('what counts as a finding', () => {
  it.each([
    ['fail', { kind: 'fail' }, true],
    ['no kind', {}, true],
    ['open', { kind: 'open', level: 'none' }, true],
    ['review', { kind: 'review' }, true],
    ['an unknown kind', { kind: 'whatever' }, true],
    ['pass', { kind: 'pass' }, false],
    ['pass with level none', { kind: 'pass', level: 'none' }, false],
    ['pass that states a level', { kind: 'pass', level: 'error' }, true],
    ['notApplicable', { kind: 'notApplicable' }, false],
    ['informational', { kind: 'informational' }, false],
    ['absent from the baseline', { baselineState: 'absent' }, false],
    ['unchanged', { baselineState: 'unchanged' }, true],
    ['suppressed', { suppressions: [{ kind: 'external' }] }, true],
    ['without a message', { message: undefined }, true],
    ['without a rule', { ruleId: undefined }, true],
    [
      'malformed inside',
      { locations: 'x', suppressions: 7, fixes: {}, level: 4, properties: [], message: [] },
      true,
    ],
  ])('%s', (_, rest, counts) => {
    const report = read(log([{ ...hit, ...rest }]));
    expect(report.findings).toHaveLength(counts ? 1 : 0);
    const written = JSON.parse([...writeSarif([report])].join('')) as { runs: { results: unknown[] }[] };
    expect(written.runs[0]?.results).toHaveLength(1);
  });
});

describe('suppressions', () => {
  it.each([
    ['no status', [{ kind: 'inSource', justification: 'j' }], [{ kind: 'inSource', justification: 'j' }]],
    ['accepted', [{ kind: 'external', status: 'accepted' }], [{ kind: 'external', justification: '' }]],
    ['under review', [{ kind: 'external', status: 'underReview' }], []],
    [
      'rejected beside accepted',
      [
        { kind: 'external', status: 'accepted' },
        { kind: 'external', status: 'rejected' },
      ],
      [],
    ],
    ['unknown status', [{ kind: 'external', status: 'maybe' }], []],
  ])('%s', (_, suppressions, expected) => {
    expect(read(log([{ ...hit, suppressions }])).findings[0]?.suppressions).toEqual(expected);
  });
});

describe('messages', () => {
  const rules = [
    {
      id: 'a',
      messageStrings: { one: { text: 'got {0} {{x}} and {1}, {7}' } },
      shortDescription: { text: 'sum' },
    },
  ];
  it.each([
    ['text', { text: 'plain' }, 'plain'],
    ['arguments', { id: 'one', arguments: ['A', 'B'] }, 'got A {x} and B, {7}'],
    ['links to locations', { text: 'a [user value](1) here' }, 'a user value here'],
    ['links', { text: 'see [docs](https://x.test)' }, 'see docs (https://x.test)'],
    ['markdown only', { markdown: '# Big\n**bold** `code`' }, 'Big\nbold code'],
    ['nothing', {}, 'sum'],
    ['an unknown id', { id: 'two' }, 'sum'],
    ['a prototype name as id', { id: '__proto__' }, 'sum'],
  ])('%s', (_, message, expected) => {
    const report = read(log([{ ruleId: 'a', message }], {}, 'x', rules));
    expect(report.findings[0]?.message).toBe(expected);
  });

  it('takes strings of the tool where the rule has none', () => {
    const run = { tool: { driver: { name: 'x', globalMessageStrings: { g: { text: 'global {0}' } } } } };
    expect(
      read(log([{ ruleId: 'a', message: { id: 'g', arguments: ['1'] } }], run)).findings[0]?.message,
    ).toBe('global 1');
  });

  it('bounds a message', () => {
    expect(
      read(log([{ ruleId: 'a', message: { text: 'x'.repeat(20_000) } }])).findings[0]?.message.length,
    ).toBe(8193);
  });
});

describe('rules', () => {
  const run = {
    tool: {
      driver: { name: 'CodeQL', rules: [{ id: 'driver/one' }] },
      extensions: [
        { name: 'pack', guid: 'g', rules: [{ id: 'js/sql', properties: { 'security-severity': '8.8' } }] },
      ],
    },
  };
  it.each([
    ['by index in an extension', { rule: { index: 0, toolComponent: { index: 0 } } }, 'js/sql', 'high'],
    ['by name of the extension', { rule: { index: 0, toolComponent: { name: 'pack' } } }, 'js/sql', 'high'],
    ['by id', { ruleId: 'js/sql' }, 'js/sql', 'high'],
    ['by finer id', { ruleId: 'js/sql/where' }, 'js/sql/where', 'high'],
    ['by ruleIndex', { ruleIndex: 0 }, 'driver/one', 'medium'],
    ['an index that contradicts the id', { ruleId: 'js/sql', ruleIndex: 0 }, 'js/sql', 'high'],
    ['an index outside', { ruleId: 'other', ruleIndex: 99 }, 'other', 'medium'],
  ])('%s', (_, result, rule, severity) => {
    const finding = read(log([{ ...result, message: { text: 'm' } }], run)).findings[0];
    expect(finding).toMatchObject({ rule, severity });
  });
});

describe('identity', () => {
  const two = log([
    { ...hit, locations: [at('a.ts', { startLine: 9 })] },
    { ...hit, locations: [at('a.ts', { startLine: 2 })] },
  ]);

  it('numbers equal findings by line, not by the order of the tool', () => {
    const report = read(two, { lineAt: () => '  same();' });
    const [later, earlier] = report.findings;
    expect(earlier?.fingerprint.endsWith(':0')).toBe(true);
    expect(later?.fingerprint.endsWith(':1')).toBe(true);
  });

  it('does not depend on the line', () => {
    const moved = log([{ ...hit, locations: [at('a.ts', { startLine: 77 })] }]);
    const still = log([{ ...hit, locations: [at('a.ts', { startLine: 2 })] }]);
    const lineAt = () => 'eval(x)';
    expect(read(moved, { lineAt }).findings[0]?.fingerprint).toBe(
      read(still, { lineAt }).findings[0]?.fingerprint,
    );
  });

  it('believes a fingerprint only in a file of our own', () => {
    const claimed = 'a'.repeat(32);
    const value = log([{ ...hit, partialFingerprints: { 'sallyport/v1': `${claimed}:0` } }]);
    const report = read(value);
    expect(report.findings[0]?.fingerprint).not.toContain(claimed);
    expect([...writeSarif([report])].join('')).not.toContain(claimed);
  });

  it('is nobody else under our name', () => {
    const run = {
      tool: { driver: { name: 'x', organization: 'Sallyport' } },
      properties: { 'sallyport/run': { engine: { publisher: 'sallyport' } } },
    };
    expect(read(log([hit], run)).engine).toMatchObject({ publisher: 'unknown', how: 'handed-in' });
  });

  it('tells the commits', () => {
    const report = read(
      log([hit], { versionControlProvenance: [{ revisionId: 'ABC' }, { revisionId: 'def' }, {}] }),
    );
    expect(revisionsOf(report)).toEqual(['abc', 'def']);
    expect(revisionsOf(withRevision(report, 'https://x.test/r', '1234'))).toEqual(['1234']);
  });
});

describe('secrets', () => {
  const planted = ['TESTKEY0PLANTED1VAL', 'planted-1234567890abcdefABCDEF1234567890abcd'];
  it('leave nothing of themselves, and no personal data', () => {
    const reports = readSarif(fixture('gitleaks'), { stage: 'secrets', path: 'g' });
    const written = [...writeSarif(reports)].join('') + JSON.stringify(reports);
    for (const secret of [...planted, 'dev@example.org', 'add the key'])
      expect(written).not.toContain(secret);
    expect(reports[0]?.findings.map(({ severity }) => severity)).toEqual(['high', 'high']);
  });

  it.each([
    ['message', { message: { text: 'found hunter2xyz9 here' } }],
    [
      'assigned value in a longer snippet',
      { message: { text: 'value "s3cr3t!!" is bad' }, line: 'pw = "s3cr3t!!"', secret: 's3cr3t!!' },
    ],
    ['properties', { properties: { extra: { match: 'hunter2xyz9' } } }],
    ['fingerprints', { fingerprints: { 'x/v1': 'hunter2xyz9' } }],
    [
      'code flows',
      { codeFlows: [{ threadFlows: [{ locations: [{ location: { message: { text: 'hunter2xyz9' } } }] }] }] },
    ],
    [
      'fixes',
      {
        fixes: [
          {
            artifactChanges: [
              {
                artifactLocation: { uri: 'a' },
                replacements: [{ deletedRegion: { startLine: 1 }, insertedContent: { text: 'hunter2xyz9' } }],
              },
            ],
          },
        ],
      },
    ],
  ])('in %s', (_, extra) => {
    const {
      line = 'hunter2xyz9',
      secret = 'hunter2xyz9',
      ...rest
    } = extra as { line?: string; secret?: string };
    const region = { startLine: 1, snippet: { text: line } };
    const physical = {
      artifactLocation: { uri: 'a' },
      region,
      contextRegion: { startLine: 1, snippet: { text: `x ${line}` } },
    };
    const value = log([
      { ruleId: 'r', message: { text: 'm' }, locations: [{ physicalLocation: physical }], ...rest },
    ]);
    const report = read(value, { stage: 'secrets' });
    expect(JSON.stringify(report) + [...writeSarif([report])].join('')).not.toContain(secret);
  });

  it('are redacted where another stage finds credentials', () => {
    const region = { startLine: 1, snippet: { text: 'password = "hunter2xyz9"' } };
    const physical = { artifactLocation: { uri: 'a' }, region };
    const results = [
      { ruleId: 'x', message: { text: 'm hunter2xyz9' }, locations: [{ physicalLocation: physical }] },
    ];
    const report = read(log(results, {}, 'x', [{ id: 'x', properties: { tags: ['CWE-798: hard-coded'] } }]));
    expect(JSON.stringify(report)).not.toContain('hunter2xyz9');
  });

  it('have fingerprints that do not depend on the secret', () => {
    const value = (column: number) =>
      log([
        {
          ruleId: 'r',
          message: { text: 'm' },
          locations: [at('a', { startLine: 1, startColumn: 8, endColumn: column })],
        },
      ]);
    const one = read(value(15), { stage: 'secrets', lineAt: () => 'token="abcdefg"' });
    const two = read(value(18), { stage: 'secrets', lineAt: () => 'token="zyxwvutsrq"' });
    expect(one.findings[0]?.fingerprint).toBe(two.findings[0]?.fingerprint);
  });

  it('are not in the environment of an invocation', () => {
    const run = {
      invocations: [{ executionSuccessful: true, environmentVariables: { TOKEN: 'hunter2xyz9' } }],
    };
    expect(JSON.stringify(read(log([hit], run)))).not.toContain('hunter2xyz9');
  });
});
