import { beforeEach, describe, expect, it } from 'vitest';
import type { OpenedSession } from '../../../src/attest/sign/signed.ts';
import { matchAdvisories } from '../../../src/gate/release/advisories.ts';
import { bomReports } from '../../../src/gate/release/release.ts';
import { readCycloneDx } from '../../../src/model/cyclonedx/read.ts';
import type { Decision } from '../../../src/model/decision.ts';
import { merged } from '../../policy/support.ts';
import { database } from '../../scan/dependencies/support.ts';
import { npmBom as bom, temporaryFolder, testContext } from '../support.ts';
import { outcomeOf, ReleaseWorld, sha256 } from './world.ts';

let world: ReleaseWorld;

type Change = Parameters<ReleaseWorld['release']>[0];
const release = async (change: Change = {}) => await world.release({ session: null, ...change });
const outcome = async (change: Change = {}) => await outcomeOf(() => release(change));
const decisionOf = async (change: Change = {}): Promise<Decision> => (await release(change)).decision;

/** What a token says, without anything that could sign. */
const token = (claims: object): OpenedSession =>
  ({
    token: { raw: '', claims: world.claims(claims as never) },
    session: null,
    instances: [],
    key: null,
  }) as never;
const env = (change: Record<string, string | undefined>) => ({
  context: { env: { ...world.env(), ...change } },
});
const handedBom = (value: object, job = 'sbom') => {
  const text = JSON.stringify(value);
  return `${job}=${world.write(`bom-${sha256(text).slice(0, 8)}.json`, text)}@sha256:${sha256(text)}`;
};
const both = () => [...world.evidence('secrets'), ...world.evidence('code')];
const asking = (dependencies: string) => {
  const pack = JSON.stringify({
    version: 1,
    gates: { release: { stages: { dependencies }, rules: ['high'] } },
    rules: [
      {
        id: 'high',
        over: 'finding',
        condition: 'atLeast(finding.severity, "high")',
        action: 'fail',
        message: 'm',
      },
    ],
  });
  return `${world.write(`pack-${dependencies}.yml`, pack)}@sha256:${sha256(pack)}`;
};

