import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import type { Finding } from '../../src/model/finding.ts';
import { held } from '../../src/policy/chain.ts';
import { compilePolicy } from '../../src/policy/compile.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { Waivers } from '../../src/policy/waivers.ts';
import { compiled, evaluation, finding, merged, pack, report } from './support.ts';

const base = { revision: 'b'.repeat(40), mergeBase: 'c'.repeat(40) };
const rule = (id: string, over: string, condition: string, action = 'fail') =>
  `{ id: ${id}, over: ${over}, condition: '${condition}', action: ${action}, message: ${id} says no }`;
const policy = (...rules: string[]) =>
  compiled(
    `version: 1\ngates: { pull-request: { stages: { configuration: always, code: when-present }, rules: [${rules.map((r) => /id: (\S+),/u.exec(r)?.[1]).join(', ')}] } }\nrules:\n${rules.map((r) => `  - ${r}\n`).join('')}`,
  );
const codeOf = (run: () => unknown) => {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof SallyportError) return `${thrown.code}: ${thrown.message}`;
    throw thrown;
  }
  return 'fine';
};

describe('a decision', () => {
  it('carries what it rests on', () => {
    const used = compiled(pack('baseline'), 'version: 1\n');
    const decision = evaluate(evaluation({ policy: used, reports: [report()], notes: ['n'], base }));
    expect(decision).toMatchObject({
      notes: ['n'],
      base,
      policy: { uri: 'layer-1.yml', digest: used.digest, layers: used.layers },
    });
    expect(decision.policy.layers.map((l) => l.name)).toEqual(['layer-0', 'layer-1']);
    expect(decision.policy.digest.sha256).toMatch(/^[0-9a-f]{64}$/u);
    expect(compiled(pack('baseline'), 'version: 1\ntitle: x\n').digest).not.toEqual(used.digest);
    expect(used.layers[0]?.digest.sha256).toMatch(/^[0-9a-f]{64}$/u);
  });

  it('about one stage judges that one alone, and it must have looked', () => {
    const used = policy(rule('r', 'run', 'false'));
    const decision = evaluate(evaluation({ policy: used, only: 'secrets', reports: [] }));
    expect(decision.stages.map((s) => [s.stage, s.requirement, s.outcome])).toEqual([
      ['secrets', 'always', 'error'],
    ]);
  });

  it('blames a stage for its own failures alone, and counts them', () => {
    const used = policy(
      rule('high', 'finding', 'finding.severity == "high"'),
      rule('rules', 'run', 'run.rules == 3', 'warn'),
    );
    const code = report({
      stage: 'code',
      findings: [finding({ stage: 'code' }), finding({ stage: 'code' })],
    });
    const decision = evaluate(evaluation({ policy: used, reports: [report(), code] }));
    const of = (stage: string) => decision.stages.find((s) => s.stage === stage);
    expect(of('configuration')).toMatchObject({ outcome: 'passed', state: 'clean' });
    expect(of('code')).toMatchObject({
      outcome: 'failed',
      state: 'findings',
      reason: '2 violations of the policy',
    });
    expect(decision.facts).toHaveLength(2);
    const one = evaluate(evaluation({ policy: used, reports: [report({ findings: [finding()] })] }));
    expect(one.stages.find((s) => s.stage === 'configuration')?.reason).toBe('1 violation of the policy');
  });

  it('passes with facts that only warn, and fails with one that fails', () => {
    expect(
      evaluate(evaluation({ policy: policy(rule('w', 'run', 'true', 'warn')), reports: [report()] })).verdict,
    ).toBe('passed');
    const failing = evaluate(
      evaluation({
        policy: policy(rule('w', 'run', 'true', 'warn'), rule('f', 'run', 'true')),
        reports: [report()],
      }),
    );
    expect(failing.verdict).toBe('failed');
    expect(failing.stages.find((s) => s.stage === 'configuration')?.reason).toBe('1 violation of the policy');
  });

  it('fails by one stage although another passed', () => {
    const nothing = report({ state: 'nothing-scanned' });
    const decision = evaluate(
      evaluation({
        policy: policy(rule('r', 'run', 'false')),
        reports: [nothing, report({ stage: 'code' })],
      }),
    );
    expect(decision.verdict).toBe('failed');
  });

  it('keeps a stage without a verdict one, whatever was found in it', () => {
    const broken = report({
      state: 'error',
      findings: [finding()],
      problems: [{ code: 'X', message: 'broke' }],
    });
    const decision = evaluate(evaluation({ policy: compiled(pack('baseline')), reports: [broken] }));
    expect(decision.stages.find((s) => s.stage === 'configuration')).toMatchObject({
      outcome: 'error',
      reason: 'sallyport-configuration: broke',
    });
  });

  it('names what blocked the look, where the engine names no problem', () => {
    const skipped = [
      { path: 'a', reason: 'no matter', blocking: false },
      { path: 'b', reason: 'too large', blocking: true },
    ];
    const decision = evaluate(
      evaluation({
        policy: compiled(pack('baseline')),
        reports: [report({ state: 'error', looked: { ...report().looked, skipped } })],
      }),
    );
    expect(decision.stages.find((s) => s.stage === 'configuration')?.reason).toBe(
      'sallyport-configuration: b: too large',
    );
  });

  it('shows findings by place where they are equally bad', () => {
    const at = (path: string, line: number): Partial<Finding> => ({ places: [{ path, line }] });
    const findings = [finding(at('b', 1)), finding(at('a', 9)), finding(at('a', 2)), finding({ places: [] })];
    const decision = evaluate(
      evaluation({ policy: compiled(pack('baseline')), reports: [report({ findings })] }),
    );
    expect(
      decision.findings
        .map((f) => f.finding.places[0])
        .map((p) => (p === undefined ? '' : `${p.path}:${p.line}`)),
    ).toEqual(['', 'a:2', 'a:9', 'b:1']);
  });

  it('names a component by its purl, or by its ref', () => {
    const component = {
      type: 'library',
      name: 'x',
      licenses: [],
      hashes: [],
      scope: 'runtime' as const,
      direct: null,
      places: [],
    };
    const bom = {
      components: [
        { ...component, ref: 'r1', purl: 'pkg:npm/x' },
        { ...component, ref: 'r2' },
      ],
      edges: {},
      roots: [],
    };
    const decision = evaluate(
      evaluation({ policy: policy(rule('c', 'component', 'true')), reports: [report({ bom })] }),
    );
    expect(decision.facts.map((f) => f.name)).toEqual(['pkg:npm/x', 'r2']);
  });
});

