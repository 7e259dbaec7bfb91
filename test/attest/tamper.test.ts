import { describe, expect, it } from 'vitest';
import { describeProblem, SallyportError } from '../../src/model/error.ts';
import { fixture, samples, verifySample } from './fixtures.ts';
import { mutationsOf } from './mutations.ts';

/** What nobody signs and nothing rests on: a change there gives the same verified result. Each has to be met. */
const HARMLESS: Record<string, string> = {
  mediaType: 'which of the versions 0.1 to 0.3 it says, where the rest fits both',
  'verificationMaterial.publicKey': 'a hint for the reader: the key is the one that was given',
  'verificationMaterial.publicKey.hint': 'the same',
  'verificationMaterial.x509CertificateChain.certificates': 'more certificates: only the first counts',
  'verificationMaterial.tlogEntries[].inclusionProof': 'in v0.1, beside a signed entry timestamp',
  'verificationMaterial.tlogEntries[].inclusionProof.checkpoint': 'the same',
  'verificationMaterial.tlogEntries[].inclusionProof.checkpoint.envelope': 'the same',
};

const accepted = new Map<string, string[]>();
let cases = 0;

describe.each(samples)('$name, damaged in every field', (sample) => {
  it('is refused with a code, or says exactly what it said before', async () => {
    const good = fixture(sample.bundle).toString();
    const donor = samples.find((other) => other !== sample && other.root === sample.root);
    const before = await verifySample(sample, Buffer.from(good));
    for (const { path, how, text } of mutationsOf(
      good,
      fixture(donor?.bundle ?? sample.bundle).toString(),
      7,
    )) {
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
  }, 120_000);
});

describe('what was accepted in spite of a change', () => {
  it('is only what nobody signs', () => {
    expect(Object.keys(HARMLESS).filter((path) => !accepted.has(path))).toEqual([]);
    expect(cases).toBeGreaterThan(5000);
    expect([...accepted.keys()].filter((path) => !(path in HARMLESS))).toEqual([]);
  });
});
