import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { preAuthEncoding } from '../../src/attest/verify/signature.ts';
import { judgeEvidence } from '../../src/commands/canary-evidence.ts';
import { requireEvidence } from '../../src/deliver/evidence.ts';
import type { LoadedPlan } from '../../src/deliver/plan/read.ts';
import { SallyportError } from '../../src/model/error.ts';
import { STATEMENT_TYPE, VSA_TYPE } from '../../src/model/evidence.ts';
import { fixture, NOW, samples } from '../attest/fixtures.ts';
import { planWith } from '../deliver/plan.ts';
import { world } from '../deliver/world.ts';

const HEX = 'a'.repeat(64);
const SUBJECT = `payments@sha256:${HEX}`;
const PACK = 'c'.repeat(64);
const folder = mkdtempSync(join(tmpdir(), 'canary-evidence-'));
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
writeFileSync(join(folder, 'key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));

const asking = (more: string) => planWith(['steps:', `evidence:\n  - { ${more} }\nsteps:`]);
const summary = (more: string) =>
  asking(
    `predicateType: '${VSA_TYPE}', verifier: 'https://v.example', resourceUri: payments, level: SALLYPORT_DEPLOY_PROD, policies: [${PACK}], ${more}`,
  );

const vsa = (change: object = {}, digest = HEX) => ({
  _type: STATEMENT_TYPE,
  subject: [{ name: 'payments', digest: { sha256: digest } }],
  predicateType: VSA_TYPE,
  predicate: {
    verifier: { id: 'https://v.example' },
    timeVerified: '2026-01-01T00:00:00Z',
    resourceUri: 'payments',
    policy: { uri: 'pack', digest: { sha256: PACK } },
    verificationResult: 'PASSED',
    verifiedLevels: ['SALLYPORT_DEPLOY_PROD'],
    ...change,
  },
});

/** A bundle with the statement, signed by our key alone. */
function bundled(statement: object): object {
  const payload = Buffer.from(JSON.stringify(statement));
  const type = 'application/vnd.in-toto+json';
  const signature = sign('sha256', preAuthEncoding(type, payload), privateKey);
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: { publicKey: { hint: 'ours' }, tlogEntries: [] },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType: type,
      signatures: [{ sig: signature.toString('base64') }],
    },
  };
}

async function found(
  loaded: LoadedPlan,
  content: object | string | null,
  { subject = SUBJECT, env = {} as Record<string, string> } = {},
): Promise<string> {
  const path = join(folder, 'evidence.sigstore.json');
  if (content !== null) writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const context = world(folder, { clock: { now: () => NOW }, env });
  try {
    const judged = await judgeEvidence(loaded, subject, content === null ? [] : [path], false, context);
    requireEvidence(loaded, subject, judged);
  } catch (error) {
    if (error instanceof SallyportError) return `${error.code} ${error.problem.found}`;
    throw error;
  }
  return 'accepted';
}

const SIGNED = summary('signer: { key: key.pub }');

