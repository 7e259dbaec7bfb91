import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reachOf, requireReachable } from '../../../src/deliver/plan/feasibility.ts';
import { readPlan } from '../../../src/deliver/plan/read.ts';
import { testsOf } from '../../../src/deliver/plan/tests.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { PLAN, planWith } from '../plan.ts';

function problem(run: () => unknown) {
  try {
    run();
  } catch (error) {
    if (error instanceof SallyportError) return error.problem;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a plan', () => {
  it('is read with its durations in milliseconds and its defaults', () => {
    const { plan, sha256 } = planWith();
    expect(plan.look).toBe(10_000);
    expect(plan.deadline).toBe(1_800_000);
    expect(plan.inconclusive).toBe('rollback');
    expect(plan.prometheus?.timeout).toBe(10_000);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/u);
  });

  it('splits alpha by shares', () => {
    const [errors, slo] = testsOf(planWith().plan);
    expect(errors?.alpha).toBeCloseTo(0.006, 12);
    expect(slo?.alpha).toBeCloseTo(0.004, 12);
  });

  it.each<[string, string | RegExp, string, number, RegExp]>([
    ['weights that go down', 'weight: 50', 'weight: 5', 15, /more than the 10/u],
    ['a weight over 100', 'weight: 50', 'weight: 101', 15, /from 1 to 99/u],
    ['alpha 0', 'alpha: 0.01', 'alpha: 0', 10, /above 0/u],
    ['shares over 1', 'share: 0.4', 'share: 0.5', 25, /more than 1/u],
    ['a range query', 'req{v="2"}', 'req{v="2"}[5m]', 21, /plain selector/u],
    ['a function', 'err{v="1"}', 'sum(err)', 22, /plain selector/u],
    ['an unknown key', 'lease: 60s', 'leese: 60s', 7, /schema knows/u],
    ['an SLO of nothing', 'of: errors', 'of: latency', 26, /kind errors/u],
    ['an unknown provider', 'provider: command', 'provider: magic', 29, /./u],
    ['a lease shorter than two looks', 'lease: 60s', 'lease: 15s', 7, /two looks/u],
    ['a step that must stay longer than it may', 'min: 30s, max: 10m', 'min: 30m, max: 10m', 14, /longer/u],
    [
      'a URL with a password',
      "'http://127.0.0.1:9090'",
      "'http://a:b@127.0.0.1:9090'",
      28,
      /without a user/u,
    ],
  ])('refuses %s, and says where', (_name, from, to, line, expected) => {
    const found = problem(() => planWith([from, to]));
    expect(found.code).toBe('SP-CANARY-PLAN');
    expect(found.place?.line).toBe(line);
    expect(found.expected).toMatch(expected);
  });

  it('refuses what is not YAML, an alias, and a deep or a large file', () => {
    for (const text of [
      `${PLAN}]`,
      `${PLAN}a: &x 1\nb: *x\n`,
      `a: ${'['.repeat(40)}${']'.repeat(40)}`,
      '#'.repeat(300_000),
    ])
      expect(problem(() => readPlan('canary.yml', text)).code).toBe('SP-CANARY-SYNTAX');
  });

  it('never throws anything but a problem with a place', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.nat(PLAN.length), (noise, at) => {
        try {
          readPlan('canary.yml', PLAN.slice(0, at) + noise + PLAN.slice(at));
        } catch (error) {
          expect(error).toBeInstanceOf(SallyportError);
          expect((error as SallyportError).problem.place?.path).toBe('canary.yml');
        }
      }),
    );
  });
});

describe('whether a plan can be decided in time', () => {
  it('says when the earliest promotion is', () => {
    const reach = reachOf(planWith().plan);
    expect(reach.needed).not.toBeNull();
    expect(reach.needed ?? 0).toBeLessThan(reach.available);
    expect(requireReachable(planWith())).toEqual(reach);
  });

  it('refuses too little traffic with the time and the traffic that it needs, and those do', () => {
    const thin = planWith(['requestsPerSecond: 50, errorRate: 0.001', 'requestsPerSecond: 1, errorRate: 0']);
    const found = problem(() => requireReachable(thin));
    expect(found.code).toBe('SP-CANARY-UNREACHABLE');
    expect(found.place?.line).toBe(9);
    const { needed, traffic } = reachOf(thin.plan);
    expect(found.expected).toContain(`${Math.ceil((needed ?? 0) / 60_000)} min`);
    const more = { ...thin.plan, expected: { requestsPerSecond: traffic ?? 0, errorRate: 0 } };
    const { needed: then, available } = reachOf(more);
    expect(then ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(available);
  });

  it('refuses a deadline shorter than the steps', () => {
    const found = problem(() => requireReachable(planWith(['deadline: 30m', 'deadline: 45s'])));
    expect(found.expected).toMatch(/shortest way/u);
  });
});
