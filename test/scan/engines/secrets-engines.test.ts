import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/platform/clock.ts';
import { runProcess, toolEnvironment } from '../../../src/platform/process.ts';
import { type ProcessEngine, runProcessEngine } from '../../../src/scan/process-engine.ts';
import { processEngine } from '../../../src/scan/registry.ts';
import { temporaryFolder } from '../../gate/support.ts';
import { Random } from '../secrets/examples/random.ts';
import { fill } from '../secrets/examples/template.ts';

const random = new Random(5);
const tools = toolEnvironment(process.env);

function folder(files: Record<string, string>): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

async function run(name: string, root: string, script: string, temporary = temporaryFolder()) {
  const engine = (await processEngine(name)) as ProcessEngine;
  const bin = temporaryFolder();
  writeFileSync(join(bin, engine.binary), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, engine.binary), 0o755);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = temporary;
  try {
    return await runProcessEngine(
      engine,
      { tree: { root }, options: {}, exclude: [], deadline: 10_000 },
      {
        run: runProcess,
        clock: systemClock,
        tools: { ...tools, PATH: `${bin}:${tools.PATH}` },
        lock: undefined,
        trusted: { root },
      },
    );
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

/** What trufflehog 3 writes to stdout and stderr, as its documentation and issues show it. */
function hog(file: string, line: number, raw: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    SourceMetadata: { Data: { Filesystem: { file, line } } },
    SourceID: 1,
    SourceType: 15,
    SourceName: 'trufflehog - filesystem',
    DetectorType: 2,
    DetectorName: 'AWS',
    DetectorDescription: 'AWS (Amazon Web Services) is a comprehensive cloud computing platform.',
    DecoderName: 'PLAIN',
    Verified: false,
    VerificationFromCache: false,
    Raw: raw,
    RawV2: `${raw}:more`,
    Redacted: raw.slice(0, 8),
    ExtraData: { account: '123456789012' },
    StructuredData: null,
    ...more,
  });
}
const FINISHED =
  '{"level":"info-0","ts":"2026-01-01T00:00:00Z","logger":"trufflehog","msg":"finished scanning","chunks":1}';
const version = 'if [ "$1" = --version ]; then echo "trufflehog 3.90.1" >&2; exit 0; fi';
const script = (lines: readonly string[], exit = 183) =>
  `${version}\necho '${FINISHED}' >&2\ncat <<'EOF'\n${lines.join('\n')}\nEOF\nexit ${exit}`;

