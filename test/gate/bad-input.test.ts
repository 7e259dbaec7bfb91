import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseHandedIn } from '../../src/gate/handed-in.ts';
import { BAD_DOCKERFILE, GOOD_DOCKERFILE, TestRepository, temporaryFolder } from './support.ts';

const service = { Dockerfile: GOOD_DOCKERFILE, '.dockerignore': '.git\n' };
const handed = (stage: string, file: string) => [parseHandedIn('sarif', `${stage}=${file}`)];

function file(text: string | Buffer): string {
  const path = join(temporaryFolder(), 'report.sarif');
  writeFileSync(path, text);
  return path;
}

const run = (results: string, more = '') =>
  `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Tool"}},"artifacts":[{"location":{"uri":"a"}}],"results":${results}${more}}]}`;

describe('a report that is handed in', () => {
  it.each([
    ['malformed JSON', '{"version":"2.1.0",\n"runs": [}', /SP-/u, 2],
    ['an empty file', '', /SP-/u, undefined],
    ['another version', '{"version":"2.0.0","runs":[]}', /SP-SARIF-VERSION/u, 1],
    ['a list', '[]', /SP-SARIF-SHAPE/u, 1],
    [
      '300 levels deep',
      run(`[{"message":{"text":"x"},"properties":${'{"a":'.repeat(300)}1${'}'.repeat(300)}}]`),
      /SP-/u,
      undefined,
    ],
    ['100,000 levels deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /SP-/u, undefined],
    [
      'a run that failed',
      run('[]', ',"invocations":[{"executionSuccessful":false}]'),
      /SP-SARIF/u,
      undefined,
    ],
    [
      'another revision',
      run('[]', `,"versionControlProvenance":[{"repositoryUri":"x","revisionId":"${'0'.repeat(40)}"}]`),
      /SP-SARIF-REVISION/u,
      undefined,
    ],
  ])('%s ends without a verdict, and says where', async (_name, text, code, line) => {
    const repository = new TestRepository(service);
    const { decision } = await repository.gate({ sarif: handed('code', file(text)) });
    expect(decision.verdict).toBe('error');
    const problem = decision.stages.flatMap((s) => s.runs.flatMap((r) => r.problems))[0];
    expect(problem?.code).toMatch(code);
    if (line !== undefined) expect(problem?.place?.line).toBe(line);
  });

  it('that is not there ends without a verdict', async () => {
    const repository = new TestRepository(service);
    expect((await repository.gate({ sarif: handed('code', '/nowhere.sarif') })).decision.verdict).toBe(
      'error',
    );
  });

  it('whose digest does not fit ends without a verdict', async () => {
    const repository = new TestRepository(service);
    const path = file(run('[]'));
    const sarif = [parseHandedIn('sarif', `code=${path}@sha256:${'0'.repeat(64)}`)];
    const { decision } = await repository.gate({ sarif });
    expect(decision.verdict).toBe('error');
    expect(JSON.stringify(decision.stages)).toContain('SP-EVIDENCE-DIGEST');
  });

  it('with a line of 100 MB is read', async () => {
    const repository = new TestRepository(service);
    const one =
      '{"ruleId":"r","level":"error","message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"Dockerfile"},"region":{"startLine":1}}}]}';
    const path = file(Buffer.from(run(`[${one}${','.padEnd(100 * 1024 * 1024)}${one}]`)));
    const { decision } = await repository.gate({ sarif: handed('code', path) });
    expect(decision.verdict).toBe('failed');
    expect(decision.findings.filter((f) => f.finding.stage === 'code')).toHaveLength(2);
  }, 60_000);

  it('with prototype keys changes nothing else', async () => {
    const repository = new TestRepository(service);
    const path = file(
      run('[{"message":{"text":"x"},"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}]'),
    );
    await repository.gate({ sarif: handed('code', path) });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('cannot name files outside, and loses no finding by it', async () => {
    const repository = new TestRepository(service);
    const at = (uri: string) =>
      `{"ruleId":"r","level":"error","message":{"text":"m"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":${JSON.stringify(uri)}}}}]}`;
    const path = file(
      run(
        `[${['../../etc/passwd', 'file:///etc/passwd', '/etc/passwd', 'a/../../b', '%2e%2e/x', 'C:\\\\x', 'a\u0000b'].map(at).join(',')}]`,
      ),
    );
    const { decision } = await repository.gate({ sarif: handed('code', path) });
    const found = decision.findings.filter((f) => f.finding.stage === 'code');
    expect(found).toHaveLength(7);
    for (const { finding } of found)
      for (const place of finding.places) expect(place.path).not.toMatch(/^\/|^\.\.|\/\.\.\//u);
  });
});

describe('a repository', () => {
  const names = [
    'line\nbreak.dockerfile',
    '::error::forged.dockerfile',
    '<script>alert(1)</script>.dockerfile',
    '[link](javascript:alert(1)) `x` |.dockerfile',
    '\u001b[31mred\u001b[0m.dockerfile',
    '\u202egnp.dockerfile',
    '-rf.dockerfile',
    '$(touch x).dockerfile',
    'it\'s "quoted".dockerfile',
    'tab\tand space .dockerfile',
    '%0a::error::x.dockerfile',
  ].map((name) => name.replaceAll('/', ''));

  it('with hostile file names is judged, and no file is lost', async () => {
    const repository = new TestRepository(
      Object.fromEntries([...names.map((name) => [name, BAD_DOCKERFILE]), ['.dockerignore', '.git\n']]),
    );
    const { decision } = await repository.gate();
    const failed = new Set(
      decision.findings.filter((f) => f.outcome === 'failed').map((f) => f.finding.places[0]?.path),
    );
    expect([...failed].sort()).toEqual([...names].sort());
  });

  it('with a line of 100 MB in a Dockerfile ends without a verdict, in time', async () => {
    const repository = new TestRepository(service);
    repository.write({ 'big.dockerfile': `FROM scratch\nRUN ${'x'.repeat(100 * 1024 * 1024)}\n` });
    const started = performance.now();
    expect((await repository.gate()).decision.verdict).toBe('error');
    expect(performance.now() - started).toBeLessThan(15_000);
  }, 60_000);

  it.each([
    [
      'an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
        .split('')
        .map((k, i) => `${k}: &${k} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)
        .join('\n')}\nservices: { x: { image: *i } }\n`,
    ],
    ['300 levels', `services:\n  x:\n    image: a\n    labels: ${'['.repeat(300)}${']'.repeat(300)}\n`],
    ['a cut file', 'services:\n  x: [\n'],
    ['a tab', 'services:\n\tx: 1\n'],
    ['a list', '- 1\n- 2\n'],
  ])('with %s as a compose file ends without a verdict', async (_name, text) => {
    const repository = new TestRepository({ ...service, 'compose.yaml': text });
    const { decision } = await repository.gate();
    expect(decision.verdict).toBe('error');
    expect(JSON.stringify(decision.stages)).toContain('compose.yaml');
  });

  it('that is a sparse checkout names what it left out', async () => {
    const repository = new TestRepository({ ...service, 'other/Dockerfile': BAD_DOCKERFILE, 'src/x.js': '' });
    repository.git('sparse-checkout', 'set', '--no-cone', '/src/');
    const { decision } = await repository.gate();
    expect(decision.verdict).toBe('error');
    expect(JSON.stringify(decision.stages)).toContain('sparse checkout');
  });

  it('that is a partial clone without the base ends without a verdict', async () => {
    const origin = new TestRepository({ ...service, 'compose.yaml': 'services: {}\n' });
    origin.git('config', 'uploadpack.allowFilter', 'true');
    origin.change({ Dockerfile: `${GOOD_DOCKERFILE}# changed\n` });
    const clone = join(temporaryFolder(), 'clone');
    execFileSync('git', ['clone', '--quiet', '--filter=blob:none', `file://${origin.root}`, clone], {
      stdio: 'pipe',
    });
    await expect(origin.gate({ root: clone, base: 'origin/main' })).rejects.toMatchObject({
      code: 'SP-GIT-PARTIAL',
      problem: { next: expect.stringContaining('--filter') },
    });
  });

  it('with content in Git LFS that is not there ends without a verdict', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`;
    const repository = new TestRepository({ ...service, 'x.dockerfile': pointer });
    const { decision } = await repository.gate();
    expect(decision.verdict).toBe('error');
    expect(JSON.stringify(decision.stages)).toContain('Git LFS');
  });

  it('with another repository inside names it', async () => {
    const inner = new TestRepository({ Dockerfile: BAD_DOCKERFILE });
    const repository = new TestRepository(service);
    repository.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'inner');
    const { decision } = await repository.gate();
    expect(decision.verdict).toBe('passed');
    expect(decision.notes.join()).toContain('inner');
  });

  it('with links that lead outside or in a loop reads nothing through them', async () => {
    const repository = new TestRepository(service);
    symlinkSync('/etc', join(repository.root, 'etc'));
    symlinkSync('.', join(repository.root, 'again'));
    const { decision } = await repository.gate();
    expect(decision.verdict).toBe('passed');
  });

  it('that a symbolic link turns into a Dockerfile is looked at', async () => {
    const repository = new TestRepository({ ...service, 'docker/production': BAD_DOCKERFILE });
    symlinkSync('docker/production', join(repository.root, 'link.dockerfile'));
    const { decision } = await repository.gate();
    expect(
      decision.findings.some(
        (f) => f.outcome === 'failed' && f.finding.places[0]?.path === 'link.dockerfile',
      ),
    ).toBe(true);
  });

  it('whose policy asks for nothing is not passed', async () => {
    const repository = new TestRepository({ ...service, '.sallyport.yml': 'version: 1\n' });
    const { verdict, problems } = (await repository.gate()).decision;
    expect(verdict).toBe('error');
    expect(problems[0]?.code).toBe('SP-POLICY-EMPTY');
  });

  it('without a working tree has nothing to be looked at, which is no pass', async () => {
    const repository = new TestRepository(service);
    const bare = join(temporaryFolder(), 'bare.git');
    repository.git('clone', '--quiet', '--bare', '.', bare);
    await expect(repository.gate({ root: bare })).rejects.toMatchObject({ code: 'SP-FOLDER' });
  });

  it.each(['--assume-unchanged', '--skip-worktree'])(
    'in whose index a file is marked %s is not named by its commit',
    async (mark) => {
      const repository = new TestRepository({ ...service, Dockerfile: BAD_DOCKERFILE });
      expect((await repository.gate()).decision.subject.digest.gitCommit).toBeTruthy();
      repository.git('update-index', mark, 'Dockerfile');
      repository.write({ Dockerfile: GOOD_DOCKERFILE });
      const { subject } = (await repository.gate()).decision;
      expect(Object.keys(subject.digest)).toEqual(['dirHash']);
    },
  );

  it('in which a file has taken the place of a folder is looked at as it is', async () => {
    const repository = new TestRepository({ ...service, 'svc/Dockerfile': BAD_DOCKERFILE });
    rmSync(join(repository.root, 'svc'), { recursive: true });
    repository.write({ svc: 'x\n' });
    expect((await repository.gate()).decision.verdict).toBe('passed');
  });

  it.each(['.sallyport', '.sallyport/runs'])(
    'in which %s is a link is not written through it',
    async (path) => {
      const repository = new TestRepository(service);
      const target = temporaryFolder();
      mkdirSync(dirname(join(repository.root, path)), { recursive: true });
      symlinkSync(target, join(repository.root, path));
      await expect(repository.gate()).rejects.toMatchObject({ code: 'SP-RUN-FOLDER' });
      expect(readdirSync(target)).toEqual([]);
    },
  );

  it('whose settings would start a program starts none', async () => {
    const repository = new TestRepository({ ...service, '.gitattributes': '* filter=evil diff=evil\n' });
    const marker = join(temporaryFolder(), 'started');
    for (const [key, value] of [
      ['core.fsmonitor', `touch ${marker}`],
      ['filter.evil.clean', `touch ${marker}; cat`],
      ['filter.evil.process', `touch ${marker}`],
      ['diff.evil.textconv', `touch ${marker}; cat`],
      ['diff.external', `touch ${marker}`],
      ['core.pager', `touch ${marker}`],
    ]) {
      repository.git('config', key ?? '', value ?? '');
    }
    repository.write({ Dockerfile: BAD_DOCKERFILE });
    expect((await repository.gate({ base: 'main' })).decision.verdict).toBe('failed');
    expect(() => execFileSync('ls', [marker], { stdio: 'pipe' })).toThrow();
  });

  it('whose filter has a name that reads like a setting starts none', async () => {
    const repository = new TestRepository({ ...service, '.gitattributes': '* filter=a=b\n' });
    const marker = join(temporaryFolder(), 'started');
    repository.git('config', 'filter.a=b.clean', `touch ${marker}; cat`);
    repository.write({ Dockerfile: BAD_DOCKERFILE });
    expect((await repository.gate({ base: 'main' })).decision.verdict).toBe('failed');
    expect(existsSync(marker)).toBe(false);
  });

  it('in which the settings of a repository inside would start a program starts none', async () => {
    const inner = new TestRepository({ 'b.txt': 'b\n', '.gitattributes': '* filter=evil\n' });
    const repository = new TestRepository(service);
    renameSync(inner.root, join(repository.root, 'inner'));
    repository.commit({}, 'with another inside');
    const marker = join(temporaryFolder(), 'started');
    repository.git('-C', 'inner', 'config', 'filter.evil.clean', `touch ${marker}; cat`);
    repository.write({ 'inner/b.txt': 'c\n' });
    expect((await repository.gate({ base: 'main' })).decision.verdict).toBe('passed');
    expect(existsSync(marker)).toBe(false);
  });
});

describe('a folder without Git', () => {
  it('is judged by a plain walk, and named by its content', async () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'Dockerfile'), BAD_DOCKERFILE);
    const repository = new TestRepository(service);
    const { decision } = await repository.gate({ root });
    expect(decision.verdict).toBe('failed');
    expect(decision.subject.digest.dirHash).toMatch(/^h1:/u);
  });
});
