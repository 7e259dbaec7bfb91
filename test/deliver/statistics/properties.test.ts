import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { above, addAbsolute, below } from '../../../src/deliver/statistics/absolute.ts';
import { logEvidence, newWeights } from '../../../src/deliver/statistics/mixture.ts';
import {
  addRelative,
  betterThan,
  type RelativeTest,
  worseThan,
} from '../../../src/deliver/statistics/relative.ts';

/** P(K = k) for n independent requests at rate p, all k. */
function binomial(n: number, p: number): number[] {
  let row = [1];
  for (let i = 0; i < n; i += 1) {
    const next = new Array<number>(row.length + 1).fill(0);
    for (const [k, mass] of row.entries()) {
      next[k] = (next[k] ?? 0) + mass * (1 - p);
      next[k + 1] = (next[k + 1] ?? 0) + mass * p;
    }
    row = next;
  }
  return row;
}

/** The expectation of every member after one look, over all outcomes. */
function expectation(test: RelativeTest, nc: number, nb: number, pc: number, pb: number): number[] {
  const sums = new Array<number>(32).fill(0);
  for (const [kc, massC] of binomial(nc, pc).entries()) {
    for (const [kb, massB] of binomial(nb, pb).entries()) {
      const weights = newWeights();
      addRelative(weights, test, {
        canary: { requests: nc, errors: kc },
        baseline: { requests: nb, errors: kb },
      });
      for (const [j, w] of weights.entries()) sums[j] = (sums[j] ?? 0) + massC * massB * Math.exp(w);
    }
  }
  return sums;
}

const arm = fc.integer({ min: 0, max: 9 });
const rate = fc.double({ min: 0, max: 1, noNaN: true });
const ratio = fc.double({ min: 1, max: 4, noNaN: true });
const phi = fc.constantFrom(1, 1.5, 3);
const TOLERANCE = 1 + 1e-9;

describe('every member is a supermartingale, by summing over all outcomes', () => {
  it('against a canary that is worse than rho times the baseline', () => {
    fc.assert(
      fc.property(arm, arm, rate, rate, ratio, phi, (nc, nb, pb, below1, rho, effect) => {
        const pc = Math.min(1, rho * pb) * below1;
        for (const e of expectation(worseThan(rho, effect), nc, nb, pc, pb))
          expect(e).toBeLessThanOrEqual(TOLERANCE);
      }),
    );
  });

  it('against a canary at the border itself', () => {
    fc.assert(
      fc.property(arm, arm, rate, ratio, (nc, nb, pb, rho) => {
        for (const e of expectation(worseThan(rho, 1), nc, nb, Math.min(1, rho * pb), pb))
          expect(e).toBeLessThanOrEqual(TOLERANCE);
      }),
    );
  });

  it('for non-inferiority: against a canary that is better than R times the baseline', () => {
    fc.assert(
      fc.property(arm, arm, rate, rate, ratio, phi, (nc, nb, pb, up, R, effect) => {
        fc.pre(R * pb <= 1);
        const pc = R * pb + (1 - R * pb) * up;
        for (const e of expectation(betterThan(R, effect), nc, nb, pc, pb))
          expect(e).toBeLessThanOrEqual(TOLERANCE);
      }),
    );
  });

  it('grows on average where the canary really is worse', () => {
    const [lowest] = expectation(worseThan(1, 1), 8, 8, 0.6, 0.1);
    expect(lowest).toBeGreaterThan(1.05);
  });

  it('holds for clusters of phi requests that fail together within a look', () => {
    const size = 3;
    const [nc, nb, p] = [4, 5, 0.3];
    const clustered = (effect: number) => {
      const test = worseThan(1, effect);
      const sums = new Array<number>(32).fill(0);
      for (const [kc, massC] of binomial(nc, p).entries()) {
        for (const [kb, massB] of binomial(nb, p).entries()) {
          const weights = newWeights();
          addRelative(weights, test, {
            canary: { requests: nc * size, errors: kc * size },
            baseline: { requests: nb * size, errors: kb * size },
          });
          for (const [j, w] of weights.entries()) sums[j] = (sums[j] ?? 0) + massC * massB * Math.exp(w);
        }
      }
      return Math.max(...sums);
    };
    expect(clustered(size)).toBeLessThanOrEqual(TOLERANCE);
    expect(clustered(1)).toBeGreaterThan(1.1);
  });

  it('for one arm against a fixed rate, both sides', () => {
    const proper = fc.double({ min: 0.001, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(arm, proper, rate, phi, (n, p0, u, effect) => {
        const cases = [
          { test: above(p0, effect), p: p0 * u },
          { test: below(p0, effect), p: p0 + (1 - p0) * u },
        ];
        for (const { test, p } of cases) {
          const sums = new Array<number>(32).fill(0);
          for (const [k, mass] of binomial(n, p).entries()) {
            const weights = newWeights();
            addAbsolute(weights, test, { requests: n, errors: k });
            for (const [j, w] of weights.entries()) sums[j] = (sums[j] ?? 0) + mass * Math.exp(w);
          }
          for (const e of sums) expect(e).toBeLessThanOrEqual(TOLERANCE);
        }
      }),
    );
  });
});

describe('the promise itself, by walking every path of a small experiment', () => {
  it('P(ever reaching 1/alpha) is at most alpha after up to six looks', () => {
    const alpha = 0.2;
    const test = worseThan(1, 1);
    const outcomes = (p: number) =>
      binomial(2, p).flatMap((mc, kc) => binomial(2, p).map((mb, kb) => ({ mass: mc * mb, kc, kb })));
    for (const p of [0.1, 0.3, 0.6]) {
      // Looks of equal size: what counts is only how many errors each arm had, so paths that agree are one.
      let alive = new Map<string, { mass: number; kc: number; kb: number }>([
        ['0,0', { mass: 1, kc: 0, kb: 0 }],
      ]);
      let stopped = 0;
      for (let look = 0; look < 6; look += 1) {
        const next = new Map<string, { mass: number; kc: number; kb: number }>();
        for (const path of alive.values()) {
          for (const { mass, kc, kb } of outcomes(p)) {
            const now = { mass: path.mass * mass, kc: path.kc + kc, kb: path.kb + kb };
            const weights = newWeights();
            const requests = 2 * (look + 1);
            addRelative(weights, test, {
              canary: { requests, errors: now.kc },
              baseline: { requests, errors: now.kb },
            });
            if (logEvidence(weights) >= -Math.log(alpha)) {
              stopped += now.mass;
              continue;
            }
            const key = `${now.kc},${now.kb}`;
            const same = next.get(key);
            next.set(key, same === undefined ? now : { ...now, mass: now.mass + same.mass });
          }
        }
        alive = next;
      }
      expect(stopped).toBeGreaterThan(0);
      expect(stopped).toBeLessThanOrEqual(alpha);
    }
  });
});