describe('trufflehog', () => {
  it('is read from its lines, and its secrets are let go', async () => {
    const key = fill('AKIA<base32:16>', random);
    const root = folder({ 'sub/a b.env': `x=1\naws_key = ${key}\n`, 'b.txt': 'b\n' });
    const temporary = temporaryFolder();
    const report = await run(
      'trufflehog',
      root,
      script([hog('./sub/a b.env', 2, key), hog('b.txt', 0, key, { DecoderName: 'BASE64' })]),
      temporary,
    );
    expect(report).toMatchObject({ state: 'findings', engine: { name: 'trufflehog', version: '3.90.1' } });
    expect(report.findings).toMatchObject([
      {
        rule: 'AWS',
        severity: 'high',
        message: 'AWS: a credential',
        places: [{ path: 'sub/a b.env', line: 2, column: 11, endColumn: 31 }],
      },
      { places: [{ path: 'b.txt' }], message: 'AWS: a credential, written as BASE64' },
    ]);
    expect(JSON.stringify(report)).not.toContain(key.slice(4, 16));
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each([
    ['a line that is no JSON', (key: string) => [`{"Raw":"${key}`], 183],
    ['a line that is no finding', (key: string) => [`{"Raw":"${key}"}`], 183],
    ['findings that it does not list', () => [], 183],
    ['another exit', () => [], 1],
  ])('fails on %s, and quotes nothing of it', async (_what, lines, exit) => {
    const key = fill('AKIA<base32:16>', random);
    const report = await run('trufflehog', folder({ 'a.txt': 'a\n' }), script(lines(key), exit));
    expect(report.state).toBe('error');
    expect(report.problems[0]?.code).toMatch(/^SP-ENGINE-(?:OUTPUT|FAILED)$/u);
    expect(JSON.stringify(report)).not.toContain(key.slice(4, 16));
  });

  it('that does not say that it came to its end has not', async () => {
    const report = await run('trufflehog', folder({ 'a.txt': 'a\n' }), version);
    expect(report.problems[0]).toMatchObject({ code: 'SP-ENGINE-OUTPUT' });
  });

  it('does not get to see its ignore comments', async () => {
    const seen = join(temporaryFolder(), 'seen');
    const root = folder({ 'a.txt': 'k=1 # trufflehog:ignore\ntrufflehog:ignore\n' });
    await run('trufflehog', root, `${version}\ncat a.txt > ${seen}\necho '${FINISHED}' >&2`);
    expect(readFileSync(seen, 'utf8')).toBe('k=1 # trufflehog-ignore\ntrufflehog-ignore\n');
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toContain('trufflehog:ignore');
  });
});

describe.each(['gitleaks', 'betterleaks'])('%s', (name) => {
  const module =
    name === 'gitleaks' ? 'github.com/zricethezav/gitleaks/v8' : 'github.com/betterleaks/betterleaks';
  const clean = `for a in "$@"; do case "$before" in --report-path) echo '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"${name}"}},"results":[]}]}' > "$a";; esac; before=$a; done`;

  it('is not steered by files of the repository, and hides secrets before it writes', async () => {
    const seen = join(temporaryFolder(), 'seen');
    const root = folder({
      '.gitleaksignore': 'a.env:x:1\n',
      '.betterleaksignore': 'a.env:x:1\n',
      'sub/.gitleaksignore': 'kept\n',
      '.gitleaks.toml': '[allowlist]\npaths = [".*"]\n',
      'a.env': 'a\n',
    });
    const report = await run(
      name,
      root,
      `if [ "$1" = version ]; then echo 1.7.0; exit 0; fi\nls -A . sub > ${seen}; echo "$@" >> ${seen}\n${clean}`,
    );
    expect(report).toMatchObject({ state: 'clean', looked: { files: 5 } });
    const text = readFileSync(seen, 'utf8');
    expect(text).toContain('--redact=100');
    expect(text).toContain('--ignore-gitleaks-allow');
    expect(text).toMatch(/--config \S+\/scratch\/rules.toml/u);
    expect(text.match(/^\.gitleaksignore$/gmu)).toHaveLength(1);
    expect(text).toContain('sub:\n.gitleaksignore');
    if (name === 'betterleaks') expect(text).not.toContain('.betterleaksignore');
  });

  it('built without a stamped version is known by its module', async () => {
    const root = folder({ 'a.txt': 'a\n' });
    const build = (version: string) =>
      `#mod\t${module}\t${version}\th1:x\nif [ "$1" = version ]; then echo dev; exit 0; fi\n${clean}`;
    expect((await run(name, root, build('v8.30.1'))).engine.version).toBe('8.30.1');
    expect((await run(name, root, build('(devel)'))).problems[0]?.code).toBe('SP-ENGINE-VERSION');
  });

  it('says nothing of a secret when it fails', async () => {
    const key = fill('npm_<crc62:30>', random);
    const report = await run(
      name,
      folder({ 'a.txt': 'a\n' }),
      `if [ "$1" = version ]; then echo 1.7.0; exit 0; fi\necho "fatal: token=${key}" >&2\nexit 1`,
    );
    expect(report.state).toBe('error');
    expect(JSON.stringify(report)).not.toContain(key.slice(4, 16));
  });

  it('gets a large file, and leaves nothing behind', async () => {
    const root = folder({ 'large.bin': '' });
    truncateSync(join(root, 'large.bin'), 20 * 1024 * 1024);
    const temporary = temporaryFolder();
    const report = await run(
      name,
      root,
      `if [ "$1" = version ]; then echo 1.7.0; exit 0; fi\n${clean}`,
      temporary,
    );
    expect(report.state).toBe('clean');
    expect(existsSync(temporary) && readdirSync(temporary)).toEqual([]);
  });
});
