import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseHandedOver } from '../../../src/gate/release/handed-over.ts';
import { VSA_TYPE } from '../../../src/model/evidence.ts';
import { finding } from '../../policy/support.ts';
import { outcomeOf, ReleaseWorld, RUN, sha256 } from './world.ts';

const semgrep = { name: 'semgrep', version: '1', publisher: 'semgrep', how: 'process' as const };

/** The signed statements beside a file, by the end of their names. */
function payloads(world: ReleaseWorld): Map<string, { bytes: Buffer; value: Record<string, unknown> }> {
  const found = new Map<string, { bytes: Buffer; value: Record<string, unknown> }>();
  for (const name of readdirSync(world.folder).filter((one) => one.endsWith('.sigstore.json'))) {
    const bundle = JSON.parse(readFileSync(`${world.folder}/${name}`, 'utf8'));
    const bytes = Buffer.from(bundle.dsseEnvelope.payload, 'base64');
    found.set(name, { bytes, value: JSON.parse(bytes.toString('utf8')) });
  }
  return found;
}

describe('rules 1 and 6: evidence is a claim of the job that made it, and bound by its digest', () => {
  it('judges the reports of this run and signs a summary that names all of them by payload', async () => {
    const world = new ReleaseWorld();
    const { decision, places } = await world.release();
    expect(decision).toMatchObject({ verdict: 'passed', gate: 'release', local: false });
    expect(places).toHaveLength(3);
    const signed = payloads(world);
    const summary = [...signed.values()].filter(({ value }) => value.predicateType === VSA_TYPE);
    const [predicate] = summary.map(({ value }) => value.predicate);
    const { inputAttestations, verifiedLevels, verifier, resourceUri } = predicate as {
      inputAttestations: { digest: { sha256: string } }[];
      verifiedLevels: string[];
      verifier: { id: string };
      resourceUri: string;
    };
    expect(inputAttestations.map(({ digest }) => digest.sha256).sort()).toEqual(
      [...signed.values()]
        .filter(({ value }) => value.predicateType !== VSA_TYPE)
        .map(({ bytes }) => sha256(bytes))
        .sort(),
    );
    expect(verifiedLevels).toEqual(['SALLYPORT_RELEASE']);
    expect(verifier.id).toMatch(/\/verifiers\/release$/u);
    expect(resourceUri).toBe('oci:registry.example/payments');
  });

  it('adds up findings: an engine that saw nothing takes none away', async () => {
    const world = new ReleaseWorld();
    const handed = [
      ...world.evidence('secrets'),
      ...world.evidence('code', { report: { findings: [finding({ stage: 'code' })] } }),
      ...world.evidence('code', { job: 'semgrep', report: { engine: semgrep } }),
    ];
    expect(await outcomeOf(() => world.release({ handed }))).toBe('failed');
  });

  it('on a laptop is local: nobody else accepts it', async () => {
    const world = new ReleaseWorld();
    const local = { PATH: process.env.PATH, HOME: process.env.HOME };
    const handed = world.evidence('secrets', { says: 'local' }).map((text) => text.replace('secrets=', ''));
    const all = [...handed, ...world.evidence('code', { says: 'local' })];
    const { decision } = await world.release({ handed: all, context: { env: local } });
    expect(decision).toMatchObject({ verdict: 'passed', local: true });
    expect(await outcomeOf(() => world.deploy())).toBe('no SP-VERIFY-SUMMARY');
  });

  it.each<[string, (world: ReleaseWorld) => string[], string]>([
    [
      'a decision that says it passed',
      (world) => {
        const text = JSON.stringify({ predicateType: VSA_TYPE, predicate: { verificationResult: 'PASSED' } });
        return [`secrets=${world.write('decision.json', text)}@sha256:${sha256(text)}`];
      },
      'error SP-EVIDENCE-DECISION',
    ],
    [
      'rule 6: a report that was exchanged after its job',
      (world) => {
        const [sarif = '', ...rest] = world.evidence('secrets');
        world.write('secrets-secrets.sarif', '{"version":"2.1.0","runs":[]}');
        return [sarif, ...rest];
      },
      'error SP-EVIDENCE-DIGEST',
    ],
    [
      'evidence of an earlier run',
      (world) => world.evidence('secrets', { says: `${RUN.replace('/42/', '/41/')}1#secrets` }),
      'error SP-EVIDENCE-RUN',
    ],
    [
      'evidence of a later attempt than this',
      (world) => world.evidence('secrets', { says: `${RUN}2#secrets` }),
      'error SP-EVIDENCE-RUN',
    ],
    [
      'evidence of a run whose number begins the same',
      (world) => world.evidence('secrets', { says: `${RUN.replace('/42/', '/421/')}1#secrets` }),
      'error SP-EVIDENCE-RUN',
    ],
    [
      'evidence under the name of another job',
      (world) => world.evidence('secrets', { job: 'semgrep', says: `${RUN}1#secrets` }),
      'error SP-EVIDENCE-RUN',
    ],
    [
      'a statement of one job with the report of another',
      (world) => {
        const [, statement = ''] = world.evidence('secrets');
        const [sarif = ''] = world.evidence('secrets');
        return [sarif.replace('secrets=', 'semgrep='), statement];
      },
      'error SP-EVIDENCE-RUN',
    ],
    [
      'evidence of another commit',
      (world) => world.evidence('secrets', { digest: { gitCommit: 'f'.repeat(40) } }),
      'error SP-EVIDENCE-SUBJECT',
    ],
    [
      'evidence of the same commit with another tree',
      (world) => world.evidence('secrets', { digest: { gitCommit: world.commit, gitTree: 'f'.repeat(40) } }),
      'error SP-EVIDENCE-SUBJECT',
    ],
    [
      'a report that nobody vouches for',
      (world) => world.evidence('secrets').slice(0, 1),
      'error SP-EVIDENCE-UNSIGNED',
    ],
    [
      'a statement without its report',
      (world) => world.evidence('secrets').slice(1),
      'error SP-EVIDENCE-MISSING',
    ],
    [
      'evidence of no job',
      (world) => world.evidence('secrets').map((text) => text.replace('secrets=', '')),
      'error SP-EVIDENCE-UNSIGNED',
    ],
    [
      'an engine of somebody else in the job of ours',
      (world) => [
        ...world.evidence('secrets'),
        ...world.evidence('code', { job: 'secrets', as: 'other', report: { engine: semgrep } }),
      ],
      'error SP-EVIDENCE-JOB',
    ],
    [
      'a report that says another stage than its statement',
      (world) => {
        const [sarif = ''] = world.evidence('code', { job: 'secrets' });
        const hex = sarif.slice(-64);
        const [, statement = ''] = world.evidence('secrets');
        const file = statement.slice('secrets='.length, -72);
        const text = readFileSync(file, 'utf8').replace(/"sha256":"[0-9a-f]{64}"/u, `"sha256":"${hex}"`);
        return [sarif, `secrets=${world.write('forged.json', text)}@sha256:${sha256(text)}`];
      },
      'error SP-SARIF-SHAPE',
    ],
  ])('refuses %s', async (_name, handed, code) => {
    const world = new ReleaseWorld();
    expect(await outcomeOf(() => world.release({ handed: handed(world), session: null }))).toBe(code);
  });

  it('takes no verdict where a required stage has no evidence', async () => {
    const world = new ReleaseWorld();
    expect(await outcomeOf(() => world.release({ handed: world.evidence('code'), session: null }))).toBe(
      'error',
    );
  });

  it('reads its arguments strictly', () => {
    expect(parseHandedOver([`job=a=b.sarif@sha256:${'a'.repeat(64)}`])).toEqual([
      { job: 'job', file: 'a=b.sarif', sha256: 'a'.repeat(64) },
    ]);
    for (const text of ['a.sarif', 'a.sarif@sha256:abc', `@sha256:${'a'.repeat(64)}`])
      expect(() => parseHandedOver([text])).toThrow(/--evidence/u);
  });
});

