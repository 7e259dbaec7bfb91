import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GateInput } from '../../src/gate/run.ts';
import type { Context } from '../../src/platform/context.ts';
import { offlineHttp } from '../../src/platform/http.ts';
import { TestRepository, temporaryFolder } from './support.ts';

const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** Code alone, about which nothing but a report of another job tells: no engine is started. */
const POLICY = `version: 1
gates: { pull-request: { stages: { code: always }, rules: [high] } }
rules:
  - { id: high, over: finding, condition: 'finding.introduced != false && atLeast(finding.severity, "high")', action: fail, message: m }
`;

const sarif = (...uris: string[]) =>
  JSON.stringify({
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Tool' } },
        artifacts: [{ location: { uri: 'a.txt' } }],
        results: uris.map((uri) => ({
          ruleId: 'r',
          level: 'error',
          message: { text: 'm' },
          locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } }],
        })),
      },
    ],
  });

/** A report outside of the repository, as another job hands it over. */
function outside(text: string) {
  const file = join(temporaryFolder(), 'code.sarif');
  writeFileSync(file, text);
  return { stage: 'code' as const, file, sha256: sha256(text) };
}

function service(more: Record<string, string> = {}): TestRepository {
  return new TestRepository({ '.sallyport.yml': POLICY, 'a.txt': 'a\n', 'b.txt': 'b\n', ...more });
}

