import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, placeInJson } from '../../../src/model/json/parse.ts';
import { positionAt } from '../../../src/model/json/position.ts';

const limits = { bytes: 1_000_000, depth: 64, string: 10_000 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const outcome = (action: () => unknown): { value?: unknown; failed?: string } => {
  try {
    return { value: action() };
  } catch (thrown) {
    return { failed: (thrown as Error).name };
  }
};

describe('parseJson', () => {
  it('accepts what JSON.parse accepts, and gives the same', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        // A name that stands twice is only refused where a reader steps into the object.
        expect(parseJson(bytes(text), 'f', limits)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses what JSON.parse refuses, and nothing else', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"',
      '1',
      '-',
      '0',
      '1.5e3',
      '.',
      'true',
      'null',
      ' ',
      '\n',
      '\\',
      'é',
      '\u0001',
      '\\u00e9',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const expected = outcome(() => JSON.parse(text) as unknown);
        const actual = outcome(() => parseJson(bytes(text), 'f', limits));
        expect(actual).toEqual(expected.failed === undefined ? expected : { failed: 'SallyportError' });
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['depth', '['.repeat(65) + ']'.repeat(65), 'SP-JSON-DEPTH'],
    ['a string', `"${'x'.repeat(20_000)}"`, 'SP-JSON-STRING'],
    ['size', ' '.repeat(1_000_001), 'SP-JSON-SIZE'],
  ])('bounds %s', (_, text, code) => {
    expect(() => parseJson(bytes(text), 'f', limits)).toThrow(
      expect.objectContaining({ problem: expect.objectContaining({ code }) }),
    );
  });

  it('takes 64 levels, and names like __proto__ as data', () => {
    expect(() => parseJson(bytes('['.repeat(64) + ']'.repeat(64)), 'f', limits)).not.toThrow();
    const value = parseJson(bytes('{"__proto__":{"polluted":1}}'), 'f', limits) as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('positions', () => {
  it('count lines and UTF-16 units', () => {
    const text = 'a\né😀x\r\n\ty';
    const at = (part: string) => positionAt(bytes(text), bytes(text.slice(0, text.indexOf(part))).length);
    expect(at('a')).toEqual({ line: 1, column: 1 });
    expect(at('x')).toEqual({ line: 2, column: 4 });
    expect(at('y')).toEqual({ line: 3, column: 2 });
    expect(positionAt(bytes('\ufeffab'), 3)).toEqual({ line: 1, column: 1 });
  });

  it.each([
    [['a', 1, 'b'], 3, 5],
    [['a', 1, 'missing'], 2, 2],
    [['a', 9], 1, 6],
    [['none'], 1, 1],
    [[], 1, 1],
  ])('of %j', (steps, line, column) => {
    const text = '{"a":[1,\n {\n"b":7}]}';
    const place = placeInJson(bytes(text), 'f', steps, limits);
    expect(place).toEqual({ path: 'f', line, column });
  });
});
