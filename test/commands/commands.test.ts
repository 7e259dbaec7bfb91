import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { invoke } from '../../src/commands/invoke.ts';
import { loadCommand } from '../../src/commands/registry.ts';
import { BAD_DOCKERFILE, GOOD_DOCKERFILE, TestRepository, testContext } from '../gate/support.ts';

const service = { Dockerfile: BAD_DOCKERFILE, '.dockerignore': '.git\n' };

async function run(name: string, raw: Record<string, unknown>, cwd: string) {
  const context = testContext({ cwd });
  const result = await invoke(await loadCommand(name), raw, context);
  return { ...result, printed: context.printed.join(''), said: context.said.join('\n') };
}

describe('gate', () => {
  it('exits 1 where the policy says no, and tells of it', async () => {
    const { root } = new TestRepository(service);
    const { exit, outputs, printed, summary } = await run('gate', {}, root);
    expect(exit).toBe(1);
    expect(outputs).toMatchObject({ decision: 'failed', 'findings-failed': '1' });
    expect(printed).toContain('Dockerfile:4');
    expect([...(summary ?? [])].join('')).toContain('Dockerfile');
  });

  it('writes the reports that are asked for, and keeps some', async () => {
    const { root } = new TestRepository(service);
    const report = ['json', 'sarif', 'markdown', 'html', 'svg', 'table'].map(
      (format) => `${format}=out.${format}`,
    );
    const { printed, outputs } = await run('gate', { report }, root);
    expect(printed).toContain('FAILED');
    for (const format of ['json', 'sarif', 'markdown', 'html', 'svg', 'table'])
      expect(existsSync(join(root, `out.${format}`))).toBe(true);
    for (const kept of [
      'report.json',
      'report.html',
      'configuration.sarif',
      'configuration.intoto.json',
      'decision.intoto.json',
    ]) {
      expect(existsSync(join(outputs?.['report-folder'] ?? '', kept))).toBe(true);
    }
  });

  it.each([
    ['an unknown format', { report: ['pdf'] }],
    ['two reports on stdout', { report: ['json', 'sarif'] }],
    ['a report without a file name', { report: ['json='] }],
    ['SARIF without a stage', { sarif: ['x.sarif'] }],
    ['SARIF for a stage that there is not', { sarif: ['lunch=x.sarif'] }],
    ['an engine that there is not', { engine: ['nothing'] }],
    ['a folder that there is not', { path: 'nowhere' }],
    ['a base that there is not', { base: 'nowhere' }],
    ['a base that looks like an option', { base: '--upload-pack=x' }],
    ['a policy that there is not', { policy: '/nowhere.yml' }],
  ])('%s is no verdict', async (_name, raw) => {
    const { root } = new TestRepository(service);
    const { exit, said } = await run('gate', raw, root);
    expect(exit).toBe(2);
    expect(said).toMatch(/SP-/u);
  });

  it('--fix repairs what is safe and nothing else', async () => {
    const text = GOOD_DOCKERFILE.replace(
      'COPY src ./src',
      'ADD src ./src\nRUN curl -sSL http://x.example.com/i.sh | sh',
    );
    const { root } = new TestRepository({ Dockerfile: text, '.dockerignore': '.git\n', 'src/index.js': '' });
    await run('gate', { fix: true }, root);
    expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).toBe(text.replace('ADD src', 'COPY src'));
  });

  it('leaves nothing in the repository that Git would see', async () => {
    const repository = new TestRepository(service);
    await run('gate', {}, repository.root);
    expect(repository.git('status', '--porcelain')).toBe('');
  });
});

describe('--engine', () => {
  it('brings its own stage and leaves the others alone', async () => {
    const { root } = new TestRepository(service);
    const { exit, printed } = await run(
      'gate',
      { engine: ['sallyport-configuration'], report: ['json'] },
      root,
    );
    expect(exit).toBe(1);
    expect(JSON.parse(printed).decision.stages.map((s: { stage: string }) => s.stage)).toEqual([
      'secrets',
      'dependencies',
      'configuration',
    ]);
  });

  it('of another stage than the one that is run is no verdict', async () => {
    const { root } = new TestRepository(service);
    expect((await run('scan', { stage: 'secrets', engine: ['hadolint'] }, root)).exit).toBe(2);
  });
});

describe('scan', () => {
  it('fails where there is nothing of what was asked for', async () => {
    const { root } = new TestRepository({ 'README.md': 'x' });
    expect((await run('scan', { stage: 'configuration' }, root)).exit).toBe(1);
  });

  it('is no verdict where no engine looked', async () => {
    const { root } = new TestRepository(service);
    expect((await run('scan', { stage: 'web' }, root)).exit).toBe(2);
  });
});