describe('a gate over what others handed in', () => {
  const gate = async (
    repository: TestRepository,
    input: Partial<GateInput> = {},
    context: Partial<Context> = {},
  ) => await repository.gate({ sarif: [outside(sarif())], ...input }, context);

  it('on a laptop judges the working tree, and says that there is no base', async () => {
    const repository = service();
    const { decision, reports, root, folder } = await gate(repository);
    expect(decision).toMatchObject({ verdict: 'passed', local: true, gate: 'pull-request', base: null });
    expect(decision.decidedAt).toBe('2026-06-01T12:00:00.000Z');
    expect(decision.subject.digest).toEqual({
      gitCommit: repository.git('rev-parse', 'HEAD'),
      gitTree: repository.git('rev-parse', 'HEAD:'),
    });
    expect(decision.notes).toEqual(['there is no base to compare with: every finding counts']);
    expect(decision.policy.layers.map(({ uri }) => uri)).toEqual(['.sallyport.yml']);
    expect(reports.map(({ engine }) => engine.name)).toEqual(['Tool']);
    expect(root).toBe(repository.root);
    const kept = JSON.parse(readFileSync(join(folder.path, 'code.intoto.json'), 'utf8'));
    expect(kept.predicate.sallyport_producer.job).toBe('local');
    expect(existsSync(join(folder.path, 'decision.intoto.json'))).toBe(true);
  });

  it('fails over a finding, and has none without a report that the policy asks for', async () => {
    expect((await gate(service(), { sarif: [outside(sarif('a.txt'))] })).decision.verdict).toBe('failed');
    expect((await gate(service(), { sarif: [] })).decision.verdict).toBe('error');
  });

  it('holds a change against its base: what was there before is not the change’s', async () => {
    const repository = service();
    repository.change({ 'b.txt': 'c\n' });
    const both = outside(sarif('a.txt', 'b.txt'));
    const judged = async (input: Partial<GateInput>) =>
      (await gate(repository, { base: 'main', sarif: [both], ...input })).decision;
    const { verdict, findings, base, notes } = await judged({
      baseSarif: [outside(sarif('a.txt', 'b.txt'))],
    });
    expect(verdict).toBe('failed');
    expect(
      findings.map(({ finding: { places }, introduced }) => [places[0]?.path, introduced]).sort(),
    ).toEqual([
      ['a.txt', false],
      ['b.txt', true],
    ]);
    const main = repository.git('rev-parse', 'main');
    expect(base).toEqual({ revision: main, mergeBase: main });
    expect(notes).toEqual([]);
    const alone = await judged({});
    expect(alone.findings.map(({ introduced }) => introduced)).not.toContain(false);
    expect(alone.notes).toEqual([
      expect.stringMatching(/code\.sarif: no report of the base .* \(--base-sarif code=FILE\)$/u),
    ]);
  });

  it('reads the policy at the base, and shows what the change would make of it', async () => {
    const repository = service();
    const commit = (files: Record<string, string | null>) => {
      repository.write(files);
      repository.git('add', '--all');
      repository.git('commit', '--quiet', '--message', 'again');
    };
    const strict = POLICY.replace('atLeast(finding.severity, "high")', 'true');
    repository.change({ '.sallyport.yml': strict });
    const noted = async () => (await gate(repository, { base: 'main' })).decision;
    expect((await noted()).notes.join()).toContain(
      'judged by the base, it is passed; by the changed policy it would be passed',
    );
    commit({ '.sallyport.yml': 'broken: [' });
    const broken = await noted();
    expect(broken.verdict).toBe('passed');
    expect(broken.notes.join()).toMatch(/would leave a policy that cannot be used: .* \(SP-POLICY-SYNTAX\)/u);
    commit({ '.sallyport.yml': null });
    expect((await noted()).notes.join()).toContain('by the changed policy it would be');
    commit({ '.sallyport.yml': POLICY, 'c.txt': 'c\n' });
    expect((await noted()).notes.filter((note) => note.includes('policy'))).toEqual([]);
  });

  it('says that the baseline stands in where there is no policy, here or at the base', async () => {
    const repository = new TestRepository({ 'a.txt': 'a\n' });
    const notes = async (base?: string) =>
      (await gate(repository, { only: 'code', base, sarif: [] })).decision.notes.find((note) =>
        note.includes('baseline'),
      );
    expect(await notes()).toBe('there is no .sallyport.yml: the baseline pack applies');
    repository.change({ 'b.txt': 'b\n' });
    expect(await notes('main')).toBe('there is no .sallyport.yml at the base: the baseline pack applies');
  });

  it('is no pass where the policy asks for nothing and nothing was handed in', async () => {
    const repository = new TestRepository({ '.sallyport.yml': 'version: 1\n', 'a.txt': 'a\n' });
    const codes = async (input: Partial<GateInput>) => {
      const { verdict, problems } = (await gate(repository, input)).decision;
      return [verdict, ...problems.map(({ code }) => code)];
    };
    expect(await codes({ sarif: [] })).toEqual(['error', 'SP-POLICY-EMPTY']);
    expect(await codes({})).toEqual(['passed']);
  });

  it('names repositories inside that it does not look at', async () => {
    const repository = service();
    const { root } = new TestRepository({ 'x.txt': 'x\n' });
    repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', root, 'inner');
    const { decision } = await gate(repository);
    expect(decision.notes).toContain('not looked at: 1 repositories inside this one (inner)');
  });

  it('takes files under its own folder for what they are', async () => {
    const repository = service({ '.sallyport/runs/x.json': '{}', '.sallyport/y.json': '{}' });
    const { decision } = await gate(repository);
    expect(decision.findings.map(({ finding }) => [finding.rule, finding.places[0]?.path])).toEqual([
      ['tracked-run-folder', '.sallyport/runs/x.json'],
      ['tracked-run-folder', '.sallyport/y.json'],
    ]);
    expect(decision.verdict).toBe('failed');
    const many = service(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`.sallyport/${i}`, 'x'])));
    expect((await gate(many)).decision.findings).toHaveLength(100);
  });

  it('on a runner looks at the commit alone, and says which job it was', async () => {
    const repository = service();
    repository.change({ 'b.txt': 'c\n' });
    const context = repository.pullRequest();
    const env = {
      ...context.env,
      GITHUB_SERVER_URL: 'https://github.com',
      GITHUB_RUN_ID: '7',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_JOB: 'gate',
    };
    const { decision, folder } = await gate(repository, {}, { ...context, env });
    expect(decision).toMatchObject({ verdict: 'passed', local: false, subject: { name: 'acme/payments' } });
    const { predicate } = JSON.parse(readFileSync(join(folder.path, 'code.intoto.json'), 'utf8'));
    expect(predicate.sallyport_producer.job).toBe(
      'https://github.com/acme/payments/actions/runs/7/attempts/2#gate',
    );
    repository.write({ 'b.txt': 'other\n' });
    const changed = (await gate(repository, {}, { ...context, env })).decision;
    expect([changed.verdict, ...changed.problems.map(({ code }) => code)]).toEqual([
      'error',
      'SP-CHECKOUT-CHANGED',
    ]);
    // A laptop’s own CI, or a step whose environment was wiped, is none of a laptop’s.
    const wiped = { PATH: process.env.PATH, HOME: process.env.HOME };
    await expect(gate(repository, {}, { surface: 'action', env: wiped })).rejects.toMatchObject({
      code: 'SP-EVENT',
    });
    const ci = await gate(repository, {}, { env: { ...wiped, CI: 'true' } });
    expect(ci.decision.local).toBe(false);
  });

  it('as a step is none of a laptop’s, whatever its environment says, and starts nobody else’s engine', async () => {
    const step = { PATH: '/usr/bin:/bin', HOME: process.env.HOME, GITHUB_EVENT_NAME: 'push' };
    const engines = async (surface: Context['surface']) => {
      const input = { engines: ['semgrep'] };
      const { decision, reports } = await gate(service(), input, { surface, env: step });
      return [decision.local, ...reports.map(({ engine }) => engine.name).sort()];
    };
    expect(await engines('action')).toEqual([false, 'Tool']);
    expect(await engines('cli')).toEqual([true, 'Tool', 'semgrep']);
  });

  it('takes a report about this commit, and none about another', async () => {
    const repository = service();
    const about = (revision: string) =>
      outside(
        sarif().replace(
          '"tool"',
          `"versionControlProvenance":[{"repositoryUri":"x","revisionId":"${revision}"}],"tool"`,
        ),
      );
    const verdict = async (revision: string) =>
      (await gate(repository, { sarif: [about(revision)] })).decision.verdict;
    expect(await verdict(repository.git('rev-parse', 'HEAD'))).toBe('passed');
    expect(await verdict('f'.repeat(40))).toBe('error');
    repository.write({ 'b.txt': 'changed\n' });
    expect(await verdict(repository.git('rev-parse', 'HEAD'))).toBe('error');
  });

  it('counts everything as new where the report of the base cannot be used, or is of another stage', async () => {
    const repository = service();
    repository.change({ 'b.txt': 'c\n' });
    const judged = async (baseSarif: GateInput['baseSarif']) => {
      const { decision } = await gate(repository, {
        base: 'main',
        sarif: [outside(sarif('a.txt'))],
        baseSarif,
      });
      return decision;
    };
    const broken = outside('{}');
    const unusable = await judged([broken]);
    expect([unusable.verdict, unusable.problems]).toEqual(['failed', []]);
    expect(unusable.notes).toEqual([
      `${broken.file} could not be run at the base: all its findings count as new`,
    ]);
    const other = await judged([{ ...outside(sarif('a.txt')), stage: 'image' }]);
    expect(other.verdict).toBe('failed');
    expect(other.notes.join()).toContain('--base-sarif code=FILE');
    expect((await judged([outside(sarif('a.txt'))])).verdict).toBe('passed');
  });

  it('fetches nothing that only the change names', async () => {
    const repository = service();
    const reference = `https://policies.example/org.yml@sha256:${'0'.repeat(64)}`;
    repository.change({ '.sallyport.yml': `version: 1\nextends: ["${reference}"]\n` });
    const asked: string[] = [];
    const get = async (url: string) => {
      asked.push(url);
      throw new Error('asked');
    };
    const { decision } = await gate(repository, { base: 'main' }, { http: { ...offlineHttp, get } });
    expect(decision.notes.join()).toContain('SP-POLICY-FETCH');
    expect(asked).toEqual([]);
  });

  it('runs what is asked for meanwhile, and does not fall over it', async () => {
    let began = 0;
    const meanwhile = async () => {
      began += 1;
      throw new Error('not loaded');
    };
    expect((await gate(service(), { meanwhile })).decision.verdict).toBe('passed');
    expect(began).toBe(1);
  });

  it('counts the VEX documents that the policy names', async () => {
    const repository = service({ '.sallyport.yml': `${POLICY}vex: [vex/*.json]\n` });
    await expect(gate(repository)).rejects.toMatchObject({ code: 'SP-VEX' });
  });
});
