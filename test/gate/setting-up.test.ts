import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { writeBaseline } from '../../src/gate/baseline.ts';
import { inspectEngines } from '../../src/gate/engines.ts';
import { applyFixes } from '../../src/gate/fix.ts';
import { installHook } from '../../src/gate/hook.ts';
import { initialize } from '../../src/gate/init.ts';
import { stagedOptions } from '../../src/gate/staged.ts';
import type { Context } from '../../src/platform/context.ts';
import { TestRepository, temporaryFolder, testContext } from './support.ts';

const threads = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'threads');
const finding = (over: Partial<Context> = {}) =>
  testContext({ workerEntry: join(threads, 'finds.mjs'), ...over });

function folder(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

describe('fixes', () => {
  it('are applied where they are safe and of one file, all of a file at once', async () => {
    const root = folder({ 'a.txt': 'abc\n', 'b.txt': 'b\n', 'c.txt': 'c\n', 'd.txt': 'd\n' });
    expect(await applyFixes('.', finding({ cwd: root }))).toEqual([
      { path: 'a.txt', description: 'first' },
      { path: 'a.txt', description: 'second' },
    ]);
    expect(['a', 'b', 'c', 'd'].map((name) => read(root, `${name}.txt`))).toEqual([
      'AbC\n',
      'b\n',
      'c\n',
      'd\n',
    ]);
  });
});

describe('a baseline', () => {
  const POLICY = `# ours
version: 1
gates: { pull-request: { stages: { configuration: always }, rules: [all] } }
rules:
  - { id: all, over: finding, condition: 'true', action: fail, message: m }
`;
  const write = async (files: Record<string, string>, over: object = {}) => {
    const root = folder(files);
    const result = await writeBaseline({ path: '.', owner: 'me', days: 30, ...over }, finding({ cwd: root }));
    return {
      root,
      result,
      file: existsSync(join(root, '.sallyport.yml')) ? read(root, '.sallyport.yml') : '',
    };
  };
  const target = { Dockerfile: 'FROM scratch\n', 'a.txt': 'abc\n' };

  it('waives each finding that fails today, to a day, by an owner, with a reason', async () => {
    const { root, result, file } = await write({ ...target, '.sallyport.yml': POLICY });
    expect(result).toEqual({ count: 5, file: join(root, '.sallyport.yml'), expires: '2026-07-01' });
    expect(file).toMatch(/^# ours\n/u);
    const { waivers } = parse(file);
    expect(waivers).toHaveLength(5);
    expect(new Set(waivers.map((one: { fingerprint: string }) => one.fingerprint)).size).toBe(5);
    expect(waivers[0]).toEqual({
      fingerprint: expect.stringMatching(/^[0-9a-f]+:\d+$/u),
      owner: 'me',
      reason: 'was here on 2026-06-01, when the gate was introduced',
      expires: '2026-07-01',
    });
    // A comment must stay one, whatever a message holds.
    expect(file).toContain('# SPD111 in a.txt: it moves');
    expect(file).not.toMatch(/^moves/mu);
  });

  it('is added to what is waived already, and waives nothing twice', async () => {
    const waived = 'waivers:\n  - { rule: x, path: y, owner: you, reason: because, expires: 2026-12-31 }\n';
    const { root, file } = await write(
      { ...target, '.sallyport.yml': POLICY + waived },
      { reason: 'so it is' },
    );
    expect(parse(file).waivers).toHaveLength(6);
    expect(parse(file).waivers[1].reason).toBe('so it is');
    const again = await writeBaseline({ path: root, owner: 'me', days: 30 }, finding());
    expect(again.count).toBe(0);
    expect(read(root, '.sallyport.yml')).toBe(file);
  });

  it('waives a secret under every name that an engine has for it', async () => {
    const bin = temporaryFolder();
    const region = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 4 };
    const log = {
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'gitleaks' } },
          results: [
            {
              ruleId: 'theirs',
              message: { text: 'theirs' },
              locations: [{ physicalLocation: { artifactLocation: { uri: 'b.txt' }, region } }],
            },
          ],
        },
      ],
    };
    writeFileSync(join(bin, 'log'), JSON.stringify(log));
    const script = `#!/bin/sh
if [ "$1" = version ]; then echo 8.30.1; exit 0; fi
while [ "$1" != --report-path ]; do shift; done
cat '${join(bin, 'log')}' > "$2"
`;
    writeFileSync(join(bin, 'gitleaks'), script, { mode: 0o755 });
    const secrets = `${POLICY.replace('configuration: always', 'secrets: always')}stages: { secrets: { engines: [gitleaks] } }\n`;
    const root = folder({ 'b.txt': 'abc\n', '.sallyport.yml': secrets });
    const context = finding({ cwd: root, env: { PATH: `${bin}:${process.env.PATH}`, HOME: '/' } });
    const { count } = await writeBaseline({ path: '.', owner: 'me', days: 30 }, context);
    const { waivers } = parse(read(root, '.sallyport.yml'));
    // One of what both found, which needs the names of both.
    expect(waivers).toHaveLength(count + 1);
    expect(new Set(waivers.map((one: { fingerprint: string }) => one.fingerprint)).size).toBe(count + 1);
    expect((await writeBaseline({ path: '.', owner: 'me', days: 30 }, context)).count).toBe(0);
  });

  it('makes a file where there is none, and leaves it where nothing fails', async () => {
    const { file, result } = await write(target);
    expect(result.count).toBeGreaterThan(0);
    expect(parse(file)).toMatchObject({ version: 1, extends: ['baseline'] });
    const clean = await write({ ...target, 'clean.txt': '' });
    expect([clean.result.count, clean.file]).toEqual([0, '']);
  });

  it('is not written where the file would not be valid any more', async () => {
    const root = folder({ ...target, '.sallyport.yml': POLICY });
    const without = writeBaseline({ path: root, owner: '', days: 30 }, finding());
    await expect(without).rejects.toMatchObject({ code: 'SP-POLICY-INVALID' });
    expect(read(root, '.sallyport.yml')).toBe(POLICY);
  });

  it('is none where there is no verdict', async () => {
    const asking = POLICY.replace('configuration: always', 'configuration: always, code: always');
    await expect(write({ ...target, '.sallyport.yml': asking })).rejects.toMatchObject({
      code: 'SP-BASELINE-ERROR',
    });
  });
});

