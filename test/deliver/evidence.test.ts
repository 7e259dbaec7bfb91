import { describe, expect, it } from 'vitest';
import { requireEvidence } from '../../src/deliver/evidence.ts';
import { SallyportError } from '../../src/model/error.ts';
import { STATEMENT_TYPE, VSA_TYPE } from '../../src/model/evidence.ts';
import { planWith } from './plan.ts';

const HEX = 'a'.repeat(64);
const SUBJECT = `payments@sha256:${HEX}`;
const asking = (more = '') =>
  planWith([
    'steps:',
    `evidence:\n  - { predicateType: '${VSA_TYPE}', verifier: 'https://v.example', level: SALLYPORT_DEPLOY_PROD${more} }\nsteps:`,
  ]);
const loaded = asking();

const vsa = (change: object = {}, digest = HEX) => ({
  _type: STATEMENT_TYPE,
  subject: [{ name: 'payments', digest: { sha256: digest } }],
  predicateType: VSA_TYPE,
  predicate: {
    verifier: { id: 'https://v.example' },
    verificationResult: 'PASSED',
    verifiedLevels: ['SALLYPORT_DEPLOY_PROD'],
    ...change,
  },
});
const hand = (statement: unknown, signer: string | null = 'https://github.com/acme/deploy') => [
  { path: 'e.json', text: JSON.stringify(statement), signer },
];

function found(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SallyportError) return `${error.code} ${error.problem.found}`;
    throw error;
  }
  return 'accepted';
}

describe('the evidence that a plan asks for', () => {
  it('is accepted when it is there, and not asked for when the plan does not', () => {
    expect(found(() => requireEvidence(loaded, SUBJECT, hand(vsa()), false))).toBe('accepted');
    expect(found(() => requireEvidence(planWith(), SUBJECT, [], false))).toBe('accepted');
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', null, /no in-toto statement/u],
    ['another digest', vsa({}, 'b'.repeat(64)), /another digest/u],
    ['a failed verification', vsa({ verificationResult: 'FAILED' }), /its result is FAILED/u],
    ['another verifier', vsa({ verifier: { id: 'https://w.example' } }), /it is by/u],
    ['another level', vsa({ verifiedLevels: ['SALLYPORT_RELEASE'] }), /it holds SALLYPORT_RELEASE/u],
    ['no levels', vsa({ verifiedLevels: undefined }), /it holds/u],
    ['another type', { ...vsa(), predicateType: 'https://x' }, /it is https/u],
    ['subjects that are none', { ...vsa(), subject: [null, {}] }, /another digest/u],
  ])('is missing with %s', (_what, statement, why) => {
    expect(found(() => requireEvidence(loaded, SUBJECT, hand(statement), false))).toMatch(why);
  });

  it('is missing unsigned, unless the plan takes it so and this is a laptop', () => {
    const local = asking(', unsigned: true');
    const judged = (plan: typeof loaded, laptop: boolean) =>
      found(() => requireEvidence(plan, SUBJECT, hand(vsa(), null), laptop));
    expect(judged(loaded, false)).toMatch(/its signature was not verified/u);
    expect(judged(loaded, true)).toMatch(/its signature was not verified/u);
    expect(judged(local, false)).toMatch(/nobody signed it, which is enough on a laptop only/u);
    expect(judged(local, true)).toBe('accepted');
    expect(found(() => requireEvidence(local, SUBJECT, hand(vsa()), false))).toBe('accepted');
  });

  it('is missing when nothing was handed in, when it is no JSON, and for a subject without a digest', () => {
    expect(found(() => requireEvidence(loaded, SUBJECT, [], true))).toMatch(/no evidence was handed in/u);
    expect(
      found(() => requireEvidence(loaded, SUBJECT, [{ path: 'e', text: '{', signer: 'me' }], true)),
    ).toMatch(/not JSON/u);
    expect(found(() => requireEvidence(loaded, 'payments:latest', hand(vsa()), true))).toMatch(
      /payments:latest/u,
    );
  });
});
