import { readFileSync } from 'node:fs';
import { SallyportError } from '../../src/model/error.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { ScanReport } from '../../src/model/report.ts';
import { stages } from '../../src/model/stage.ts';
import { type CompiledPolicy, compilePolicy } from '../../src/policy/compile.ts';
import type { EvaluationInput } from '../../src/policy/evaluate.ts';
import { mergePolicies, type OptionRules, type Policy, policyOf } from '../../src/policy/merge.ts';
import { parseLayer } from '../../src/policy/parse.ts';

/** Options `allowed` and `exempt` may shrink, `looked` may grow. */
export const optionRules: OptionRules = {
  tightens: (key, before, after) => {
    const [a, b] = [before, after] as [unknown[], unknown[]];
    return key.endsWith('/looked') ? a.every((x) => b.includes(x)) : b.every((x) => a.includes(x));
  },
  opensStrictly: (key) => !key.endsWith('/exempt'),
};

/** The code of the refusal that a piece of work ends in; `otherwise` where it ends in none. */
export function refusalOf(run: () => unknown, otherwise: string): string {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
  return otherwise;
}

export function merged(...texts: string[]): Policy {
  const policies = texts.map((text, i) => policyOf(parseLayer(`layer-${i}`, `layer-${i}.yml`, text)));
  const [first, ...rest] = policies;
  if (first === undefined) throw new Error('no layer');
  return rest.reduce((a, b) => mergePolicies(a, b, optionRules), first);
}

export function compiled(...texts: string[]): CompiledPolicy {
  return compilePolicy(merged(...texts));
}

/** The text of a pack of ours. */
export function pack(name: string): string {
  return readFileSync(new URL(`../../action-policies/${name}.yml`, import.meta.url), 'utf8');
}

let counter = 0;
export function finding(over: Partial<Finding> = {}): Finding {
  counter += 1;
  return {
    stage: 'configuration',
    engine: 'sallyport-configuration',
    rule: 'DL3007',
    severity: 'high',
    score: null,
    message: 'the base image moves',
    places: [{ path: 'Dockerfile', line: 1, column: 1 }],
    fingerprint: `${counter.toString(16).padStart(32, '0')}:0`,
    suppressions: [],
    tags: [],
    ...over,
  };
}

export function report(over: Partial<ScanReport> = {}): ScanReport {
  const findings = over.findings ?? [];
  return {
    stage: 'configuration',
    state: findings.length > 0 ? 'findings' : 'clean',
    engine: { name: 'sallyport-configuration', version: '1.0.0', publisher: 'sallyport', how: 'in-process' },
    looked: { files: 1, bytes: 10, commits: null, rules: 3, skipped: [], complete: true },
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.000Z',
    rules: [],
    findings,
    problems: [],
    ...over,
  };
}

export function evaluation(over: Partial<EvaluationInput> & { policy: CompiledPolicy }): EvaluationInput {
  return {
    gate: 'pull-request',
    local: false,
    subject: { name: 'acme/payments', digest: { gitCommit: 'a'.repeat(40) } },
    base: null,
    now: new Date('2026-06-01T12:00:00Z'),
    reports: [],
    baseReports: null,
    evidence: [],
    likeness: null,
    presence: new Map(stages.map((stage) => [stage, { present: false, complete: true }])),
    only: null,
    vex: [],
    gateFindings: [],
    problems: [],
    notes: [],
    ...over,
  };
}