describe('a repository that is set up', () => {
  const files = {
    Dockerfile: 'FROM scratch\n',
    'compose.yaml': 'services: {}\n',
    'src/a.ts': '',
    'src/b.py': '',
    'x.txt': '',
  };

  it('gets a policy and a workflow, and is told what was seen', async () => {
    const root = folder(files);
    expect(await initialize('.', 'strict', testContext({ cwd: root }))).toEqual({
      written: ['.sallyport.yml', '.github/workflows/sallyport.yml'],
      kept: [],
      seen: { files: 5, kinds: ['1 Dockerfiles', '1 compose files', '2 source files'] },
    });
    expect(parse(read(root, '.sallyport.yml'))).toEqual({ version: 1, extends: ['strict'] });
    const workflow = parse(read(root, '.github/workflows/sallyport.yml'));
    expect(workflow.on.push.branches).toEqual(['main']);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(workflow.jobs.gate.steps.map((step: { uses: string }) => step.uses)).toEqual([
      expect.stringMatching(/^actions\/checkout@[0-9a-f]{40}$/u),
      expect.stringMatching(/\/actions\/gate@v\d/u),
    ]);
    expect(workflow.jobs.gate.steps[0].with).toEqual({ 'fetch-depth': 0, 'persist-credentials': false });
  });

  it('keeps what it has', async () => {
    const root = folder({ '.sallyport.yml': 'mine\n', 'x.txt': '' });
    expect(await initialize(root, 'baseline', testContext())).toMatchObject({
      written: ['.github/workflows/sallyport.yml'],
      kept: ['.sallyport.yml'],
      seen: { files: 2, kinds: [] },
    });
    expect(read(root, '.sallyport.yml')).toBe('mine\n');
  });

  it('has its default branch gated, whatever its name', async () => {
    const { root } = new TestRepository({ 'a.txt': 'a\n' });
    const repository = new TestRepository({ 'a.txt': 'a\n' });
    repository.git('update-ref', 'refs/remotes/origin/next/it"s', 'HEAD');
    repository.git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/next/it"s');
    await initialize(repository.root, 'baseline', testContext());
    const branches = (at: string) => parse(read(at, '.github/workflows/sallyport.yml')).on.push.branches;
    expect(branches(repository.root)).toEqual(['next/it"s']);
    await initialize(root, 'baseline', testContext());
    expect(branches(root)).toEqual(['main']);
  });
});

describe('engines on this machine', () => {
  it('are ours, those that are installed, and those that are not', async () => {
    const bin = folder({});
    writeFileSync(join(bin, 'hadolint'), '#!/bin/sh\necho Haskell Dockerfile Linter 2.12.0\n', {
      mode: 0o755,
    });
    writeFileSync(join(bin, 'trivy'), '#!/bin/sh\nexit 3\n', { mode: 0o755 });
    const engines = await inspectEngines(testContext({ env: { PATH: `${bin}:/usr/bin:/bin`, HOME: bin } }));
    const of = (name: string) => engines.find((engine) => engine.name === name);
    expect(of('sallyport-secrets')).toMatchObject({
      stage: 'secrets',
      publisher: 'sallyport',
      state: 'embedded',
      version: expect.any(String),
      rules: expect.any(Number),
      sha256: null,
    });
    expect(of('hadolint')).toMatchObject({
      state: 'installed',
      version: '2.12.0',
      rules: null,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/u),
    });
    expect(of('grype')).toMatchObject({ state: 'not installed', version: null, sha256: null, rules: null });
    expect(of('trivy')?.state).toBe('trivy does not tell its version');
  });
});

