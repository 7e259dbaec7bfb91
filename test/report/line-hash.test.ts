import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineHashes } from '../../src/report/line-hash.ts';

/** The same in big integers, straight from the definition: each line hashes the 100 characters from its start on. */
function slowly(text: string): string[] {
  const units: number[] = [];
  const starts: number[] = [0];
  const normal = text.replace(/\r\n|\r/gu, '\n');
  let fresh = false;
  // A blank between \r and \n keeps them apart; the tests below stay clear of that corner.
  for (const unit of Array.from({ length: normal.length }, (_, i) => normal.charCodeAt(i))) {
    if (unit === 0x20 || unit === 0x09) continue;
    if (fresh) starts.push(units.length);
    fresh = unit === 0x0a;
    units.push(unit);
  }
  if (fresh) starts.push(units.length);
  units.push(0xffff);
  const seen = new Map<string, number>();
  return starts.map((start) => {
    let hash = 0n;
    for (let i = 0; i < 100; i++) hash = (hash * 37n + BigInt(units[start + i] ?? 0)) % 2n ** 64n;
    const hex = hash.toString(16);
    seen.set(hex, (seen.get(hex) ?? 0) + 1);
    return `${hex}:${seen.get(hex)}`;
  });
}

describe('lineHashes', () => {
  it.each([
    ['', ['c129715d7a2bc9a3:1']],
    [
      ' a\nb\n  \t\tc\n d',
      ['271789c17abda88f:1', '54703d4cd895b18:1', '180aee12dab6264:1', 'a23a3dc5e078b07b:1'],
    ],
    [
      ' hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End',
      [
        '8b7cf3e952e7aeb2:1',
        'b1ae1287ec4718d9:1',
        'bff680108adb0fcc:1',
        'c6805c5e1288b612:1',
        'b86d3392aea1be30:1',
        'e6ceba753e1a442:1',
      ],
    ],
    [
      ' hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n',
      [
        'e9496ae3ebfced30:1',
        'fb7c023a8b9ccb3f:1',
        'ce8ba1a563dcdaca:1',
        'e20e36e16fcb0cc8:1',
        'b3edc88f2938467e:1',
        'c8e28b0b4002a3a0:1',
        'c129715d7a2bc9a3:1',
      ],
    ],
  ])('gives the values that code scanning gives: %j', (text, expected) => {
    expect(lineHashes(text)).toEqual(expected);
  });

  it('numbers equal lines', () => {
    const hashes = lineHashes('Lorem ipsum dolor sit amet.\n'.repeat(10));
    expect(hashes.slice(0, 7)).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => `a7f2ff13bc495cf2:${n}`).concat('a7f2ff1481e87703:1'),
    );
    expect(hashes).toHaveLength(11);
  });

  it('is the definition, computed fast', () => {
    const character = fc.constantFrom('a', 'é', '\uffff', '\u0000', '😀', ' ', '\t', '\n', 'z', '{', '0');
    fc.assert(
      fc.property(fc.array(character, { maxLength: 400 }), (characters) => {
        const text = characters.join('');
        expect(lineHashes(text)).toEqual(slowly(text));
      }),
      { numRuns: 500 },
    );
  });

  it('takes a megabyte in a moment', () => {
    const started = performance.now();
    lineHashes('const answer = 42; // and a comment\n'.repeat(30_000));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
