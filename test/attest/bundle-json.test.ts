import { bundleFromJSON } from '@sigstore/bundle';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundleToJson } from '../../src/attest/sign/bundle-json.ts';
import { type Bundle, bundleOf, readBundle } from '../../src/attest/verify/bundle.ts';
import { fixture, samples } from './fixtures.ts';

const bytes = (minLength: number, maxLength = minLength) =>
  fc.uint8Array({ minLength, maxLength }).map((array) => Buffer.from(array));
const whole = fc.nat(Number.MAX_SAFE_INTEGER);
const text = fc.string({ minLength: 1, maxLength: 20 });
const bundles: fc.Arbitrary<Bundle> = fc.record({
  version: fc.constant('0.3' as const),
  signer: fc.oneof(
    fc.record({ kind: fc.constant('key' as const), hint: fc.string({ maxLength: 60 }) }),
    bytes(1, 80).map((leaf) => ({ kind: 'certificate' as const, leaf, others: [] })),
  ),
  entries: fc.array(
    fc.record({
      logIndex: whole,
      logId: bytes(1, 32),
      kind: text,
      version: text,
      integratedTime: fc.option(whole.filter((time) => time > 0)),
      signedEntryTimestamp: fc.option(bytes(1, 72)),
      proof: fc.record({
        logIndex: whole,
        treeSize: whole,
        rootHash: bytes(32),
        hashes: fc.array(bytes(32), { maxLength: 4 }),
        checkpoint: text,
      }),
      body: bytes(1, 80),
    }),
    { maxLength: 3 },
  ),
  timestamps: fc.array(bytes(1, 80), { maxLength: 3 }),
  content: fc.oneof(
    fc.record({
      kind: fc.constant('message' as const),
      algorithm: fc.constantFrom('sha256' as const, 'sha384' as const, 'sha512' as const),
      digest: bytes(1, 64),
      signature: bytes(1, 80),
    }),
    fc.record({
      kind: fc.constant('dsse' as const),
      payload: bytes(0, 200),
      payloadType: text,
      signature: bytes(1, 80),
    }),
  ),
});

const again = (bundle: Bundle) => JSON.parse(JSON.stringify(bundleToJson(bundle)));

describe('a bundle in JSON', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(bundles, (bundle) => {
        expect(bundleOf(again(bundle), 'it')).toEqual(bundle);
      }),
    );
  });

  it.each(samples.map(({ bundle }) => bundle))('is what others wrote: %s', (name) => {
    const bundle = readBundle(fixture(name), name);
    expect(bundleOf(again(bundle), name)).toEqual(bundle);
    const [theirs, ours] = [JSON.parse(fixture(name).toString()), again(bundle)].map(bundleFromJSON);
    if (theirs?.content.$case === 'dsseEnvelope' && ours?.content.$case === 'dsseEnvelope')
      for (const { content } of [theirs, ours])
        if (content.$case === 'dsseEnvelope')
          for (const signature of content.dsseEnvelope.signatures) signature.keyid = '';
    expect(ours).toEqual(theirs);
  });
});
