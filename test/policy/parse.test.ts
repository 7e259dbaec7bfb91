import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import { parseLayer } from '../../src/policy/parse.ts';

function problemOf(text: string) {
  try {
    parseLayer('test', 'p.yml', text);
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.problem;
    throw thrown;
  }
  return null;
}

describe('a policy file', () => {
  it('knows where each of its parts stands', () => {
    const layer = parseLayer('x', 'p.yml', 'version: 1\nrules:\n  - id: a\n    action: fail\n');
    expect(layer.place(['rules', 0, 'action'])).toEqual({ path: 'p.yml', line: 4, column: 5 });
    expect(layer.place(['rules', 0])).toEqual({ path: 'p.yml', line: 3, column: 5 });
    expect(layer.place(['nothing', 'here'])).toEqual({ path: 'p.yml', line: 1, column: 1 });
  });

  it.each([
    ['a misspelt key', 'version: 1\nrules:\n  - id: x\n    actoin: fail\n', 'SP-POLICY-INVALID', 4, 5],
    ['a wrong type', 'version: 1\nrules: 5\n', 'SP-POLICY-INVALID', 2, 1],
    ['another version', 'version: 2\n', 'SP-POLICY-INVALID', 1, 1],
    ['an unknown gate', 'version: 1\ngates:\n  lunch: {}\n', 'SP-POLICY-INVALID', 3, 3],
    ['an unknown stage', 'version: 1\nstages:\n  lunch: {}\n', 'SP-POLICY-INVALID', 3, 3],
    ['a date that does not exist', waiver('2026-02-30'), 'SP-POLICY-INVALID', 7, 5],
    [
      'a waiver without a reason',
      'version: 1\nwaivers:\n  - rule: a\n    path: b\n    owner: c\n    expires: 2030-01-01\n',
      'SP-POLICY-INVALID',
      3,
      5,
    ],
    [
      'a waiver of everything',
      'version: 1\nwaivers:\n  - owner: a\n    reason: b\n    expires: 2030-01-01\n',
      'SP-POLICY-INVALID',
      3,
      5,
    ],
    ['a cut file', 'version: [1\n', 'SP-POLICY-SYNTAX', 2, 1],
    ['a key twice', 'version: 1\nversion: 1\n', 'SP-POLICY-SYNTAX', 2, 1],
    ['a tag', 'version: !!js/function 1\n', 'SP-POLICY-SYNTAX', 1, 10],
    [
      'a key twice, the second time by an alias',
      'version: 1\ntitle: &e extends\nextends: [strict]\n*e : []\n',
      'SP-POLICY-SYNTAX',
      4,
      1,
    ],
    ['a key that is a number', 'version: 1\nrules: []\n1: 2\n', 'SP-POLICY-SYNTAX', 3, 1],
    ['an older YAML, which merges keys', '%YAML 1.1\n---\nversion: 1\n', 'SP-POLICY-SYNTAX', 1, 1],
    [
      'a pattern whose braces multiply',
      `version: 1\nstages:\n  code: { exclude: ["${'{a,b}'.repeat(20)}"] }\n`,
      'SP-POLICY-INVALID',
      3,
      21,
    ],
    ['two documents', 'version: 1\n---\nversion: 1\n', 'SP-POLICY-SYNTAX', 2, 1],
  ])('names file, line and column of %s', (_name, text, code, line, column) => {
    const problem = problemOf(text);
    expect(problem).toMatchObject({ code, place: { path: 'p.yml', line, column } });
    expect(problem?.expected).toBeTruthy();
  });

  it.each([
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
        .join('\n')}\n`,
    ],
    ['deep nesting', `version: ${'['.repeat(300)}${']'.repeat(300)}`],
    ['deeper nesting than the parser takes', `version: ${'['.repeat(5000)}`],
    ['a megabyte too much', `version: 1\ntitle: "${'x'.repeat(1024 * 1024)}"\n`],
    ['an empty file', ''],
    ['a list', '- 1\n'],
    ['bytes', '\u0000\u0001\u0002'],
  ])('refuses %s in time', (_name, text) => {
    expect(problemOf(text)?.code).toMatch(/^SP-POLICY-/u);
  });

  it('never throws anything but its own error', () => {
    const line = fc.oneof(
      fc.constantFrom(
        'version: 1',
        'rules:',
        '  - id: a',
        '    over: finding',
        'waivers: &w',
        '  <<: *w',
        'extends: [baseline]',
        '? a',
        ': b',
        '- - -',
        '!!set {a}',
        '"',
        "'",
        '|',
        '>',
        '\t',
        '%YAML 1.1',
        '__proto__: 1',
      ),
      fc.string({ maxLength: 30 }),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const problem = problemOf(lines.join('\n'));
        return problem === null || problem.code.startsWith('SP-POLICY-');
      }),
    );
  });
});

function waiver(expires: string): string {
  return `version: 1\nwaivers:\n  - rule: a\n    path: b\n    owner: c\n    reason: d\n    expires: ${expires}\n`;
}
