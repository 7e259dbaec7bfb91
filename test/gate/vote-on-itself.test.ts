import { createHash } from 'node:crypto';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SallyportError } from '../../src/model/error.ts';
import { offlineHttp } from '../../src/platform/http.ts';
import { BAD_DOCKERFILE, BAD_LINE, GOOD_DOCKERFILE, TestRepository, temporaryFolder } from './support.ts';

const service = { Dockerfile: GOOD_DOCKERFILE, 'src/index.js': 'export {};\n', '.dockerignore': '.git\n' };
const policy = 'version: 1\nextends: [baseline]\n';
const toothless = 'version: 1\n';
const waiver = 'waivers:\n  - { rule: "*", path: "**", owner: me, reason: mine, expires: 2026-12-31 }\n';

/** A change that brings something bad and something that would let it pass. */
async function verdictOf(base: Record<string, string>, change: Record<string, string | null>) {
  const repository = new TestRepository({ ...service, ...base });
  repository.change({ Dockerfile: BAD_DOCKERFILE, ...change });
  return (await repository.gate({}, repository.pullRequest())).decision;
}

describe('rule 2: a change cannot vote on itself', () => {
  it('is judged at all: the bad line alone fails', async () => {
    expect((await verdictOf({}, {})).verdict).toBe('failed');
  });

  it.each<[string, Record<string, string>, Record<string, string | null>]>([
    ['by a policy that it brings', {}, { '.sallyport.yml': toothless }],
    ['by a policy that it weakens', { '.sallyport.yml': policy }, { '.sallyport.yml': toothless }],
    ['by a policy that it removes', { '.sallyport.yml': policy }, { '.sallyport.yml': null }],
    ['by a waiver that it adds', { '.sallyport.yml': policy }, { '.sallyport.yml': policy + waiver }],
    [
      'by an allow-comment',
      {},
      {
        Dockerfile: BAD_DOCKERFILE.replace(
          BAD_LINE,
          `# sallyport:allow SPD111 it is fine\n# sallyport:allow DL4006 it is fine\n${BAD_LINE}`,
        ),
      },
    ],
    [
      'by another tool’s comment',
      {},
      { Dockerfile: BAD_DOCKERFILE.replace(BAD_LINE, `# hadolint ignore=DL4006,SPD111\n${BAD_LINE}`) },
    ],
    [
      'by an ignore file of another tool',
      {},
      { '.hadolint.yaml': 'ignored: [DL4006]\nfailure-threshold: none\n' },
    ],
    ['by ignoring the file', {}, { '.gitignore': 'Dockerfile\n', '.dockerignore': 'Dockerfile\n' }],
    ['by attributes', {}, { '.gitattributes': 'Dockerfile linguist-generated export-ignore -diff binary\n' }],
    [
      'by evidence in the tree',
      {},
      { '.sallyport/runs/20990101T000000Z-ffffff/configuration.sarif': '{"version":"2.1.0","runs":[]}' },
    ],
  ])('%s', async (_name, base, change) => {
    const decision = await verdictOf(base, change);
    expect(decision.verdict).toBe('failed');
    expect(
      decision.findings.some((f) => f.outcome === 'failed' && f.finding.places[0]?.path === 'Dockerfile'),
    ).toBe(true);
  });

  it('by tracked files under .sallyport/, which are a finding of their own', async () => {
    const repository = new TestRepository(service);
    repository.change({ '.sallyport/decision.intoto.json': '{}' });
    const { decision } = await repository.gate({}, repository.pullRequest());
    expect(decision.verdict).toBe('failed');
    expect(decision.findings[0]?.finding.rule).toBe('tracked-run-folder');
  });

  it('by a pack in the tree that it changes: the digest does not fit at the head, and the base is what counts', async () => {
    const pack = 'version: 1\nextends: [baseline]\n';
    const reference = `pack.yml@sha256:${createHash('sha256').update(pack).digest('hex')}`;
    const decision = await verdictOf(
      { 'pack.yml': pack, '.sallyport.yml': `version: 1\nextends: ["${reference}"]\n` },
      { 'pack.yml': toothless },
    );
    expect(decision.verdict).toBe('failed');
    expect(decision.notes.join()).toContain('SP-POLICY-DIGEST');
  });

  it('by a rule file that it empties: rules are read at the base', async () => {
    const rules =
      'version: 1\nextends: [baseline]\nstages: { configuration: { options: { allowedRegistries: [docker.io] } } }\n';
    const repository = new TestRepository({ ...service, '.sallyport.yml': rules });
    repository.change({
      Dockerfile: GOOD_DOCKERFILE.replace('node:', 'evil.example.com/node:'),
      '.sallyport.yml': policy,
    });
    const { decision } = await repository.gate({}, repository.pullRequest());
    expect(decision.findings.map((f) => f.finding.message).join()).toContain('evil.example.com');
  });

  it('by a report that it brings, where the tool has not written one', async () => {
    const own = `${policy}gates: { pull-request: { stages: { code: always } } }\n`;
    const sarif = JSON.stringify({
      version: '2.1.0',
      runs: [{ tool: { driver: { name: 'x' } }, artifacts: [{ location: { uri: 'a.py' } }], results: [] }],
    });
    const repository = new TestRepository({ 'svc/a.py': 'x = 1\n', 'svc/.sallyport.yml': own });
    repository.change({ 'code.sarif': sarif });
    const file = join(repository.root, 'code.sarif');
    const verdict = async (sha256: string | null) => {
      const sarifs = [{ stage: 'code' as const, file, sha256 }];
      const root = join(repository.root, 'svc');
      return (await repository.gate({ root, sarif: sarifs }, repository.pullRequest())).decision;
    };
    const refused = await verdict(null);
    expect(refused.verdict).toBe('error');
    expect(refused.stages.find((s) => s.stage === 'code')?.runs[0]?.problems[0]?.code).toBe(
      'SP-EVIDENCE-TRACKED',
    );
    expect((await verdict(createHash('sha256').update(sarif).digest('hex'))).verdict).toBe('passed');
    repository.git('rm', '--quiet', '--cached', 'code.sarif');
    expect((await verdict(null)).verdict).toBe('passed');
  });

  it('by a base set as an option in a workflow', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE });
    await expect(repository.gate({ base: 'HEAD' }, repository.pullRequest())).rejects.toMatchObject({
      code: 'SP-BASE-INPUT',
    });
  });

  it('by a policy file named from inside the repository', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE, 'mine.yml': toothless });
    await expect(
      repository.gate({ policy: join(repository.root, 'mine.yml') }, repository.pullRequest()),
    ).rejects.toMatchObject({ code: 'SP-POLICY-MISSING' });
  });

  it.each([
    ['edits', toothless],
    ['removes', null],
  ])('by a policy beside the folder that is looked at, which it %s', async (_name, after) => {
    const repository = new TestRepository({ 'svc/Dockerfile': GOOD_DOCKERFILE, 'policies/p.yml': policy });
    repository.change({ 'svc/Dockerfile': BAD_DOCKERFILE, 'policies/p.yml': after });
    const { decision } = await repository.gate(
      { root: join(repository.root, 'svc'), policy: join(repository.root, 'policies/p.yml') },
      repository.pullRequest(),
    );
    expect(decision.verdict).toBe('failed');
    expect(decision.policy.uri).toContain('policies/p.yml@');
  });

  it('by a link that it puts in the place of such a policy', async () => {
    const repository = new TestRepository({
      'svc/Dockerfile': GOOD_DOCKERFILE,
      'policies/p.yml': policy,
      'examples/lax.yml': toothless,
    });
    repository.git('switch', '--quiet', '--create', 'change');
    repository.write({ 'svc/Dockerfile': BAD_DOCKERFILE, 'policies/p.yml': null });
    symlinkSync('../examples/lax.yml', join(repository.root, 'policies/p.yml'));
    repository.commit({}, 'change');
    const { decision } = await repository.gate(
      { root: join(repository.root, 'svc'), policy: join(repository.root, 'policies/p.yml') },
      repository.pullRequest(),
    );
    expect(decision.verdict).toBe('failed');
  });

  it('by checking out something else than the event is about', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE });
    const event = repository.pullRequest();
    repository.git('switch', '--quiet', 'main');
    repository.commit({ 'README.md': 'x' }, 'elsewhere');
    await expect(repository.gate({}, event)).rejects.toMatchObject({ code: 'SP-EVENT-HEAD' });
  });

  it('by an event that it is not judged on', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE });
    for (const name of ['pull_request_target', 'workflow_run', 'issue_comment', 'made_up', '']) {
      const context = repository.pullRequest();
      await expect(
        repository.gate({}, { ...context, env: { ...context.env, GITHUB_EVENT_NAME: name } }),
      ).rejects.toMatchObject({ code: 'SP-EVENT' });
    }
  });

  it('by an event file that names no base', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE });
    const context = repository.pullRequest();
    const file = join(temporaryFolder(), 'event.json');
    for (const text of [
      '',
      '{',
      '{}',
      '{"pull_request":{"base":{"sha":"main"},"head":{"sha":"HEAD"}}}',
      '{"pull_request":{"base":{"sha":"--output=x"}}}',
    ]) {
      writeFileSync(file, text);
      await expect(
        repository.gate({}, { ...context, env: { ...context.env, GITHUB_EVENT_PATH: file } }),
      ).rejects.toMatchObject({ code: 'SP-EVENT' });
    }
  });

  it('by a policy that is broken at the base: no verdict, rather than none asked for', async () => {
    const repository = new TestRepository({ ...service, '.sallyport.yml': 'version: 1\nrulse: []\n' });
    repository.change({ '.sallyport.yml': policy });
    await expect(repository.gate({}, repository.pullRequest())).rejects.toBeInstanceOf(SallyportError);
  });

  it('by variables that an earlier step could have set', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE });
    const context = repository.pullRequest();
    const env = { ...context.env, SALLYPORT_BASE: 'HEAD', SALLYPORT_POLICY: '/dev/null' };
    expect((await repository.gate({}, { ...context, env })).decision.verdict).toBe('failed');
  });

  it('by a step whose environment does not say any more that it is one', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE, '.sallyport.yml': toothless });
    const context = repository.pullRequest();
    const env = { ...context.env, GITHUB_ACTIONS: '', CI: '' };
    expect((await repository.gate({}, { ...context, env })).decision.verdict).toBe('failed');
  });

  it('and fetches nothing that it names, also not to show what it would change', async () => {
    const repository = new TestRepository(service);
    const pack = `https://intranet.example.com/p.yml@sha256:${'0'.repeat(64)}`;
    repository.change({ '.sallyport.yml': `version: 1\nextends: ["${pack}"]\n` });
    const asked: string[] = [];
    const http = {
      ...offlineHttp,
      get: async (url: string) => {
        asked.push(url);
        return Buffer.from('version: 1\n');
      },
    };
    const { decision } = await repository.gate({}, { ...repository.pullRequest(), http });
    expect(asked).toEqual([]);
    expect(decision.notes.join()).toContain('SP-POLICY-FETCH');
  });

  it('shows what it would change where the base fetches the pack too', async () => {
    const text = 'version: 1\nextends: [baseline]\n';
    const pack = `https://packs.example.com/p.yml@sha256:${createHash('sha256').update(text).digest('hex')}`;
    const own = `version: 1\nextends: ["${pack}"]\n`;
    const repository = new TestRepository({ ...service, '.sallyport.yml': own });
    repository.change({ '.sallyport.yml': own + waiver });
    const http = { ...offlineHttp, get: async () => Buffer.from(text) };
    const { decision } = await repository.gate({}, { ...repository.pullRequest(), http });
    expect(decision.notes.join()).toContain('by the changed policy it would be');
  });

  it('and what it would change is shown', async () => {
    const decision = await verdictOf({ '.sallyport.yml': policy }, { '.sallyport.yml': policy + waiver });
    expect(decision.notes.join('\n')).toContain('by the changed policy it would be passed');
  });
});