describe('a suppression', () => {
  const comment = [{ kind: 'inSource' as const, justification: 'mine' }];

  it('does not cover what the gate itself found, with or without a base', () => {
    const own = finding({ stage: 'gate', rule: 'tracked-run-folder', suppressions: comment });
    for (const baseReports of [null, [report()]]) {
      const decision = evaluate(
        evaluation({
          policy: compiled(pack('baseline')),
          reports: [report()],
          gateFindings: [own],
          baseReports,
        }),
      );
      expect(decision.findings[0]).toMatchObject({ outcome: 'failed', refusedSuppression: 'mine' });
    }
  });

  it('at the base covers as many findings as it stood beside, and no plain one', () => {
    const same = (n: number, suppressions: Finding['suppressions']) =>
      finding({ fingerprint: `${'a'.repeat(32)}:${n}`, suppressions });
    const judge = (head: Finding[], before: Finding[]) =>
      evaluate(
        evaluation({
          policy: compiled(pack('baseline')),
          base,
          reports: [report({ findings: head })],
          baseReports: [report({ findings: before })],
        }),
      )
        .findings.map((f) => `${f.outcome} ${f.introduced}`)
        .sort();
    expect(judge([same(0, comment), same(1, comment)], [same(0, comment), same(1, [])])).toEqual([
      'suppressed false',
      'warned false',
    ]);
    expect(judge([same(0, []), same(1, [])], [same(0, comment), same(1, comment)])).toEqual([
      'warned false',
      'warned false',
    ]);
    expect(judge([same(0, []), same(1, comment)], [same(0, comment), same(1, comment)])).toEqual([
      'suppressed false',
      'warned false',
    ]);
  });

  it('of another engine or stage is another finding', () => {
    const found = finding({ suppressions: comment });
    const other = report({
      engine: { ...report().engine, name: 'hadolint' },
      findings: [{ ...found, engine: 'hadolint' }],
    });
    const decision = evaluate(
      evaluation({
        policy: compiled(pack('baseline')),
        base,
        reports: [report({ findings: [found] })],
        baseReports: [report(), other],
      }),
    );
    expect(decision.findings[0]).toMatchObject({ outcome: 'failed', introduced: true });
  });
});

