import { describe, expect, it } from 'vitest';
import { describeProblem, SallyportError } from '../../src/model/error.ts';
import { fixture, type Sample, verifySample } from './fixtures.ts';
import { mutationsOf } from './mutations.ts';

/**
 * Damages every field of good bundles, and swaps it for another one's. `harmless`: what nobody signs and nothing rests
 * on, each of which has to be met; a change there gives the same verified result. Everything else is refused.
 */
export function damaging(samples: readonly Sample[], harmless: Record<string, string>, least: number): void {
  const accepted = new Map<string, string[]>();
  let cases = 0;

  describe.each(samples)('$name, damaged in every field', (sample) => {
    it('is refused with a code, or says exactly what it said before', async () => {
      const good = fixture(sample.bundle).toString();
      const donor = samples.find((other) => other !== sample && other.root === sample.root) ?? sample;
      const before = await verifySample(sample, Buffer.from(good));
      for (const { path, how, text } of mutationsOf(good, fixture(donor.bundle).toString(), 7)) {
        cases += 1;
        try {
          const after = await verifySample(sample, Buffer.from(text));
          expect(after, `${path} ${how}`).toEqual(before);
          accepted.set(path, [...(accepted.get(path) ?? []), how]);
        } catch (thrown) {
          if (!(thrown instanceof SallyportError))
            throw new Error(`${path} ${how}: ${String((thrown as Error).stack)}`);
          expect(thrown.code).toMatch(/^SP-(?:BUNDLE|VERIFY|JSON)-[A-Z-]+$/u);
          expect(describeProblem(thrown.problem).length).toBeLessThan(6000);
        }
      }
    }, 300_000);
  });

  describe('what was accepted in spite of a change', () => {
    it('is only what nobody signs', () => {
      expect(Object.keys(harmless).filter((path) => !accepted.has(path))).toEqual([]);
      expect(cases).toBeGreaterThan(least);
      expect([...accepted.keys()].filter((path) => !(path in harmless))).toEqual([]);
    });
  });
}
