import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { TAG, writeDer } from '../../src/attest/encoding/der.ts';
import { isIssuedBy, readCertificate, sha256 } from '../../src/attest/encoding/x509.ts';
import { ephemeralKey } from '../../src/attest/sign/key.ts';
import { type ThrowAway, throwAwayInstance } from '../../src/attest/throw-away/instance.ts';
import { VerificationFailed } from '../../src/attest/verify/failure.ts';
import { preAuthEncoding } from '../../src/attest/verify/signature.ts';
import { IN_TOTO_PAYLOAD } from '../../src/attest/verify/statement.ts';
import { verifyBundle } from '../../src/attest/verify/verify.ts';

/**
 * A log takes any certificate, and a timestamp authority any signature: whoever may write to a store can put a bundle
 * there that both vouch for, with a certificate of their own making. It is refused like any other and hides nothing.
 */
describe('a certificate of somebody’s own making, which log and timestamp authority took', () => {
  const key = ephemeralKey();
  const payload = Buffer.from('{}');
  let instance: ThrowAway;
  let good: Buffer;
  let signature: Buffer;

  beforeAll(async () => {
    instance = await throwAwayInstance();
    const pem =
      (await instance.services.inProcess?.certify(key.publicKey, { job_workflow_ref: 'a/b' })) ?? '';
    good = Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/gu, ''), 'base64');
    signature = await key.sign(preAuthEncoding(IN_TOTO_PAYLOAD, payload));
  });

  /** `accepted`, or the code of the refusal; anything else that is thrown is a crash. */
  async function outcomeOf(leaf: Buffer): Promise<string> {
    const { inProcess } = instance.services;
    if (inProcess === undefined) throw new Error('no services');
    const verifier = `-----BEGIN CERTIFICATE-----\n${leaf.toString('base64')}\n-----END CERTIFICATE-----\n`;
    const digest = sha256(preAuthEncoding(IN_TOTO_PAYLOAD, payload));
    const bundle = {
      version: '0.3' as const,
      signer: { kind: 'certificate' as const, leaf, others: [] },
      entries: [await inProcess.log({ digest, signature, verifier })],
      timestamps: [await inProcess.timestamp(signature)],
      content: { kind: 'dsse' as const, payload, payloadType: IN_TOTO_PAYLOAD, signature },
    };
    const request = { bundle, instances: instance.instances, key: null, artifact: null, now: new Date() };
    try {
      await verifyBundle(request);
      return 'accepted';
    } catch (thrown) {
      if (!(thrown instanceof VerificationFailed)) throw thrown;
      return thrown.code;
    }
  }

  /** The certificate with one more, or another, extension in place of what it has. */
  function withExtension(oid: Buffer, value: Buffer): Buffer {
    const { tbs, extensions, signature: own } = readCertificate(good);
    const kept = [...extensions.values()].map(({ whole }) => whole).filter((whole) => !whole.includes(oid));
    const added = writeDer(TAG.sequence, oid, writeDer(TAG.octetString, value));
    const parts: Buffer[] = [];
    for (let at = 0; at < tbs.content.length; ) {
      const length = lengthAt(tbs.content, at);
      parts.push(tbs.content.subarray(at, at + length));
      at += length;
    }
    const body = writeDer(
      TAG.sequence,
      ...parts.slice(0, -1),
      writeDer(0xa3, writeDer(TAG.sequence, ...kept, added)),
    );
    const algorithm = parts[2] ?? Buffer.alloc(0);
    return writeDer(TAG.sequence, body, algorithm, writeDer(TAG.bitString, Buffer.from([0]), own));
  }

  function lengthAt(bytes: Buffer, at: number): number {
    const first = bytes[at + 1] ?? 0;
    if (first < 0x80) return 2 + first;
    return 2 + (first & 0x7f) + bytes.readUIntBE(at + 2, first & 0x7f);
  }

  const oid = (text: string) => Buffer.from(text, 'hex');
  const RUBBISH: [string, Buffer][] = [
    ['basic constraints', oid('0603551d13')],
    ['key usage', oid('0603551d0f')],
    ['extended key usage', oid('0603551d25')],
    ['alternative names', oid('0603551d11')],
    ['authority key id', oid('0603551d23')],
    ['certificate timestamps', oid('060a2b06010401d679020402')],
    ['an issuer', oid('060a2b0601040183bf300108')],
  ];

  it('holds where nothing was changed', async () => {
    expect(await outcomeOf(good)).toBe('accepted');
  });

  it.each(RUBBISH)('is refused with rubbish for %s', async (_name, name) => {
    for (const value of ['', '00', '30', '3003', '3080', '030100', '0101ff', '31003000', 'a0030201'])
      expect(await outcomeOf(withExtension(name, Buffer.from(value, 'hex')))).toMatch(/^SP-VERIFY-/u);
  });

  it('is refused where it names a signature that its issuer’s key cannot make', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-ed25519-'));
    const made = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'ca.der'), '-outform', 'DER'];
    const asked = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-days', '1', '-subj', '/CN=ca'];
    execFileSync('openssl', [...asked, ...made], { stdio: 'ignore' });
    const authority = readCertificate(readFileSync(join(folder, 'ca.der')));
    rmSync(folder, { recursive: true });
    expect(isIssuedBy(authority, authority)).toBe(true);
    const leaf = { ...readCertificate(good), issuer: authority.subject, extensions: new Map() };
    expect(isIssuedBy(leaf, authority)).toBe(false);
    expect(isIssuedBy({ ...authority, signatureOid: leaf.signatureOid }, authority)).toBe(false);
  });

  it('is refused whatever byte is changed', async () => {
    const { signature: own } = readCertificate(good);
    // The key and what is after it decide nothing before the certificate is looked at.
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - own.length - 1),
        fc.nat(255),
        fc.constantFrom('set', 'drop', 'insert'),
        async (at, byte, how) => {
          fc.pre(how !== 'set' || good[at] !== byte);
          const rest = how === 'insert' ? at : at + 1;
          const middle = how === 'drop' ? Buffer.alloc(0) : Buffer.from([byte]);
          const changed = Buffer.concat([good.subarray(0, at), middle, good.subarray(rest)]);
          expect(await outcomeOf(changed)).toMatch(/^SP-VERIFY-/u);
        },
      ),
      { numRuns: 1500 },
    );
  });
});