describe('the age of data', () => {
  const always =
    'version: 1\ngates: { pull-request: { stages: { configuration: always } } }\nstages: { configuration: { maxDataAge: 7d } }\n';
  const judge = (updated: string) => {
    const engine = { ...report().engine, data: { source: 'x', updated } };
    return evaluate(evaluation({ policy: compiled(always), reports: [report({ engine })] })).stages[0];
  };

  it('may be exactly what the policy allows', () => {
    expect(judge('2026-05-25T12:00:00Z')?.outcome).toBe('passed');
    expect(judge('2026-05-25T11:59:59Z')?.outcome).toBe('error');
  });

  it('is told where it is too high or unknown', () => {
    expect(judge('2026-05-22T12:00:00Z')?.runs[0]?.problems).toMatchObject([
      {
        code: 'SP-DATA-STALE',
        message: 'its data is too old',
        expected: 'at most 7 days',
        found: '10.0 days',
      },
    ]);
    expect(judge('soon')?.runs[0]?.problems).toMatchObject([
      { message: 'the age of its data is unknown', found: 'no date' },
    ]);
  });

  it('does not matter to an engine of ours without data', () => {
    expect(evaluate(evaluation({ policy: compiled(always), reports: [report()] })).stages[0]).toMatchObject({
      outcome: 'passed',
      runs: [{ problems: [] }],
    });
  });
});

it('an engine that another stage asks for is not missed here', () => {
  const used = compiled(
    'version: 1\ngates: { pull-request: { stages: { configuration: always, code: when-present } } }\nstages: { code: { engines: [semgrep] } }\n',
  );
  const handed = report({ stage: 'code', engine: { ...report().engine, name: 'semgrep', how: 'handed-in' } });
  expect(evaluate(evaluation({ policy: used, reports: [report(), handed] })).verdict).toBe('passed');
});

it('an engine that is named for a stage that nobody asks for is an error: it would never run', () => {
  expect(() => compiled('version: 1\nstages: { code: { engines: [semgrep] } }\n')).toThrow(
    'the engine semgrep is named for the stage code, which no gate asks for',
  );
});

