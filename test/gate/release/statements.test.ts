import { describe, expect, it } from 'vitest';
import type { RunFolder } from '../../../src/gate/evidence.ts';
import type { Assembled } from '../../../src/gate/release/assemble.ts';
import type { Release } from '../../../src/gate/release/release.ts';
import { keepRelease, signPieces, summaryItem } from '../../../src/gate/release/statements.ts';
import type { Decision } from '../../../src/model/decision.ts';
import { TEST_RESULT_TYPE, VSA_TYPE } from '../../../src/model/evidence.ts';
import type { Stage } from '../../../src/model/stage.ts';
import { evaluate } from '../../../src/policy/evaluate.ts';
import { compiled, evaluation } from '../../policy/support.ts';
import { DIGEST, deployment } from '../deploy/support.ts';
import { testContext } from '../support.ts';

const decision = (over: Partial<Decision> = {}): Decision => ({
  ...evaluate(evaluation({ policy: compiled('version: 1\n'), gate: 'release' })),
  verdict: 'passed',
  ...over,
});
const { subject } = deployment();
const image = { ...subject, kind: 'image' as const };
const PLATFORM = { name: 'linux/arm64', digest: `sha256:${'2'.repeat(64)}` };

const statement = (stage: Stage) => ({
  stage,
  producer: 'same-run',
  sha256: 'x',
  statement: {
    predicate: { result: 'PASSED', sallyport_producer: { kind: 'in-process', job: stage, engines: [] } },
  } as never,
});
const assembled = (over: Partial<Assembled> = {}): Assembled => ({
  reports: [],
  statements: [],
  boms: [],
  vex: [],
  presence: new Map(),
  ...over,
});
const document = (name: string) => ({ file: name, sha256: 'x', bom: {} as never, document: { name } });

/** What is written of a release, by the names of the files. */
async function written(over: Partial<Release> = {}): Promise<Map<string, Record<string, never>>> {
  const files = new Map<string, Record<string, never>>();
  const folder = {
    write: async (name: string, [text]: string[]) => {
      expect(files.has(name)).toBe(false);
      files.set(name, JSON.parse(text ?? ''));
    },
  };
  const release: Release = {
    decision: decision(),
    subject,
    platforms: [],
    resource: 'file:app.tgz',
    assembled: assembled(),
    elsewhere: [],
    ...over,
  };
  expect(await keepRelease(release, folder as unknown as RunFolder, null, testContext())).toEqual([]);
  return files;
}

const summaryOf = (item: ReturnType<typeof summaryItem>) => {
  if (item.signable.kind !== 'statement') throw new Error('no statement');
  return JSON.parse(item.signable.payload.toString('utf8'));
};
const summarized = (over: Partial<Decision> = {}, environment: string | null = null) =>
  summaryItem(decision(over), 'file:app.tgz', environment, [{ uri: 'u', sha256: 's' }], subject, [PLATFORM]);

describe('what is kept of a release', () => {
  it('is a statement for each piece, under a name of its own, and the summary that names them', async () => {
    const files = await written({
      assembled: assembled({
        statements: [statement('code'), statement('secrets'), statement('code'), statement('code')],
        boms: [document('one'), document('two')],
        vex: [{ file: 'v', sha256: 'x', document: { name: 'vex' } }],
      }),
      elsewhere: [{ uri: 'https://slsa.dev/provenance/v1', sha256: 'e'.repeat(64) }],
    });
    expect([...files.keys()]).toEqual(
      ['code', 'secrets', 'code-2', 'code-3', 'bom', 'bom-2', 'vex', 'decision'].map(
        (name) => `${name}.intoto.json`,
      ),
    );
    const predicate = (name: string) => files.get(`${name}.intoto.json`)?.predicate as unknown;
    expect(predicate('code')).toMatchObject({ sallyport_producer: { kind: 'same-run', job: 'code' } });
    expect(predicate('bom')).toEqual({ name: 'one' });
    expect(predicate('bom-2')).toEqual({ name: 'two' });
    expect(predicate('vex')).toEqual({ name: 'vex' });
    const { inputAttestations } = predicate('decision') as {
      inputAttestations: { uri: string; digest: object }[];
    };
    expect(inputAttestations.map(({ uri }) => uri)).toEqual([
      ...['code', 'secrets', 'code-2', 'code-3'].map((label) => `${TEST_RESULT_TYPE}#${label}`),
      'https://cyclonedx.org/bom',
      'https://cyclonedx.org/bom#2',
      'https://openvex.dev/ns/v0.2.0',
      'https://slsa.dev/provenance/v1',
    ]);
    expect(inputAttestations.at(-1)?.digest).toEqual({ sha256: 'e'.repeat(64) });
  });

  it('is nothing where there is no verdict', async () => {
    expect((await written({ decision: decision({ verdict: 'error' }) })).size).toBe(0);
    expect((await written({ decision: decision({ verdict: 'failed' }) })).size).toBe(1);
  });
});

describe('the summary of a gate', () => {
  it('says what the decision is, about the artefact and each image of an index', () => {
    const item = summarized();
    expect(item).toMatchObject({ predicateType: VSA_TYPE, label: 'release' });
    expect(summaryOf(item)).toMatchObject({
      subject: [
        { name: 'app.tgz', digest: { sha256: DIGEST.slice(7) } },
        { name: 'app.tgz', digest: { sha256: '2'.repeat(64) } },
      ],
      predicateType: VSA_TYPE,
      predicate: {
        verifier: { id: expect.stringMatching(/\/verifiers\/release$/u) },
        resourceUri: 'file:app.tgz',
        inputAttestations: [{ uri: 'u', digest: { sha256: 's' } }],
        verificationResult: 'PASSED',
        verifiedLevels: ['SALLYPORT_RELEASE'],
        slsaVersion: '1.2',
      },
    });
  });

  it('gives no level where it did not pass, and that of a laptop on one', () => {
    const predicateOf = (over: Partial<Decision>) => summaryOf(summarized(over)).predicate;
    expect(predicateOf({ verdict: 'failed' })).toMatchObject({
      verificationResult: 'FAILED',
      verifiedLevels: ['FAILED'],
    });
    expect(predicateOf({ verdict: 'error' })).toMatchObject({ verificationResult: 'FAILED' });
    expect(predicateOf({ local: true })).toMatchObject({
      verifier: { id: expect.stringMatching(/\/verifiers\/local$/u) },
      verifiedLevels: ['SALLYPORT_LOCAL'],
    });
  });

  it('of a deployment names its environment', () => {
    const item = summarized({ gate: 'deploy' }, 'production');
    expect(item.label).toBe('deploy-production');
    expect(summaryOf(item).predicate.verifiedLevels).toEqual(['SALLYPORT_DEPLOY_PRODUCTION']);
  });
});

describe('signing', () => {
  it('of a bare digest has no place to keep what is signed', async () => {
    await expect(signPieces([], subject, {} as never, testContext())).rejects.toMatchObject({
      code: 'SP-USAGE',
    });
  });

  it('keeps all of it or nothing', async () => {
    const added: unknown[] = [];
    const store = {
      add: async (_digest: string, all: unknown[]) => {
        added.push(...all);
        return [];
      },
    };
    const broken = {
      session: { sign: async () => Promise.reject(new Error('the log is down')) },
      instances: [],
      key: null,
    };
    const items = [summarized()];
    await expect(
      signPieces(items, { ...image, store: store as never }, broken as never, testContext()),
    ).rejects.toThrow();
    expect(added).toEqual([]);
    expect(
      await signPieces([], { ...subject, store: store as never }, broken as never, testContext()),
    ).toEqual([]);
  });
});