describe('a release', () => {
  beforeEach(() => {
    world = new ReleaseWorld();
  });

  it('is about the artefact and its resource, by the organization’s pack', async () => {
    const { decision, root, places, reports } = await release();
    expect(decision).toMatchObject({
      verdict: 'passed',
      gate: 'release',
      local: false,
      base: null,
      subject: {
        name: 'app.tgz',
        digest: { sha256: sha256('the artefact') },
        uri: 'oci:registry.example/payments',
      },
      notes: ['no bill of materials was handed over'],
      problems: [],
    });
    expect(decision.policy.digest.sha256).toBe(sha256(world.pack.slice(-64)));
    expect([root, places, reports.map(({ stage }) => stage).sort()]).toEqual([
      world.repository.root,
      [],
      ['code', 'secrets'],
    ]);
    expect((await decisionOf({ resource: undefined })).subject.uri).toBe('file:app.tgz');
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['another commit', { GITHUB_SHA: 'f'.repeat(40) }],
    ['no commit', { GITHUB_SHA: undefined }],
    ['a pull request of a stranger', { GITHUB_EVENT_NAME: 'pull_request_target' }],
    ['a comment', { GITHUB_EVENT_NAME: 'issue_comment' }],
    ['no server', { GITHUB_SERVER_URL: undefined }],
    ['no repository', { GITHUB_REPOSITORY: undefined }],
    ['no run', { GITHUB_RUN_ID: undefined }],
    ['no attempt', { GITHUB_RUN_ATTEMPT: undefined }],
    ['an attempt that is no number', { GITHUB_RUN_ATTEMPT: '1.5' }],
  ])('is refused where the runner says %s', async (_what, change) => {
    expect(await outcome(env(change))).toBe('error SP-RELEASE-SOURCE');
  });

  it.each<[string, object, string]>([
    ['another commit', { sha: 'f'.repeat(40) }, 'error SP-PROVENANCE-CLAIMS'],
    ['an unprotected ref', { ref_protected: 'false' }, 'error SP-RELEASE-SOURCE'],
    ['nothing of its ref', { ref_protected: undefined }, 'error SP-RELEASE-SOURCE'],
    ['true that is no text', { ref_protected: true }, 'error SP-RELEASE-SOURCE'],
  ])('is refused where its token says %s', async (_what, claims, code) => {
    expect(await outcome({ session: token(claims) })).toBe(code);
  });

  it('on a laptop asks no runner, and takes what is local alone', async () => {
    const local = { PATH: process.env.PATH, HOME: process.env.HOME, GITHUB_ACTIONS: 'false' };
    const unnamed = (handed: string[]) => handed.map((text) => text.replace(/^[a-z]+=/u, ''));
    const said = unnamed([
      ...world.evidence('secrets', { says: 'local' }),
      ...world.evidence('code', { says: 'local' }),
    ]);
    const context = { env: local };
    expect(await decisionOf({ handed: said, context })).toMatchObject({ verdict: 'passed', local: true });
    expect(await outcome({ handed: said, context, policy: world.pack.split('@')[0] })).toBe('passed');
    expect(await outcome({ handed: both(), context })).toBe('error SP-EVIDENCE-RUN');
  });

  it('asks for stages, or is no release', async () => {
    const empty = 'version: 1\n';
    const policy = `${world.write('empty.yml', empty)}@sha256:${sha256(empty)}`;
    const { verdict, problems } = await decisionOf({ policy });
    expect([verdict, problems.map(({ code }) => code)]).toEqual(['error', ['SP-POLICY-EMPTY']]);
  });

  it('holds its bill of materials against the advisories of the day', async () => {
    const advisories = await database();
    const codes = async (change: Change) => {
      const { verdict, problems, notes } = await decisionOf(change);
      return [verdict, ...problems.map(({ code }) => code), ...notes];
    };
    const [deep, fine] = [handedBom(bom('deep')), handedBom(bom('fine'))];
    expect(await codes({ handed: [...both(), deep], advisories })).toEqual(['failed']);
    expect(await codes({ handed: [...both(), fine], advisories })).toEqual(['passed']);
    const unmatched = 'no advisories are here: the bill of materials was not matched';
    expect(await codes({ handed: [...both(), deep] })).toEqual(['passed', unmatched]);
    const policy = asking('always');
    expect(await codes({ handed: [fine], policy })).toEqual(['error', 'SP-ADVISORIES-MISSING', unmatched]);
    expect(await codes({ handed: [fine], policy, advisories })).toEqual(['passed']);
    expect(await codes({ handed: [deep], policy, advisories })).toEqual(['failed']);
    expect((await codes({ handed: [], policy, advisories }))[0]).toBe('error');
    expect(await codes({ handed: [], policy: asking('when-present'), advisories })).toContain('error');
    const { reports } = await release({ handed: [...both(), fine], advisories });
    expect(reports.map(({ engine }) => engine.name)).toContain('sallyport-advisories');
    const without = await release({ handed: both(), advisories });
    expect(without.reports.map(({ engine }) => engine.name)).not.toContain('sallyport-advisories');
  });

  it('counts what is banned in it', async () => {
    const pack = JSON.stringify({
      version: 1,
      gates: { release: { stages: { secrets: 'always' } } },
      banned: [{ id: 'no-deep', package: 'pkg:npm/deep', reason: 'it is too deep' }],
    });
    const policy = `${world.write('banning.yml', pack)}@sha256:${sha256(pack)}`;
    expect(await outcome({ policy, handed: [...both(), handedBom(bom('deep'))] })).toBe('failed');
    expect(await outcome({ policy, handed: [...both(), handedBom(bom('fine'))] })).toBe('passed');
  });
});

describe('bills of materials as reports', () => {
  const read = (...names: string[]) =>
    readCycloneDx(Buffer.from(JSON.stringify(bom(...names))), { path: 'x' });
  const now = new Date('2026-06-01T12:00:00Z');

  it('are looked at, component by component, and nothing where they hold none', () => {
    const [one, none] = bomReports(
      [
        { bom: read('a', 'b'), sha256: 'x' },
        { bom: read(), sha256: 'y' },
      ],
      now,
    );
    expect(one).toMatchObject({
      stage: 'dependencies',
      state: 'clean',
      engine: { name: 'sallyport-sbom', publisher: 'sallyport', how: 'in-process', digest: 'x' },
      looked: { files: 2, bytes: null, commits: null, rules: 0, skipped: [], complete: true },
      startedAt: now.toISOString(),
      finishedAt: now.toISOString(),
      rules: [],
      findings: [],
      problems: [],
    });
    expect(none).toMatchObject({ state: 'nothing-scanned', looked: { files: 0 }, engine: { digest: 'y' } });
  });

  it('are matched where there is a database, and not where there is none', async () => {
    const match = async (folder: string | undefined, policy = 'version: 1\n', env = {}) =>
      await matchAdvisories([read('deep')], folder, merged(policy), testContext({ env }));
    const folder = await database();
    expect((await match(folder))?.findings.map(({ rule }) => rule)).toEqual(['vulnerable-dependency']);
    expect(await match(temporaryFolder())).toBe(null);
    expect(await match(undefined, undefined, { HOME: temporaryFolder(), SALLYPORT_ADVISORIES: '' })).toBe(
      null,
    );
    const required = 'version: 1\nstages: { dependencies: { options: { vulnerabilities: required } } }\n';
    expect(await match(temporaryFolder(), required)).toBe(null);
    const broken = `version: 1\nstages: { dependencies: { options: { indexDigests: ["${'0'.repeat(64)}"] } } }\n`;
    expect((await match(folder, broken))?.state).toBe('error');
  });
});