describe('rules 3 and 5: the pack is pinned, the commit is that of the token', () => {
  it('takes the service’s file where it tightens, and refuses what loosens or adds trust', async () => {
    const tightened = new ReleaseWorld({
      '.sallyport.yml': 'version: 1\ngates: { release: { stages: { web: always } } }\n',
    });
    expect(await outcomeOf(() => tightened.release({ session: null }))).toBe('error');
    const loosened = new ReleaseWorld({
      '.sallyport.yml': 'version: 1\ngates: { release: { stages: { secrets: when-present } } }\n',
    });
    expect(await outcomeOf(() => loosened.release({ session: null }))).toBe('error SP-POLICY-LOOSENED');
    const trusting = new ReleaseWorld({
      '.sallyport.yml': 'version: 1\ntrust: { breakGlass: { environments: [production] } }\n',
    });
    expect(await outcomeOf(() => trusting.release({ session: null }))).toBe('error SP-POLICY-LOOSENED');
  });

  it.each<[string, (world: ReleaseWorld) => Parameters<ReleaseWorld['release']>[0], string]>([
    [
      'a pack without its digest',
      (world) => ({ policy: world.pack.split('@')[0] }),
      'error SP-POLICY-REFERENCE',
    ],
    [
      'a pack that is another',
      (world) => ({ policy: `${world.pack.split('@')[0]}@sha256:${'0'.repeat(64)}` }),
      'error SP-POLICY-DIGEST',
    ],
    [
      'a checkout of another commit',
      (world) => ({ context: { env: world.env({ GITHUB_SHA: 'f'.repeat(40) }) } }),
      'error SP-RELEASE-SOURCE',
    ],
    [
      'a trigger that strangers start',
      (world) => ({ context: { env: world.env({ GITHUB_EVENT_NAME: 'pull_request_target' }) } }),
      'error SP-RELEASE-SOURCE',
    ],
  ])('refuses %s', async (_name, change, code) => {
    const world = new ReleaseWorld();
    expect(await outcomeOf(() => world.release({ session: null, ...change(world) }))).toBe(code);
  });

  it('refuses a token of another commit, of an unprotected ref, of another run', async () => {
    const world = new ReleaseWorld();
    const as = async (claims: Record<string, string>) =>
      await outcomeOf(async () => world.release({ session: await world.session(claims) }));
    expect(await as({ sha: 'f'.repeat(40) })).toBe('error SP-PROVENANCE-CLAIMS');
    expect(await as({ ref_protected: 'false' })).toBe('error SP-RELEASE-SOURCE');
    expect(await as({ run_id: '43' })).toBe('error SP-PROVENANCE-CLAIMS');
  });

  it('refuses a working tree that is not the commit', async () => {
    const world = new ReleaseWorld();
    world.repository.write({ 'app.txt': 'changed' });
    expect(await outcomeOf(() => world.release({ session: null }))).toBe('error SP-RELEASE-SOURCE');
  });
});
