import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withDigestsOf } from '../../src/attest/verify/artifact.ts';
import { invoke } from '../../src/commands/invoke.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { testContext } from '../gate/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-attest-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = { type: 'spki', format: 'pem' } as const;
const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
put('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
put('key.pub', publicKey.export(PEM).toString());
put('predicate.json', '{"passed":true}');
for (const name of ['a.tgz', 'b.tgz', 'other.tgz']) put(name, `content of ${name}`);

const TYPE = 'https://acme.test/built/v1';
const BUNDLE = '.acme-test-built-v1.sigstore.json';
const hash = (algorithm: string, name: string) =>
  createHash(algorithm)
    .update(readFileSync(join(folder, name)))
    .digest('hex');
const sums = (algorithm: string, ...names: string[]) =>
  names.map((name) => `${hash(algorithm, name)}  ${name}\n`).join('');

async function run(name: string, raw: Record<string, unknown>) {
  const context = testContext({ cwd: folder });
  const { exit, outputs } = await invoke(await loadCommand(name), raw, context);
  return { exit, outputs, text: [...context.printed, ...context.said].join('\n') };
}

const attest = async (more: Record<string, unknown>) =>
  await run('attest', { type: TYPE, predicate: 'predicate.json', key: 'key.pem', offline: true, ...more });
const verify = async (subject: string, more: Record<string, unknown>) =>
  await run('verify', { subjects: [subject], key: 'key.pub', offline: true, type: [TYPE], ...more });

function statementIn(path: string) {
  const { dsseEnvelope } = JSON.parse(readFileSync(join(folder, path), 'utf8'));
  return JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString());
}

