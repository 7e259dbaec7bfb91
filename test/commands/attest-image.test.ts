import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/attest/encoding/x509.ts';
import { COSIGN_SIGNATURE } from '../../src/attest/statement/types.ts';
import { layoutStore } from '../../src/attest/store/image-layout.ts';
import { invoke } from '../../src/commands/invoke.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { diskFiles } from '../../src/platform/files.ts';
import { testContext } from '../gate/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'sallyport-attest-image-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const name of ['own', 'other']) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(folder, `${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(folder, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
}
writeFileSync(join(folder, 'predicate.json'), '{}');
const IMAGE = Buffer.from(
  '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]}',
);
const DIGEST = `sha256:${sha256(IMAGE).toString('hex')}`;
const TYPE = 'https://acme.test/built/v1';

async function run(name: string, raw: Record<string, unknown>) {
  const context = testContext({ cwd: folder });
  const { exit } = await invoke(await loadCommand(name), { offline: true, ...raw }, context);
  return { exit, text: [...context.printed, ...context.said].join('\n') };
}

const attest = async (key: string) =>
  await run('attest', {
    subjects: ['oci:image'],
    type: TYPE,
    predicate: 'predicate.json',
    key: `${key}.pem`,
  });
const verify = async (key: string) =>
  await run('verify', { subjects: ['oci:image'], key: `${key}.pub`, type: ['signature', TYPE] });
const count = () => JSON.parse(readFileSync(join(folder, 'image/index.json'), 'utf8')).manifests.length - 1;

describe('attest on an image', () => {
  beforeEach(async () => {
    rmSync(join(folder, 'image'), { recursive: true, force: true });
    await diskFiles.write(join(folder, 'image/oci-layout'), ['{"imageLayoutVersion":"1.0.0"}']);
    await diskFiles.write(join(folder, 'image/blobs/sha256', DIGEST.slice('sha256:'.length)), IMAGE);
    const index = { schemaVersion: 2, manifests: [{ digest: DIGEST, size: IMAGE.length }] };
    await diskFiles.write(join(folder, 'image/index.json'), [JSON.stringify(index)]);
  });

  it('signs it once beside its attestations', async () => {
    expect((await attest('own')).exit).toBe(0);
    expect(count()).toBe(2);
    expect((await attest('own')).exit).toBe(0);
    expect(count()).toBe(3);
    expect((await verify('own')).exit).toBe(0);
  });

  it('is not kept from signing by what only looks like a signature, nor by somebody else’s', async () => {
    const statement = Buffer.from(JSON.stringify({ predicateType: COSIGN_SIGNATURE })).toString('base64');
    const json = JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: 'x' }, tlogEntries: [] },
      dsseEnvelope: {
        payload: statement,
        payloadType: 'application/vnd.in-toto+json',
        signatures: [{ sig: 'AAAA' }],
      },
    });
    const planted = { json, predicateType: COSIGN_SIGNATURE, createdAt: new Date() };
    await layoutStore(join(folder, 'image'), diskFiles).add(DIGEST, [planted]);
    expect((await attest('other')).exit).toBe(0);
    expect((await attest('own')).exit).toBe(0);
    const verified = await verify('own');
    expect(verified.exit, verified.text).toBe(0);
    expect(count()).toBe(5);
  });
});