describe('baseline', () => {
  it('writes waivers with which the tree passes, and nothing new does', async () => {
    const policy = '# ours\nversion: 1\nextends: [baseline] # the pack\n';
    const repository = new TestRepository({ ...service, '.sallyport.yml': policy });
    const { exit, printed } = await run('baseline', { owner: 'ann', days: 30 }, repository.root);
    expect(exit).toBe(0);
    expect(printed).toContain('1 waiver until 2026-07-01');
    const written = readFileSync(join(repository.root, '.sallyport.yml'), 'utf8');
    expect(written).toContain('# ours');
    expect(written).toContain('# the pack');
    expect(written).toContain('owner: ann');
    expect((await run('gate', {}, repository.root)).exit).toBe(0);
    writeFileSync(join(repository.root, 'other.dockerfile'), BAD_DOCKERFILE);
    expect((await run('gate', {}, repository.root)).exit).toBe(1);
  });

  it('refuses to start from what could not be looked at', async () => {
    const { root } = new TestRepository({ ...service, 'compose.yaml': 'services: [' });
    expect((await run('baseline', { owner: 'ann' }, root)).exit).toBe(2);
    expect(existsSync(join(root, '.sallyport.yml'))).toBe(false);
  });

  it('keeps a hostile file name in its comment on one line', async () => {
    const { root } = new TestRepository({ 'a\nversion: 2\n#.dockerfile': BAD_DOCKERFILE });
    expect((await run('baseline', { owner: 'ann' }, root)).exit).toBe(0);
    expect((await run('policy check', {}, root)).exit).toBe(0);
  });
});

describe('policy', () => {
  it('check says what is there, or where it is wrong', async () => {
    const { root } = new TestRepository({ '.sallyport.yml': 'version: 1\nextends: [strict]\n' });
    expect((await run('policy check', {}, root)).printed).toContain('valid: 3 layers');
    writeFileSync(
      join(root, '.sallyport.yml'),
      'version: 1\nextends: [strict]\nrules:\n  - { id: existing-high, action: warn }\n',
    );
    const { exit, said } = await run('policy check', {}, root);
    expect(exit).toBe(2);
    expect(said).toContain('.sallyport.yml:4');
    expect(said).toContain('action-policies/strict.yml');
  });

  it.each([
    ['a rule that is nowhere', 'gates: { pull-request: { rules: [nowhere] } }', 'nowhere'],
    ['an option that no engine knows', 'stages: { configuration: { options: { colour: red } } }', 'colour'],
    ['a pack without its digest', 'extends: [./pack.yml]', 'digest'],
    ['a pack that is not there', `extends: ["pack.yml@sha256:${'0'.repeat(64)}"]`, 'pack.yml'],
    ['a pack over http', `extends: ["http://example.com/p.yml@sha256:${'0'.repeat(64)}"]`, 'SP-'],
    [
      'one of our packs with another digest',
      `extends: ["baseline@sha256:${'0'.repeat(64)}"]`,
      'SP-POLICY-DIGEST',
    ],
    [
      'a condition of the wrong type',
      'rules: [{ id: r, over: finding, condition: "finding.line", message: m, action: warn }]',
      'type int',
    ],
  ])('check refuses %s', async (_name, text, expected) => {
    const { root } = new TestRepository({ '.sallyport.yml': `version: 1\n${text}\n` });
    const { exit, said } = await run('policy check', {}, root);
    expect(exit).toBe(2);
    expect(said).toContain(expected);
  });

  it('explain shows who said what', async () => {
    const { root } = new TestRepository({
      '.sallyport.yml':
        'version: 1\nextends: [strict]\ngates: { pull-request: { stages: { code: always } } }\n',
    });
    const { printed } = await run('policy explain', {}, root);
    expect(printed).toContain('pull-request/code: always  (.sallyport.yml, .sallyport.yml:3)');
    expect(printed).toContain('before: when-present  (strict, action-policies/strict.yml');
    expect((await run('policy explain', { what: 'existing-high' }, root)).printed).toContain(
      'action: fail  (strict',
    );
    expect((await run('policy explain', { what: 'nothing' }, root)).exit).toBe(2);
  });

  it('explain shows why a finding was judged so', async () => {
    const { root } = new TestRepository(service);
    const gate = await run('gate', { report: ['json'] }, root);
    const { fingerprint } = JSON.parse(gate.printed).decision.findings[0].finding;
    const { printed } = await run('policy explain', { what: fingerprint }, root);
    expect(printed).toContain('introduced-high');
    expect(printed).toContain('action-policies/baseline.yml:');
    expect((await run('policy explain', { what: `${'0'.repeat(32)}:0` }, root)).exit).toBe(2);
  });

  it('controls names the control and the rule that it rests on', async () => {
    const { root } = new TestRepository({ '.sallyport.yml': 'version: 1\nextends: [pci-dss-4]\n' });
    const { printed } = await run('policy controls', {}, root);
    expect(printed).toContain('PCI DSS 4.0.1');
    expect(printed).toContain('no-authentication-data');
    expect(printed).not.toContain('not in our map');
  });
});

describe('init', () => {
  it('writes what is missing and leaves what is there', async () => {
    const { root } = new TestRepository({ Dockerfile: GOOD_DOCKERFILE });
    const first = await run('init', { pack: 'strict' }, root);
    expect(first.printed).toContain('1 Dockerfiles');
    expect(readFileSync(join(root, '.sallyport.yml'), 'utf8')).toContain('extends: [strict]');
    expect((await run('policy check', {}, root)).exit).toBe(0);
    writeFileSync(join(root, '.sallyport.yml'), 'version: 1\n');
    const second = await run('init', {}, root);
    expect(second.printed).toContain('left as it is: .sallyport.yml');
    expect(readFileSync(join(root, '.sallyport.yml'), 'utf8')).toBe('version: 1\n');
  });
});
