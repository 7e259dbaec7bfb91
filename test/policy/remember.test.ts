import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Facts } from '../../src/policy/facts.ts';
import { remember } from '../../src/policy/remember.ts';

const gate: Facts = { name: 'pull-request', local: false };
const value = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('1', 'null', '{}', '["a"]', '-0'),
  fc.bigInt({ min: -2n, max: 2n }),
  fc.constantFrom(0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string({ maxLength: 2 }), { maxLength: 3 }),
);

describe('what a condition has answered', () => {
  it('is never given for other values', () => {
    const facts = fc.record({ a: value, b: value }, { requiredKeys: [] }) as fc.Arbitrary<Facts>;
    fc.assert(
      fc.property(fc.array(facts, { minLength: 2, maxLength: 30 }), (all) => {
        // Each combination is a new answer: the first one with equal values, or true for the first of all.
        const seen: Facts[] = [];
        const same = (x: Facts, y: Facts) =>
          ['a', 'b'].every(
            (name) =>
              Object.hasOwn(x, name) === Object.hasOwn(y, name) &&
              (Array.isArray(x[name]) && Array.isArray(y[name])
                ? JSON.stringify(x[name]) === JSON.stringify(y[name])
                : Object.is(x[name], y[name])),
          );
        const condition = remember(['a', 'b'], (one) => {
          if (seen.some((other) => same(other, one))) return false;
          seen.push(one);
          return true;
        });
        for (const one of all) expect(condition({ ...one, c: 'x' }, gate)).toBe(true);
      }),
    );
  });

  it('is asked for once, and for each gate anew', () => {
    const ask = vi.fn((facts: Facts, at: Facts) => facts.a === at.name);
    const condition = remember(['a'], ask);
    expect(condition({ a: 'release', b: 1 }, { name: 'release' })).toBe(true);
    expect(condition({ a: 'release', b: 1 }, { name: 'deploy' })).toBe(false);
    for (const b of [1, 2, 3]) expect(condition({ a: 'pull-request', b }, gate)).toBe(true);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  it('is not kept where it threw', () => {
    let answers = 0;
    const condition = remember(['a'], () => {
      answers += 1;
      if (answers === 1) throw new Error('not now');
      return true;
    });
    expect(() => condition({ a: 'x' }, gate)).toThrow('not now');
    expect(condition({ a: 'x' }, gate)).toBe(true);
  });

  it('of long values is not kept at all', () => {
    const ask = vi.fn(() => true);
    const condition = remember(['a'], ask);
    for (let i = 0; i < 3; i += 1) condition({ a: 'x'.repeat(501) }, gate);
    expect(ask).toHaveBeenCalledTimes(3);
  });
});
