import { describe, expect, it } from 'vitest';
import type { Verification } from '../../src/model/finding.ts';
import { readSarif } from '../../src/model/sarif/read.ts';
import { writeSarif } from '../../src/model/sarif/write.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { compiled, evaluation, finding, report } from './support.ts';

const policy = compiled(`version: 1
gates: { pull-request: { stages: { secrets: always }, rules: [live, dead] } }
rules:
  - { id: live, over: finding, condition: 'finding.verification == "verified"', action: fail, message: live }
  - { id: dead, over: finding, condition: 'finding.verification == "invalid"', action: warn, message: dead }
`);

function secret(verification: Verification | undefined) {
  return finding({ stage: 'secrets', engine: 'sallyport-secrets', rule: 'npm-access-token', verification });
}

describe('whether a credential counts', () => {
  it('is a field that rules can use, null where nobody was asked', () => {
    for (const [verification, outcome] of [
      ['verified', 'failed'],
      ['invalid', 'warned'],
      ['unknown', 'passed'],
      [undefined, 'passed'],
    ] as const) {
      const reports = [report({ stage: 'secrets', findings: [secret(verification)] })];
      expect(evaluate(evaluation({ policy, reports })).findings).toMatchObject([{ outcome }]);
    }
  });

  it('is kept in the report, and believed of ours alone', () => {
    const written = [...writeSarif([report({ stage: 'secrets', findings: [secret('verified')] })])].join('');
    const read = (origin: 'own' | 'handed-in') =>
      readSarif(Buffer.from(written), { stage: 'secrets', path: 'x', origin })[0]?.findings[0]?.verification;
    expect(read('own')).toBe('verified');
    expect(read('handed-in')).toBeUndefined();
  });
});