describe('the evidence that a plan asks for', () => {
  it('is accepted when it is there and signed, and not asked for when the plan does not', async () => {
    expect(await found(SIGNED, bundled(vsa()))).toBe('accepted');
    expect(await found(planWith(), null)).toBe('accepted');
  });

  it.each<[string, object | string | null, RegExp]>([
    ['nothing handed in', null, /no evidence was handed in/u],
    ['no JSON', '{', /^SP-CANARY-EVIDENCE .*JSON/u],
    ['a statement that nobody signed', vsa(), /nobody signed it/u],
    ['another digest', bundled(vsa({}, 'b'.repeat(64))), /aaaa|bbbb/u],
    ['a failed verification', bundled(vsa({ verificationResult: 'FAILED' })), /verificationResult.*FAILED/u],
    ['another verifier', bundled(vsa({ verifier: { id: 'https://w.example' } })), /verifier\.id/u],
    ['another resource', bundled(vsa({ resourceUri: 'search' })), /resourceUri/u],
    ['another level', bundled(vsa({ verifiedLevels: ['SALLYPORT_RELEASE'] })), /SALLYPORT_RELEASE/u],
    ['no levels', bundled(vsa({ verifiedLevels: undefined })), /verifiedLevels/u],
    ['another policy', bundled(vsa({ policy: { digest: { sha256: 'd'.repeat(64) } } })), /dddd/u],
    ['another type', bundled({ ...vsa(), predicateType: 'https://x.example/y' }), /https:\/\/x\.example/u],
  ])('is missing with %s', async (_what, content, why) => {
    expect(await found(SIGNED, content)).toMatch(why);
  });

  it('is missing where the signature is another’s or the statement was changed', async () => {
    const bundle = bundled(vsa()) as { dsseEnvelope: { payload: string; signatures: { sig: string }[] } };
    const changed = structuredClone(bundle);
    changed.dsseEnvelope.payload = Buffer.from(JSON.stringify(vsa({ extra: 1 }))).toString('base64');
    expect(await found(SIGNED, changed)).toMatch(/^SP-CANARY-EVIDENCE/u);
    const { publicKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(folder, 'other.pub'), other.export({ type: 'spki', format: 'pem' }));
    expect(await found(summary('signer: { key: other.pub }'), bundle)).toMatch(/^SP-CANARY-EVIDENCE/u);
    expect(await found(summary('signer: { key: none.pub }'), bundle)).toMatch(/^SP-FILE-MISSING/u);
  });

  it('has no proven age by a key alone', async () => {
    const aged = summary('signer: { key: key.pub }, maxAge: 24h');
    expect(await found(aged, bundled(vsa()))).toMatch(/time of its signature is not proved/u);
  });

  it('is accepted unsigned only where the plan takes it so and this is a laptop', async () => {
    const local = summary('unsigned: true');
    expect(await found(local, vsa())).toBe('accepted');
    expect(await found(local, vsa({ verificationResult: 'FAILED' }))).toMatch(/verificationResult/u);
    expect(await found(local, vsa(), { env: { GITHUB_ACTIONS: 'true' } })).toMatch(/on a laptop only/u);
    expect(await found(local, bundled(vsa()))).toMatch(/the plan does not say by whom/u);
    expect(await found(SIGNED, vsa(), { env: { CI: '1' } })).toMatch(/nobody signed it/u);
  });
});

describe('evidence by an identity', () => {
  const sample = samples.find(({ name }) => name === 'provenance, Rekor v2');
  if (sample === undefined) throw new Error('no sample');
  const root = fileURLToPath(new URL(`../fixtures/sigstore/${sample.root}`, import.meta.url));
  const plan = (identity: string) =>
    asking(
      `predicateType: 'https://slsa.dev/provenance/v1', signer: { issuer: '${sample.issuer}', identity: '${identity}', trustedRoot: ['${root}'] }`,
    );
  const subject = `sha256:${createHash('sha256').update(fixture(sample.artifact)).digest('hex')}`;
  const bundle = fixture(sample.bundle).toString('utf8');

  it('is verified against a trusted root, down to the workflow that signed it', async () => {
    expect(await found(plan(sample.identity), bundle, { subject })).toBe('accepted');
    const other = sample.identity.replace('release.yml', 'other.yml');
    expect(await found(plan(other), bundle, { subject })).toMatch(/release\.yml/u);
    expect(await found(plan(sample.identity), bundle, { subject: SUBJECT })).toMatch(/^SP-CANARY-EVIDENCE/u);
  });
});

describe('a plan that asks for evidence', () => {
  it.each<[string, string, RegExp]>([
    ['by nobody', "predicateType: 'https://x'", /who must have signed it/u],
    ['by an issuer alone', "predicateType: 'https://x', signer: { issuer: 'https://i' }", /either `issuer`/u],
    [
      'by a key and an issuer',
      "predicateType: 'https://x', signer: { issuer: a, key: b }",
      /either `issuer`/u,
    ],
    ['a summary of anything', `predicateType: '${VSA_TYPE}', unsigned: true`, /what the summary must say/u],
    [
      'a level of what is no summary',
      "predicateType: 'https://x', unsigned: true, level: L",
      /expected nothing|nothing: only/u,
    ],
    [
      'an age of what is no summary',
      "predicateType: 'https://x', unsigned: true, maxAge: 1h",
      /nothing: only/u,
    ],
  ])('%s is refused', (_what, text, why) => {
    try {
      asking(text);
    } catch (error) {
      expect((error as SallyportError).problem.expected).toMatch(why);
      return;
    }
    throw new Error('accepted');
  });
});