describe('merging', () => {
  it.each([
    [
      'a rule twice in a file',
      ['version: 1\nrules: [{ id: a, action: warn }, { id: a, action: fail }]\n'],
      'SP-POLICY-INVALID: rule a stands twice',
    ],
    [
      'a rule without a condition',
      ['version: 1\nrules: [{ id: a, over: run, message: m, action: warn }]\n'],
      'SP-POLICY-INVALID: rule a is not complete',
    ],
    [
      'a rule without a subject',
      ['version: 1\nrules: [{ id: a, condition: "true", message: m, action: warn }]\n'],
      'SP-POLICY-INVALID: rule a is not complete',
    ],
    [
      'a rule without a message',
      ['version: 1\nrules: [{ id: a, over: run, condition: "true", action: warn }]\n'],
      'SP-POLICY-INVALID: rule a is not complete',
    ],
    [
      'controls for a rule of another layer',
      ['version: 1\nrules: [{ id: a, controls: ["x:y"], action: warn }]\n'],
      'SP-POLICY-INVALID: rule a is not complete',
    ],
    [
      'the same age again',
      [
        'version: 1\nstages: { code: { maxDataAge: 7d } }\n',
        'version: 1\nstages: { code: { maxDataAge: 168h } }\n',
      ],
      'fine',
    ],
    [
      'the same limit again',
      ['version: 1\nlimits: { waiverDays: 9 }\n', 'version: 1\nlimits: { waiverDays: 9 }\n'],
      'fine',
    ],
    [
      'the same action again',
      ['version: 1\nrules: [{ id: a, action: fail }]\n', 'version: 1\nrules: [{ id: a, action: fail }]\n'],
      'fine',
    ],
    [
      'a warning again',
      ['version: 1\nrules: [{ id: a, action: warn }]\n', 'version: 1\nrules: [{ id: a, action: warn }]\n'],
      'fine',
    ],
    [
      'the same rule again',
      [
        `version: 1\nrules: [${rule('a', 'run', 'true')}]\n`,
        `version: 1\nrules: [${rule('a', 'run', 'true')}]\n`,
      ],
      'fine',
    ],
    [
      'fewer paths left out',
      [
        'version: 1\nstages: { code: { exclude: [a, b] } }\n',
        'version: 1\nstages: { code: { exclude: [a] } }\n',
      ],
      'fine',
    ],
  ])('%s', (_name, layers, expected) => {
    expect(codeOf(() => merged(...layers))).toBe(expected);
  });

  it('keeps the first definition, and its place', () => {
    const text = `version: 1\nrules: [${rule('a', 'run', 'true')}]\n`;
    const { definitions, layers } = merged(text, text.replace('version: 1', '# later\nversion: 1'));
    expect(definitions.get('a')).toMatchObject({ layer: 'layer-0', value: { controls: [] } });
    expect(layers).toHaveLength(2);
  });

  it('shows both sides of a loosening, cut to a length that can be read', () => {
    const many = (n: number) =>
      `version: 1\nstages: { code: { exclude: [${Array.from({ length: n }, (_, i) => `path-${i}`).join(', ')}] } }\n`;
    try {
      merged(many(50), many(60));
      expect.unreachable();
    } catch (thrown) {
      const { problem } = thrown as SallyportError;
      expect(problem.found).toMatch(/^\["path-0"/u);
      expect(problem.found).toHaveLength(200);
      expect(problem.expected).toContain('["path-0"');
    }
  });
});

describe('compiling', () => {
  it.each([
    [
      'a rule that a gate names and nobody defines',
      'version: 1\ngates: { pull-request: { rules: [gone] } }\n',
    ],
    ['an action for a rule that nobody defines', 'version: 1\nrules: [{ id: gone, action: fail }]\n'],
  ])('refuses %s', (_name, text) => {
    expect(codeOf(() => compilePolicy(merged(text)))).toBe(
      'SP-POLICY-INVALID: rule gone is named and nowhere defined',
    );
  });

  it('knows the rules of a gate in their order, and none of another', () => {
    const used = policy(rule('b', 'run', 'true'), rule('a', 'run', 'true'));
    expect(used.rulesAt('pull-request').map((r) => r.id)).toEqual(['b', 'a']);
    expect(used.rulesAt('release' as 'pull-request')).toEqual([]);
    expect(held(used.policy.actions.get('a'))).toBe('fail');
  });
});

describe('waivers', () => {
  const now = new Date('2026-06-01T00:00:00Z');
  const found = (over: Partial<Finding> = {}) =>
    finding({ rule: 'zizmor/artipacked', places: [{ path: '.github/workflows/a.yml' }], ...over });
  const covers = (entry: string, one: Finding, at = now, limit = '') =>
    new Waivers(merged(`version: 1\n${limit}waivers: [{ ${entry}, owner: o, reason: r }]\n`), at).find(
      one,
    ) !== undefined;

  it.each([
    ['a pattern spans slashes of rule ids', 'rule: "zizmor*", path: "**"', {}, true],
    ['a pattern of a path does not', 'rule: "*", path: ".github/*"', {}, false],
    ['hidden folders are paths like others', 'rule: "*", path: "**/a.yml"', {}, true],
    ['a hidden rule id is one too', 'rule: "*", path: "**"', { rule: '.hidden' }, true],
    [
      'every place must lie in the path',
      'rule: "*", path: ".github/**"',
      { places: [{ path: '.github/a' }, { path: 'src/b' }] },
      false,
    ],
    ['a finding without a place is not met by a path', 'rule: "*", path: "**"', { places: [] }, false],
  ] as [string, string, Partial<Finding>, boolean][])('%s', (_name, entry, over, expected) => {
    expect(covers(`${entry}, expires: 2026-06-10`, found(over))).toBe(expected);
  });

  it('count to the last moment of their last day, and not beyond', () => {
    const until = 'rule: "*", path: "**", expires: 2026-06-01';
    expect(covers(until, found(), new Date('2026-06-01T23:59:59.999Z'))).toBe(true);
    expect(covers(until, found(), new Date('2026-06-02T00:00:00.000Z'))).toBe(false);
  });

  it('may run exactly as long as the policy allows', () => {
    const limit = 'limits: { waiverDays: 10 }\n';
    expect(covers('rule: "*", path: "**", expires: 2026-06-11', found(), now, limit)).toBe(true);
    expect(covers('rule: "*", path: "**", expires: 2026-06-12', found(), now, limit)).toBe(false);
    expect(covers('rule: "*", path: "**", expires: 2030-01-01', found(), now)).toBe(true);
  });

  it('by fingerprint cover that finding and no other', () => {
    const one = found();
    expect(covers(`fingerprint: "${one.fingerprint}", expires: 2026-06-10`, one)).toBe(true);
    expect(covers(`fingerprint: "${one.fingerprint}", expires: 2026-06-10`, found())).toBe(false);
  });
});