describe('what is staged', () => {
  it('is looked at below the folder, by the index that the commit is made from', async () => {
    const repository = new TestRepository({ 'svc/a.txt': 'a\n', 'b.txt': 'b\n' });
    const { root } = repository;
    const options = async (path: string, env: Record<string, string> = {}) =>
      await stagedOptions(
        path,
        testContext({ cwd: root, env: { PATH: process.env.PATH, HOME: '/', ...env } }),
      );
    expect(await options('.')).toBe(null);
    repository.write({ 'b.txt': 'c\n' });
    repository.git('add', 'b.txt');
    expect(await options('.')).toEqual({ staged: true });
    expect(await options('.', { GIT_INDEX_FILE: '' })).toEqual({ staged: true });
    expect(await options('svc')).toBe(null);
    expect(await options('.', { GIT_INDEX_FILE: '.git/index' })).toEqual({
      staged: true,
      index: join(root, '.git/index'),
    });
    repository.write({ 'svc/a.txt': 'x\n' });
    repository.git('add', 'svc/a.txt');
    expect(await options('svc')).toEqual({ staged: true });
    await expect(stagedOptions(temporaryFolder(), testContext())).rejects.toMatchObject({ code: 'SP-GIT' });
  });
});

describe('the hook', () => {
  const world = (): TestRepository => new TestRepository({ 'svc/a.txt': 'a\n' });
  const entry = "/opt/it's here/sallyport.cjs";
  const install = async (root: string) =>
    await installHook(
      '.',
      testContext({
        cwd: root,
        workerEntry: entry,
        env: { PATH: process.env.PATH, HOME: temporaryFolder() },
      }),
    );

  it('is written where git looks for it, and can be run', async () => {
    const { root } = world();
    const file = join(root, '.git/hooks/pre-commit');
    expect(await install(root)).toEqual({ file, state: 'written' });
    expect(statSync(file).mode & 0o777).toBe(0o755);
    const text = read(file);
    expect(text).toContain("program='/opt/it'\\''s here/sallyport.cjs'");
    expect(text).toContain(`node='${process.execPath}'`);
    expect(text).toContain('exec "$node" "$program" scan secrets --staged --quiet\n');
    expect(text).toMatch(/exit 2\n$/u);
    expect(await install(root)).toEqual({ file, state: 'kept' });
  });

  it('of a folder below looks at that one', async () => {
    const { root } = world();
    await install(join(root, 'svc'));
    expect(read(root, '.git/hooks/pre-commit')).toContain("scan secrets --staged --quiet 'svc'\n");
  });

  it.each<[string, boolean]>([
    ['#!/bin/sh\nsallyport scan secrets --staged\n', true],
    ['npx sallyport scan secrets --staged || exit 1\n', true],
    ['# sallyport scan secrets --staged\n', false],
    ['echo hello # scan secrets --staged\n', false],
    ['scan secrets --stagedness\n', false],
  ])('that is there is kept where it calls us: %j', async (text, kept) => {
    const { root } = world();
    const file = join(root, '.git/hooks/pre-commit');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    if (kept) expect((await install(root)).state).toBe('kept');
    else await expect(install(root)).rejects.toMatchObject({ code: 'SP-HOOK-EXISTS' });
    expect(read(file)).toBe(text);
  });

  it('among the repository’s own files names nothing of this machine', async () => {
    const repository = world();
    const { root } = repository;
    repository.git('config', 'core.hooksPath', 'hooks');
    expect(await install(join(root, 'svc'))).toEqual({
      file: join(root, 'hooks/pre-commit'),
      state: 'written',
    });
    expect(read(root, 'hooks/pre-commit')).not.toContain(process.execPath);
    expect(read(root, 'hooks/pre-commit')).toContain(
      'exec "$program" scan secrets --staged --quiet \'svc\'\n',
    );
    for (const path of ['.git/own', join(temporaryFolder(), 'own')]) {
      repository.git('config', 'core.hooksPath', path);
      const { file } = await install(root);
      expect(file).toBe(join(path.startsWith('/') ? '' : root, path, 'pre-commit'));
      expect(read(file)).toContain(process.execPath);
    }
    // The top itself and a name that begins with two dots are inside.
    for (const path of ['.', '..hooks']) {
      repository.git('config', 'core.hooksPath', path);
      expect(read((await install(root)).file)).not.toContain(process.execPath);
    }
  });

  it('of a linked working tree is that of its repository', async () => {
    const repository = world();
    const other = join(temporaryFolder(), 'other');
    repository.git('worktree', 'add', '--quiet', other);
    expect((await install(other)).file).toBe(join(repository.root, '.git/hooks/pre-commit'));
  });

  it('is not put among those of all repositories, or of none', async () => {
    const { root } = world();
    const home = temporaryFolder();
    writeFileSync(join(home, '.gitconfig'), '[core]\n\thooksPath = /shared/hooks\n');
    const context = testContext({ cwd: root, env: { PATH: process.env.PATH, HOME: home } });
    await expect(installHook('.', context)).rejects.toMatchObject({
      code: 'SP-HOOK-SHARED',
      problem: { place: { path: '/shared/hooks' } },
    });
    await expect(installHook('.', testContext({ cwd: temporaryFolder() }))).rejects.toMatchObject({
      code: 'SP-GIT',
    });
  });
});
