import { Environment } from '@marcbachmann/cel-js';
import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import { compileCondition } from '../../src/policy/conditions.ts';
import { type Facts, factFields } from '../../src/policy/facts.ts';
import { ruleSubjects } from '../../src/policy/schema.ts';
import { fieldsRead } from '../../src/policy/syntax.ts';

const finding: Facts = {
  stage: 'code',
  engine: 'semgrep',
  rule: 'r',
  severity: 'high',
  score: null,
  message: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!',
  path: null,
  line: 7n,
  introduced: null,
  tags: ['CWE-79', 'x'],
  component: null,
  fixable: false,
  fingerprint: 'f',
};
const gate: Facts = { name: 'pull-request', local: false };
const place = { path: 'p.yml', line: 3 };

function outcome(expression: string): boolean | string {
  try {
    return compileCondition('finding', expression, place)(finding, gate);
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
}

describe('a condition', () => {
  it.each([
    ['finding.severity in ["critical", "high"]', true],
    ['atLeast(finding.severity, "medium")', true],
    ['atLeast(finding.severity, "critical")', false],
    ['finding.introduced != false', true],
    ['finding.introduced == true', false],
    ['finding.score != null && finding.score >= 7.0', false],
    ['finding.line > 6 && gate.name == "pull-request" && !gate.local', true],
    ['finding.tags.exists(t, t.startsWith("CWE-"))', true],
    ['(finding.path != null ? finding.path : "none") == "none"', true],
    ['finding.message.matches("^a+!$")', true],
    ['finding.tags.exists(t, t.matches("^CWE-[0-9]+$"))', true],
    ['-(finding.fixable ? 1 : 5) == -5', true],
  ])('%s is %s', (expression, expected) => {
    expect(outcome(expression)).toBe(expected);
  });

  it.each([
    ['an unknown variable', 'nothing == 1'],
    ['an unknown field', 'finding.colour == "red"'],
    ['an unknown function', 'finding.severity.shout()'],
    ['a wrong type', 'finding.severity == 3'],
    ['a wrong type in a nullable field', 'finding.score > "high"'],
    ['something that is no condition', 'finding.severity'],
    ['half an expression', 'finding.severity =='],
    ['an empty expression', ''],
    ['a broken pattern', 'finding.message.matches("(")'],
    ['a pattern that RE2 does not have', 'finding.message.matches("(?=a)")'],
    [
      'comprehensions three deep',
      'finding.tags.exists(a, finding.tags.exists(b, finding.tags.exists(c, a == b)))',
    ],
    ['a deep expression', `${'!('.repeat(300)}true${')'.repeat(300)}`],
    ['our own name for matches', 'finding.message.re2Matches("a")'],
  ])('refuses %s before anything runs', (_name, expression) => {
    expect(outcome(expression)).toBe('SP-CONDITION-INVALID');
  });

  it.each([
    ['a null that is not asked for', 'finding.score >= 7.0'],
    ['a null as text', 'finding.path.startsWith("src/")'],
    ['a severity that does not exist', 'atLeast(finding.severity, "severe")'],
    ['a pattern that only running shows to be broken', 'finding.message.matches(finding.severity + "(")'],
  ])('throws at %s, rather than passing', (_name, expression) => {
    expect(outcome(expression)).toBe('SP-CONDITION-FAILED');
  });

  it('does not hang on a pattern that would', () => {
    const started = performance.now();
    expect(outcome('finding.message.matches("^(a+)+$")')).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('names its place', () => {
    try {
      compileCondition('run', 'run.nothing', place);
      expect.unreachable();
    } catch (thrown) {
      expect((thrown as SallyportError).problem.place).toEqual(place);
    }
  });

  it('can read every field that is declared', () => {
    for (const over of ruleSubjects) {
      for (const name of Object.keys(factFields[over])) {
        expect(() => compileCondition(over, `${over}.${name} == ${over}.${name}`, place)).not.toThrow();
      }
    }
  });
});

describe('the fields that a condition reads', () => {
  const read = (expression: string) =>
    fieldsRead(new Environment({ unlistedVariablesAreDyn: true }).parse(expression).ast, 'finding');

  it.each([
    ['finding.severity == "high" && gate.name == "release"', ['severity']],
    ['finding.tags.exists(t, t == finding.rule)', ['rule', 'tags']],
    ['has(finding.path) ? finding.line > 1 : false', ['line', 'path']],
    ['true', []],
  ])('%s', (expression, fields) => {
    expect(read(expression)).toEqual(fields);
  });

  it.each(['finding["severity"] == "high"', '[finding].exists(f, f.rule == "r")', 'finding == gate'])(
    '%s: nobody can tell',
    (expression) => {
      expect(read(expression)).toBeNull();
    },
  );
});
