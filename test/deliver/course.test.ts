import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type Progress } from '../../src/deliver/course.ts';
import { simulatePlan } from '../../src/deliver/simulate.ts';
import type { MetricEvidence } from '../../src/deliver/statistics/metric.ts';
import { planWith } from './plan.ts';

const { plan } = planWith();
const calm: MetricEvidence[] = [
  { worse: 0, rollbackAt: 5.1, good: 0, promoteAt: 4.6 },
  { worse: 0, rollbackAt: 5.5, good: null, promoteAt: null },
];
const with_ = (metric: number, change: Partial<MetricEvidence>) =>
  calm.map((one, index) => (index === metric ? { ...one, ...change } : one));
const at = (change: Partial<Progress>): Progress => ({
  step: 0,
  inStep: 0,
  elapsed: 0,
  seen: true,
  ...change,
});

describe('the course of a promotion', () => {
  it('stays until the minimum, then goes on', () => {
    expect(decide(plan, at({ inStep: 29_000 }), calm)).toEqual({ kind: 'stay' });
    expect(decide(plan, at({ inStep: 30_000 }), calm)).toEqual({ kind: 'advance', step: 1 });
  });

  it('promotes at the last step only with evidence', () => {
    const last = at({ step: 1, inStep: 60_000 });
    expect(decide(plan, last, calm)).toEqual({ kind: 'stay' });
    expect(decide(plan, last, with_(0, { good: 4.61 }))).toEqual({ kind: 'promote' });
  });

  it('lets rollback win a tie', () => {
    const both = with_(0, { worse: 5.1, good: 9 });
    expect(decide(plan, at({ step: 1, inStep: 60_000 }), both)).toEqual({ kind: 'rollback', metric: 0 });
  });

  it('does not go on without traffic, and calls it inconclusive at the end of the step', () => {
    expect(decide(plan, at({ inStep: 60_000, seen: false }), calm)).toEqual({ kind: 'stay' });
    expect(decide(plan, at({ inStep: 600_000, seen: false }), calm)).toMatchObject({
      kind: 'inconclusive',
      why: 'step',
    });
  });

  it('holds while the error budget is being spent, and says so at the deadline', () => {
    const spent = with_(1, { worse: 6 });
    expect(decide(plan, at({ inStep: 60_000 }), spent)).toEqual({ kind: 'stay' });
    expect(decide(plan, at({ elapsed: plan.deadline }), spent)).toEqual({
      kind: 'inconclusive',
      why: 'budget',
      metric: 1,
    });
    const strict = planWith(['budget: 0.02', 'budget: 0.02\n    onBreach: rollback']).plan;
    expect(decide(strict, at({}), spent)).toEqual({ kind: 'rollback', metric: 1 });
  });

  it('never promotes where evidence is missing or not a number', () => {
    expect(decide(plan, at({ step: 1, inStep: 60_000 }), [])).toEqual({ kind: 'rollback', metric: 0 });
    const nan = with_(0, { worse: Number.NaN, good: 99 });
    expect(decide(plan, at({ step: 1, inStep: 60_000 }), nan).kind).toBe('rollback');
    const none = with_(0, { good: Number.NaN });
    expect(decide(plan, at({ step: 1, inStep: 60_000 }), none)).toEqual({ kind: 'stay' });
  });

  it('promotes only from the last step, with traffic, evidence and nothing against it', () => {
    const number = fc.double({ min: -20, max: 20, noNaN: true });
    const progress = fc.record({
      step: fc.nat(2),
      inStep: fc.nat(2_000_000),
      elapsed: fc.nat(4_000_000),
      seen: fc.boolean(),
    });
    fc.assert(
      fc.property(progress, number, number, number, (where, worse, good, budget) => {
        const evidence = [
          { ...(calm[0] as MetricEvidence), worse, good },
          { ...(calm[1] as MetricEvidence), worse: budget },
        ];
        if (decide(plan, where, evidence).kind !== 'promote') return;
        expect(where.step).toBe(1);
        expect(where.seen).toBe(true);
        expect(good).toBeGreaterThanOrEqual(4.6);
        expect(worse).toBeLessThan(5.1);
        expect(budget).toBeLessThan(5.5);
      }),
    );
  });
});

describe('the forecast', () => {
  it('promotes good versions, rolls bad ones back, and is the same for the same seed', () => {
    const scenario = { baseline: 0.001, canary: 0.001, requestsPerSecond: 50 };
    const good = simulatePlan(plan, scenario, 100, 7);
    expect(good.promoted).toBeGreaterThan(0.95);
    expect(good).toEqual(simulatePlan(plan, scenario, 100, 7));
    const bad = simulatePlan(plan, { ...scenario, canary: 0.05 }, 100, 7);
    expect(bad.rolledBack).toBe(1);
    expect(bad.rollbackTime?.p50).toBeLessThan(120);
    expect(good.promoted + good.rolledBack + good.inconclusive).toBeCloseTo(1, 9);
  });

  it('does not promote where nobody comes', () => {
    const quiet = simulatePlan(plan, { baseline: 0, canary: 0, requestsPerSecond: 0.0001 }, 20, 1);
    expect(quiet.promoted).toBe(0);
  });
});
