import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readVex } from '../../src/advisories/vex.ts';
import { SallyportError } from '../../src/model/error.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { openVexOf } from '../../src/policy/vex-write.ts';
import { compiled, evaluation, finding, merged, report } from './support.ts';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const SAID = '2026-05-01T00:00:00Z';
const openVex = (statement: object) => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://example.com/vex-1',
  author: 'Payments team',
  timestamp: SAID,
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2026-1001', aliases: ['GHSA-x'] },
      products: [{ '@id': 'pkg:npm/shop@1', subcomponents: [{ '@id': 'pkg:npm/deep@1.0.1' }] }],
      status: 'not_affected',
      justification: 'vulnerable_code_not_in_execute_path',
      ...statement,
    },
  ],
});
const cycloneDx = (analysis: object) => ({
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  metadata: { timestamp: SAID, authors: [{ name: 'Payments team' }] },
  components: [{ type: 'library', name: 'deep', 'bom-ref': 'd', purl: 'pkg:npm/deep@1.0.1' }],
  vulnerabilities: [{ id: 'CVE-2026-1001', affects: [{ ref: 'd' }], analysis }],
});

describe('reading VEX', () => {
  it.each([
    ['OpenVEX', openVex({})],
    ['CycloneDX', cycloneDx({ state: 'not_affected', justification: 'code_not_reachable' })],
    [
      'a BOM-Link',
      {
        ...cycloneDx({ state: 'false_positive', detail: 'x' }),
        vulnerabilities: [
          {
            id: 'CVE-2026-1001',
            affects: [{ ref: 'urn:cdx:a/1#pkg%3Anpm%2Fdeep%401.0.1' }],
            analysis: { state: 'false_positive', detail: 'x' },
          },
        ],
      },
    ],
  ])('%s', (_name, document) => {
    expect(readVex(bytes(document), 'a.json')).toEqual([
      expect.objectContaining({
        vulnerability: 'CVE-2026-1001',
        status: 'not_affected',
        components: ['pkg:npm/deep@1.0.1'],
        author: 'Payments team',
        said: SAID,
      }),
    ]);
  });

  it('keeps what takes an earlier statement back', () => {
    const statusOf = (document: unknown) => readVex(bytes(document), 'a').map(({ status }) => status);
    expect(statusOf(openVex({ status: 'affected', action_statement: 'x' }))).toEqual(['affected']);
    expect(statusOf(openVex({ status: 'under_investigation' }))).toEqual(['under_investigation']);
    expect(statusOf(cycloneDx({ state: 'exploitable' }))).toEqual(['affected']);
    expect(statusOf(openVex({ status: 'affected', products: ['https://example.com/x'] }))).toEqual([]);
    expect(statusOf(cycloneDx({}))).toEqual([]);
  });

  it.each([
    ['not_affected without a reason', openVex({ justification: undefined })],
    ['a justification that there is not', openVex({ justification: 'because' })],
    ['no product', openVex({ products: [] })],
    ['a status that there is not', openVex({ status: 'harmless' })],
    ['no author', { ...openVex({}), author: undefined }],
    ['no statements', { ...openVex({}), statements: undefined }],
    ['CycloneDX without a reason', cycloneDx({ state: 'not_affected' })],
    ['something else', { a: 1 }],
  ])('refuses %s', (_name, document) => {
    expect(() => readVex(bytes(document), 'a')).toThrow(expect.objectContaining({ code: 'SP-VEX' }));
  });

  it('throws nothing but its own errors', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('statements', 'vulnerabilities', 'products'), (json, key) => {
        const document = { ...openVex({}), ...cycloneDx({}), [key]: JSON.parse(json) };
        for (const text of [
          json,
          JSON.stringify(document),
          JSON.stringify({ ...document, bomFormat: 'x' }),
        ]) {
          try {
            readVex(bytes(text), 'a');
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(SallyportError);
          }
        }
      }),
    );
  });
});

