import { describe, expect, it } from 'vitest';
import { above, addAbsolute, below } from '../../../src/deliver/statistics/absolute.ts';
import { rateOf } from '../../../src/deliver/statistics/interval.ts';
import { type ComparisonTest, RunningMetric } from '../../../src/deliver/statistics/metric.ts';
import {
  GRID,
  logEvidence,
  logMixture,
  logSpaced,
  newWeights,
  reaches,
} from '../../../src/deliver/statistics/mixture.ts';
import { addRelative, worseThan } from '../../../src/deliver/statistics/relative.ts';

const look = (nc: number, kc: number, nb: number, kb: number) => ({
  canary: { requests: nc, errors: kc },
  baseline: { requests: nb, errors: kb },
});

const comparison: ComparisonTest = {
  kind: 'comparison',
  name: 'errors',
  alpha: 0.01,
  rho: 1,
  phi: 1,
  buckets: 1,
  promotion: { ratio: 2, floor: 0.005, beta: 0.01 },
};

describe('hand-computed values', () => {
  it('one canary error, equal arms: each member is psi / (1 + (psi - 1)/2)', () => {
    const weights = newWeights();
    addRelative(weights, worseThan(1, 1), look(100, 1, 100, 0));
    const grid = logSpaced(1.25, 64);
    for (const [j, psi] of grid.entries())
      expect(Math.exp(weights[j] ?? 0)).toBeCloseTo((2 * psi) / (psi + 1), 12);
    expect(Math.exp(weights[0] ?? 0)).toBeCloseTo(2.5 / 2.25, 12);
    expect(Math.exp(weights[31] ?? 0)).toBeCloseTo(128 / 65, 12);
  });

  it('rho moves the border: 10 of 100 requests at rho 1.25 have theta0 = 12.5/102.5', () => {
    const weights = newWeights();
    addRelative(weights, worseThan(1.25, 1), look(10, 2, 90, 1));
    const theta = 12.5 / 102.5;
    expect(weights[31]).toBeCloseTo(2 * Math.log(64) - 3 * Math.log(1 + theta * 63), 12);
  });

  it('phi divides the logarithm', () => {
    const [one, four] = [newWeights(), newWeights()];
    addRelative(one, worseThan(1, 1), look(50, 3, 450, 2));
    addRelative(four, worseThan(1, 4), look(50, 3, 450, 2));
    for (let j = 0; j < GRID; j += 1) expect(four[j]).toBeCloseTo((one[j] ?? 0) / 4, 12);
  });

  it('a look without errors is no evidence against anybody, and none without requests either', () => {
    const weights = newWeights();
    addRelative(weights, worseThan(1, 1), look(1000, 0, 9000, 0));
    addRelative(weights, worseThan(1, 1), look(0, 0, 0, 0));
    expect(logEvidence(weights)).toBe(0);
  });

  it('an outage of both arms alike gives no evidence: every member falls', () => {
    const weights = newWeights();
    addRelative(weights, worseThan(1, 1), look(50, 50, 450, 450));
    expect(logEvidence(weights)).toBeLessThan(0);
  });

  it('one arm: 921 requests without an error at p1 -> 0 are 1/beta = 100 for a floor of 0.5 %', () => {
    expect(Math.ceil(Math.log(100) / -Math.log1p(-0.005))).toBe(919);
    const weights = newWeights();
    addAbsolute(weights, below(0.005, 1), { requests: 921, errors: 0 });
    // The nearest member to 0 is 1/32 of the floor and pays 1/32 of the exponent.
    expect(weights[0]).toBeCloseTo(921 * (Math.log1p(-0.005 / 32) - Math.log1p(-0.005)), 9);
    expect(weights[0]).toBeGreaterThan(4.4);
  });

  it('one arm above its budget', () => {
    const weights = newWeights();
    const test = above(0.01, 1);
    addAbsolute(weights, test, { requests: 100, errors: 4 });
    expect(weights[0]).toBeCloseTo(4 * Math.log(1.25) + 96 * Math.log(0.9875 / 0.99), 12);
    expect(weights[31]).toBeCloseTo(4 * Math.log(64) + 96 * Math.log(0.36 / 0.99), 9);
  });

  it('alternatives stay rates even for a budget close to one', () => {
    for (const rate of [0.5, 0.8, 0.99]) {
      const { perSuccess, perError } = above(rate, 1);
      for (const value of [...perSuccess, ...perError]) expect(Number.isFinite(value)).toBe(true);
      for (const value of perError) expect(value).toBeGreaterThan(0);
    }
  });

  it('the mean of members survives exponents that a double cannot hold', () => {
    const weights = newWeights().fill(-2000);
    weights[7] = 5000;
    expect(logEvidence(weights)).toBeCloseTo(5000 - Math.log(GRID), 9);
    expect(reaches(weights, 4990)).toBe(true);
    expect(reaches(weights, 4999)).toBe(false);
    expect(logMixture([Math.log(3), Math.log(5)], [0.5, 0.5])).toBeCloseTo(Math.log(4), 12);
  });

  it('Wilson’s interval: 5 of 100 is 2.15 % to 11.18 %', () => {
    const rate = rateOf({ requests: 100, errors: 5 });
    expect(rate?.low).toBeCloseTo(0.02154, 4);
    expect(rate?.high).toBeCloseTo(0.11175, 4);
    expect(rateOf({ requests: 0, errors: 0 })).toBeNull();
    expect(rateOf({ requests: 10, errors: 0 })?.low).toBe(0);
  });
});

