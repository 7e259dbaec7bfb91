import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Reverse } from '../../src/sbom/paths.ts';

const node = fc.integer({ min: 0, max: 7 }).map(String);
const graph = fc
  .record({
    pairs: fc.array(fc.tuple(node, node), { maxLength: 20 }),
    roots: fc.uniqueArray(node, { maxLength: 3 }),
  })
  .map(({ pairs, roots }) => {
    const edges: Record<string, string[]> = {};
    for (const [from, to] of pairs) edges[from] = [...new Set([...(edges[from] ?? []), to])];
    return { edges, roots };
  });

/** Every way without a circle that starts at a root and meets no other root on its way, by plain search. */
function allWays(
  { edges, roots }: { edges: Record<string, string[]>; roots: string[] },
  to: string,
): string[][] {
  const found: string[][] = [];
  const walk = (way: string[]): void => {
    const at = way.at(-1) ?? '';
    if (at === to) {
      found.push(way);
      return;
    }
    for (const next of edges[at] ?? [])
      if ((!way.includes(next) && !roots.includes(next)) || (next === to && !way.includes(next)))
        walk([...way, next]);
  };
  for (const root of roots) walk([root]);
  return found;
}

describe('ways to a root', () => {
  it('are those of a plain search, shortest first', () => {
    fc.assert(
      fc.property(graph, node, (bom, to) => {
        const reverse = new Reverse(bom);
        const { paths, more } = reverse.all(to, { paths: 10_000, steps: 1_000_000 });
        const expected = bom.roots.includes(to) ? [[to]] : allWays(bom, to);
        expect(more).toBe(false);
        expect(paths.map((path) => path.join()).sort()).toEqual(expected.map((path) => path.join()).sort());
        expect(paths.map((path) => path.length)).toEqual(
          paths.map((path) => path.length).toSorted((a, b) => a - b),
        );
        expect(reverse.shortest(to)?.length).toBe(paths[0]?.length);
      }),
    );
  });

  it('end on a graph with millions of ways, and say so', () => {
    const edges: Record<string, string[]> = { root: ['a0', 'b0'] };
    for (let level = 0; level < 40; level++)
      for (const side of ['a', 'b']) edges[`${side}${level}`] = [`a${level + 1}`, `b${level + 1}`];
    const reverse = new Reverse({ edges, roots: ['root'] });
    expect(reverse.shortest('a40')).toHaveLength(42);
    expect(reverse.all('a40')).toMatchObject({ more: true });
  });
});
