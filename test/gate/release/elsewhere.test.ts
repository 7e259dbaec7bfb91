import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readElsewhere } from '../../../src/gate/release/elsewhere.ts';
import type { EvidenceFile } from '../../../src/gate/release/handed-over.ts';
import { SallyportError } from '../../../src/model/error.ts';
import { deployment, forced } from '../deploy/support.ts';
import { person, ReleaseWorld, sha256, signedBy, sigstore } from './world.ts';

const PROVENANCE = 'https://example.com/built';
const VEX = 'https://openvex.dev/ns/v0.2.0';
const vex = {
  '@context': VEX,
  author: 'a',
  statements: [{ vulnerability: 'CVE-2026-1', products: [{ '@id': 'pkg:npm/a@1' }], status: 'fixed' }],
};
const subject = {
  ...deployment().subject,
  artifact: { name: 'app.tgz', digests: { sha256: sha256('the artefact') }, data: null },
};

let world: ReleaseWorld;
beforeEach(() => {
  world = new ReleaseWorld();
});

const sign = async (name: string, type: string, predicate: unknown) =>
  readFileSync(await signedBy(world, name, type, predicate), 'utf8');
const payloadOf = (bundle: string) =>
  createHash('sha256')
    .update(Buffer.from(JSON.parse(bundle).dsseEnvelope.payload, 'base64'))
    .digest('hex');

/** What files of bundles come to, each with these lines, under a policy that trusts these people. */
async function read(files: string[][], ...signers: [string, ...string[]][]) {
  const evidence = files.map((lines, index): EvidenceFile => {
    const file = join(world.folder, `${index}.jsonl`);
    writeFileSync(file, lines.map((line) => JSON.stringify(JSON.parse(line))).join('\n'));
    return { kind: 'bundle', job: null, file, sha256: 'x', bytes: Buffer.from('') };
  });
  const policy = forced(
    JSON.stringify({
      version: 1,
      trust: { signers: signers.map(([name, ...signs]) => person(name, ...signs)) },
    }),
  );
  const { instances } = await sigstore();
  const input = { roots: async () => instances } as never;
  try {
    const { pieces, vex: said } = await readElsewhere(evidence, subject, policy, input, world.context());
    return { pieces, said: said.statements.map(({ attestedBy }) => attestedBy) };
  } catch (thrown) {
    if (thrown instanceof SallyportError) return thrown.code;
    throw thrown;
  }
}

describe('what was signed elsewhere', () => {
  it('counts where its signer is trusted with evidence, each piece by its payload', async () => {
    const [one, two] = [
      await sign('builder', PROVENANCE, { a: 1 }),
      await sign('builder', PROVENANCE, { a: 2 }),
    ];
    const pieces = [one, two].map((bundle) => ({ uri: PROVENANCE, sha256: payloadOf(bundle) }));
    expect(await read([[one, two]], ['builder', 'evidence'])).toEqual({ pieces, said: [] });
    expect(await read([[one], [two]], ['builder', 'evidence'])).toEqual({ pieces, said: [] });
    expect(await read([])).toEqual({ pieces: [], said: [] });
  });

  it('is refused where one of several is of nobody, or nothing is signed', async () => {
    const [own, other] = [await sign('builder', PROVENANCE, {}), await sign('mallory', PROVENANCE, {})];
    const code = 'SP-EVIDENCE-UNSIGNED';
    expect(await read([[other]], ['builder', 'evidence'])).toBe(code);
    expect(await read([[own, other]], ['builder', 'evidence'])).toBe(code);
    expect(await read([[own], [other]], ['builder', 'evidence'])).toBe(code);
    expect(await read([[]], ['builder', 'evidence'])).toBe(code);
    expect(await read([[own]], ['builder', 'release'])).toBe(code);
  });

  it('is VEX where its signer is trusted with that, and nothing else of that signer', async () => {
    const [said, built] = [await sign('security', VEX, vex), await sign('security', PROVENANCE, {})];
    const piece = { uri: VEX, sha256: payloadOf(said) };
    expect(await read([[said]], ['security', 'vex'])).toEqual({ pieces: [piece], said: ['security'] });
    expect(await read([[said, built]], ['security', 'vex'])).toBe('SP-EVIDENCE-UNSIGNED');
    expect(await read([[built]], ['security', 'vex'])).toBe('SP-EVIDENCE-UNSIGNED');
    // Trusted with evidence alone, it is a piece that excuses nothing; with both, it is one piece that does.
    expect(await read([[said]], ['security', 'evidence'])).toEqual({ pieces: [piece], said: [] });
    expect(await read([[said]], ['security', 'evidence', 'vex'])).toEqual({
      pieces: [piece],
      said: ['security'],
    });
  });
});