describe('a running metric', () => {
  it('gives the same evidence in one piece, in pieces, and across a save as JSON', () => {
    const whole = new RunningMetric(comparison);
    const first = new RunningMetric(comparison);
    const looks = [look(50, 1, 450, 2), look(48, 3, 451, 1), look(55, 0, 444, 4)];
    for (const one of looks) whole.add([one]);
    first.add([looks[0] ?? look(0, 0, 0, 0)]);
    const second = new RunningMetric(comparison, JSON.parse(JSON.stringify(first.save())));
    for (const one of looks.slice(1)) second.add([one]);
    expect(second.evidence()).toEqual(whole.evidence());
  });

  it('rolls back a canary at 5 % against 0.5 % and promotes one without errors', () => {
    const bad = new RunningMetric(comparison);
    for (let i = 0; i < 12; i += 1) bad.add([look(100, 5, 900, 4)]);
    const { worse, rollbackAt, good, promoteAt } = bad.evidence();
    expect(worse).toBeGreaterThan(rollbackAt);
    expect(good).toBeLessThan(promoteAt ?? 0);
    const healthy = new RunningMetric(comparison);
    for (let i = 0; i < 13; i += 1) healthy.add([look(100, 0, 900, 0)]);
    const evidence = healthy.evidence();
    expect(evidence.worse).toBe(0);
    expect(evidence.good).toBeGreaterThan(evidence.promoteAt ?? 0);
  });

  it('silence promotes nothing', () => {
    const metric = new RunningMetric(comparison);
    for (let i = 0; i < 1000; i += 1) metric.add([look(0, 0, 900, 0)]);
    expect(metric.evidence().good).toBe(0);
  });

  it('averages evidence over buckets and asks every bucket for promotion', () => {
    const two = new RunningMetric({ ...comparison, buckets: 2 });
    for (let i = 0; i < 13; i += 1) two.add([look(100, 0, 900, 0), look(100, 5, 900, 5)]);
    const only = new RunningMetric(comparison);
    for (let i = 0; i < 13; i += 1) only.add([look(100, 5, 900, 5)]);
    expect(two.evidence().worse).toBeCloseTo(Math.log((1 + Math.exp(only.evidence().worse)) / 2), 9);
    expect(two.evidence().good).toBeCloseTo(only.evidence().good ?? Number.NaN, 9);
  });

  it('refuses counts that nobody can have counted, and a state of another plan', () => {
    const metric = new RunningMetric(comparison);
    for (const bad of [look(1, 2, 3, 0), look(-1, 0, 3, 0), look(Number.NaN, 0, 3, 0), look(1.5, 0, 3, 0)])
      expect(() => metric.add([bad])).toThrow(/cannot be used/u);
    const saved = metric.save();
    expect(() => new RunningMetric({ ...comparison, buckets: 2 }, saved)).toThrow(/does not fit/u);
    expect(() => new RunningMetric(comparison, { ...saved, worse: [[1, 2]] })).toThrow(/does not fit/u);
    const nan = { ...saved, worse: [new Array<number>(GRID).fill(Number.NaN)] };
    expect(() => new RunningMetric(comparison, nan)).toThrow(/does not fit/u);
  });

  it('an SLO test stops and never promotes', () => {
    const slo = new RunningMetric({ kind: 'budget', name: 'slo', alpha: 0.005, phi: 1, budget: 0.01 });
    for (let i = 0; i < 10; i += 1) slo.add([look(100, 4, 0, 0)]);
    const { worse, rollbackAt, good } = slo.evidence();
    expect(worse).toBeGreaterThan(rollbackAt);
    expect(good).toBeNull();
  });
});