describe('the same in a merge group', () => {
  it('takes the base from the event', async () => {
    const repository = new TestRepository(service);
    repository.change({ Dockerfile: BAD_DOCKERFILE, '.sallyport.yml': toothless });
    const { decision } = await repository.gate({}, repository.pullRequest('merge_group'));
    expect(decision.verdict).toBe('failed');
    expect(decision.base?.revision).toBe(repository.git('rev-parse', 'main'));
  });
});

describe('a waiver or comment that stands at the base', () => {
  it('counts', async () => {
    const repository = new TestRepository({
      ...service,
      Dockerfile: BAD_DOCKERFILE,
      '.sallyport.yml': policy + waiver,
    });
    repository.change({ 'README.md': 'x' });
    const { decision } = await repository.gate({}, repository.pullRequest());
    expect(decision.verdict).toBe('passed');
    expect(decision.findings.every((f) => f.outcome === 'waived')).toBe(true);
  });
});

describe('moving a file', () => {
  const own = `version: 1
stages: { configuration: { exclude: ["examples/**"] } }
gates: { pull-request: { stages: { configuration: always }, rules: [new] } }
rules: [{ id: new, over: finding, condition: finding.introduced != false, action: fail, message: m }]
`;

  it.each([
    ['whose old name is of no kind', 'notes.txt'],
    ['that the policy left out', 'examples/Dockerfile'],
  ])('%s does not make it a file that was judged before', async (_name, old) => {
    const repository = new TestRepository({ [old]: BAD_DOCKERFILE, '.sallyport.yml': own });
    repository.change({ [old]: null, Dockerfile: BAD_DOCKERFILE });
    const { decision } = await repository.gate({}, repository.pullRequest());
    expect(decision.verdict).toBe('failed');
    expect(decision.findings.map((f) => f.introduced)).not.toContain(false);
  });

  it('introduces nothing in a report that is handed in either', async () => {
    const repository = new TestRepository({ 'a.py': 'x = 1\neval(x)\n', '.sallyport.yml': policy });
    repository.change({ 'a.py': null, 'b.py': 'x = 1\neval(x)\n' });
    const folder = temporaryFolder();
    const handed = (file: string, uri: string) => {
      const results = [
        {
          ruleId: 'r',
          level: 'error',
          message: { text: 'm' },
          locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 2 } } }],
        },
      ];
      const run = { tool: { driver: { name: 'semgrep' } }, results };
      writeFileSync(join(folder, file), JSON.stringify({ version: '2.1.0', runs: [run] }));
      return { stage: 'code' as const, file: join(folder, file), sha256: null };
    };
    const [head, base] = [handed('head.sarif', 'b.py'), handed('base.sarif', 'a.py')];
    const { decision } = await repository.gate(
      { sarif: [head], baseSarif: [base] },
      repository.pullRequest(),
    );
    expect(decision.findings.map((f) => [f.finding.rule, f.introduced])).toEqual([['r', false]]);
  });

  it('introduces nothing', async () => {
    const repository = new TestRepository({ ...service, 'old/Dockerfile': BAD_DOCKERFILE });
    repository.change({ 'old/Dockerfile': null, 'new/place/Dockerfile': BAD_DOCKERFILE });
    const { decision } = await repository.gate({}, repository.pullRequest());
    expect(decision.verdict).toBe('passed');
    expect(
      decision.findings
        .filter((f) => f.finding.places[0]?.path === 'new/place/Dockerfile')
        .every((f) => f.introduced === false),
    ).toBe(true);
  });
});