describe('attest --checksums', () => {
  it('makes one statement about all that is listed, by which each verifies and nothing else does', async () => {
    put('SUMS', sums('sha256', 'b.tgz', 'a.tgz'));
    const { exit, text, outputs } = await attest({ checksums: 'SUMS' });
    expect(exit, text).toBe(0);
    expect(outputs?.bundles).toBe(join(folder, `SUMS${BUNDLE}`));
    expect(statementIn(`SUMS${BUNDLE}`)).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: ['b.tgz', 'a.tgz'].map((name) => ({ name, digest: { sha256: hash('sha256', name) } })),
      predicateType: TYPE,
      predicate: { passed: true },
    });
    const bundle = [`SUMS${BUNDLE}`];
    expect((await verify('a.tgz', { bundle })).exit).toBe(0);
    expect((await verify('b.tgz', { bundle })).exit).toBe(0);
    expect((await verify(`sha256:${hash('sha256', 'a.tgz')}`, { bundle })).exit).toBe(0);
    for (const stranger of ['other.tgz', 'SUMS']) {
      const refused = await verify(stranger, { bundle });
      expect(refused.exit).toBe(1);
      expect(refused.text).toContain('SP-VERIFY-SUBJECT');
    }
  });

  it('keeps it under the digest of each with a folder, and beside other subjects', async () => {
    put('SUMS', sums('sha256', 'a.tgz', 'b.tgz'));
    const { exit, text } = await attest({ checksums: 'SUMS', store: 'kept', subjects: ['other.tgz'] });
    expect(exit, text).toBe(0);
    expect(readdirSync(join(folder, 'kept')).length).toBe(3);
    for (const name of ['a.tgz', 'b.tgz', 'other.tgz'])
      expect((await verify(name, { store: 'kept' })).exit).toBe(0);
    expect(statementIn(`kept/sha256-${hash('sha256', 'other.tgz')}${BUNDLE}`).subject).toHaveLength(1);
    expect((await verify('SUMS', { store: 'kept' })).text).toContain('SP-VERIFY-MISSING');
  });

  it('goes by SHA-512 alone', async () => {
    put('SUMS512', sums('sha512', 'a.tgz', 'b.tgz'));
    expect((await attest({ checksums: 'SUMS512' })).exit).toBe(0);
    const bundle = [`SUMS512${BUNDLE}`];
    for (const name of ['a.tgz', 'b.tgz']) expect((await verify(name, { bundle })).exit).toBe(0);
    expect((await verify('other.tgz', { bundle })).text).toContain('SP-VERIFY-SUBJECT');
    const kept = await attest({ checksums: 'SUMS512', store: 'kept512' });
    expect(kept.exit).toBe(2);
    expect(kept.text).toContain('SP-CHECKSUMS-ALGORITHM');
  });

  it('goes by SHA-512 for what is too large to be kept in memory, read once more and no other', async () => {
    const bytes = Buffer.from('content of disk.img');
    const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest('hex');
    let read = 0;
    const artifact = (now: Buffer) => ({
      name: 'disk.img',
      digests: { sha256: digest('sha256') },
      data: null,
      pieces: async function* () {
        read += 1;
        yield now.subarray(0, 5);
        yield now.subarray(5);
      },
    });
    const by512 = [{ digest: { sha512: digest('sha512') } }];
    const found = await withDigestsOf(artifact(bytes), by512);
    expect(found.digests).toEqual({ sha256: digest('sha256'), sha512: digest('sha512') });
    expect(read).toBe(1);
    await expect(withDigestsOf(artifact(Buffer.from('another file')), by512)).rejects.toMatchObject({
      code: 'SP-VERIFY-SUBJECT',
    });
    const others = [{ digest: { sha256: digest('sha256') } }, { digest: { sha256: 'a', sha512: 'b' } }];
    const same = artifact(bytes);
    expect(await withDigestsOf(same, others)).toBe(same);
    expect(read).toBe(2);
  });

  it('is refused with the reason of what could be read, whatever lies beside it', async () => {
    put('SUMS', sums('sha256', 'a.tgz'));
    expect((await attest({ checksums: 'SUMS', store: 'littered' })).exit).toBe(0);
    const stem = `littered/sha256-${hash('sha256', 'a.tgz')}`;
    put(`${stem}.a.sigstore.json`, 'litter');
    expect((await verify('a.tgz', { store: 'littered' })).exit).toBe(0);
    put('stranger.pub', generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export(PEM).toString());
    const refused = await verify('a.tgz', { store: 'littered', key: 'stranger.pub' });
    expect(refused.exit).toBe(1);
    expect(refused.text).toContain('SP-VERIFY-SIGNATURE');
  });

  it('asks for each digest that a subject has', async () => {
    put('SUMS-both', `${sums('sha256', 'a.tgz')}${sums('sha512', 'other.tgz').replace('other', 'a')}`);
    expect((await attest({ checksums: 'SUMS-both' })).exit).toBe(0);
    const bundle = [`SUMS-both${BUNDLE}`];
    for (const name of ['a.tgz', 'other.tgz'])
      expect((await verify(name, { bundle })).text).toContain('SP-VERIFY-SUBJECT');
  });

  it('hashes an artefact once, however many subjects there are', async () => {
    const lines = Array.from({ length: 1023 }, (_, index) => `${hash('sha512', 'b.tgz')}  f${index}\n`);
    put('large.bin', 'x'.repeat(16e6));
    put('SUMS-many', `${lines.join('')}${sums('sha512', 'large.bin')}`);
    expect((await attest({ checksums: 'SUMS-many' })).exit).toBe(0);
    const started = performance.now();
    expect((await verify('large.bin', { bundle: [`SUMS-many${BUNDLE}`] })).exit).toBe(0);
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  it.each([
    ['nothing', {}, 'SP-USAGE'],
    ['no file', { checksums: 'nowhere' }, 'SP-FILE-MISSING'],
    ['a folder', { checksums: '.' }, 'SP-FILE-UNREADABLE'],
    ['a store that is none', { checksums: 'SUMS', store: 'github:x' }, 'SP-USAGE'],
    ['something else', { checksums: 'predicate.json' }, 'SP-CHECKSUMS-FORMAT'],
  ])('ends without a verdict for %s', async (_name, more, code) => {
    const { exit, text } = await attest(more);
    expect(exit).toBe(2);
    expect(text).toContain(code);
  });

  it('reads no more than a checksum file may have', async () => {
    put('SUMS-huge', `${'a'.repeat(64)}  f\n`.repeat(8_000));
    expect((await attest({ checksums: 'SUMS-huge' })).text).toContain('SP-FILE-TOO-LARGE');
  });
});