describe('VEX in a decision', () => {
  const about = (rule: string) =>
    finding({
      stage: 'dependencies',
      rule,
      component: 'pkg:npm/deep@1.0.1',
      advisory: { id: 'GHSA-x', aliases: [], fixed: null, vectors: [], epss: null, exploited: null },
    });
  const outcome = (rule: string, limits = '', statement = {}) => {
    const rules = `gates: { pull-request: { rules: [r] } }\nrules: [{ id: r, over: finding, condition: 'true', action: fail, message: m }]\n`;
    const { findings } = evaluate(
      evaluation({
        policy: compiled(`version: 1\n${rules}${limits}`),
        reports: [report({ stage: 'dependencies', findings: [about(rule)] })],
        vex: readVex(bytes(openVex(statement)), 'vex.json'),
        now: new Date('2026-06-01T00:00:00Z'),
      }),
    );
    return findings.find(({ finding: { stage } }) => stage === 'dependencies');
  };

  it('lets a vulnerability pass, and says who said so and until when', () => {
    expect(outcome('vulnerable-dependency', 'limits: { vexDays: 60 }\n')).toMatchObject({
      outcome: 'suppressed',
      suppressedBy:
        'VEX of Payments team on 2026-05-01 (vex.json): not_affected, vulnerable_code_not_in_execute_path, counts until 2026-06-30',
    });
  });

  it.each([
    ['a banned component', 'banned-component', '', {}],
    ['a malicious package', 'malicious-package', '', {}],
    ['another version', 'vulnerable-dependency', '', { products: ['pkg:npm/deep@1.0.2'] }],
    ['another package', 'vulnerable-dependency', '', { products: ['pkg:npm/other'] }],
    ['what was said too long ago', 'vulnerable-dependency', 'limits: { vexDays: 30 }\n', {}],
    [
      'what was said in the future',
      'vulnerable-dependency',
      'limits: { vexDays: 30 }\n',
      { timestamp: '2027-01-01T00:00:00Z' },
    ],
  ])('never hides %s', (_name, rule, limits, statement) => {
    expect(outcome(rule, limits, statement)?.outcome).toBe('failed');
  });

  it.each([
    ['affected', '2026-05-02T00:00:00Z', 'failed'],
    ['under_investigation', '2026-05-02T00:00:00Z', 'failed'],
    ['affected', '2026-04-01T00:00:00Z', 'suppressed'],
    // Of two at one time the careful one counts, whatever their order.
    ['affected', SAID, 'failed'],
    ['fixed', '2026-05-02T00:00:00Z', 'suppressed'],
  ])('%s said %s beside it: %s', (status, timestamp, expected) => {
    const [first] = openVex({}).statements;
    const statements = [first, { ...first, status, timestamp }];
    for (const order of [statements, statements.toReversed()]) {
      const rules = `gates: { pull-request: { rules: [r] } }\nrules: [{ id: r, over: finding, condition: 'true', action: fail, message: m }]\n`;
      const { findings } = evaluate(
        evaluation({
          policy: compiled(`version: 1\n${rules}`),
          reports: [report({ stage: 'dependencies', findings: [about('vulnerable-dependency')] })],
          vex: readVex(bytes({ ...openVex({}), statements: order }), 'vex.json'),
        }),
      );
      expect(findings.find(({ finding: { stage } }) => stage === 'dependencies')?.outcome).toBe(expected);
    }
  });

  it('counts for as long as the strictest layer allows', () => {
    expect(() =>
      merged('version: 1\nlimits: { vexDays: 30 }\n', 'version: 1\nlimits: { vexDays: 60 }\n'),
    ).toThrow(expect.objectContaining({ code: 'SP-POLICY-LOOSENED' }));
  });
});

describe('VEX from waivers', () => {
  it('says not_affected with a justification, else affected with an action, and reads back', () => {
    const waiver = (more: string) =>
      `  - { component: 'pkg:npm/deep', advisory: CVE-2026-1001, owner: ann, reason: unused, expires: 2026-12-31${more} }\n`;
    const { waivers } = merged(
      `version: 1\nwaivers:\n${waiver('')}${waiver(', justification: component_not_present')}  - { rule: a, path: b, owner: o, reason: r, expires: 2026-12-31 }\n`,
    );
    const document = openVexOf(waivers, { id: 'https://example.com/1', author: 'ann', timestamp: SAID });
    expect(document.statements.map(({ status }) => status)).toEqual(['affected', 'not_affected']);
    expect(readVex(bytes(document), 'a')).toMatchObject([
      { status: 'affected', components: ['pkg:npm/deep'], author: 'ann' },
      { status: 'not_affected', components: ['pkg:npm/deep'], author: 'ann' },
    ]);
  });
});
