import fc from 'fast-check';
import { expect, it } from 'vitest';
import { grouped } from '../../src/model/grouped.ts';

it('writes whole numbers as Node does for English', () => {
  for (const number of [0, 1, 999, 1000, 12_345, 999_999, 1_000_000]) {
    expect(grouped(number)).toBe(number.toLocaleString('en-US'));
  }
  fc.assert(fc.property(fc.maxSafeInteger(), (number) => grouped(number) === number.toLocaleString('en-US')));
});
