import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importAdvisories } from '../../src/advisories/import.ts';
import type { ScanReport } from '../../src/model/report.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { runProcess, toolEnvironment } from '../../src/platform/process.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { runEmbedded, runTogether } from '../../src/scan/embedded.ts';
import { type ProcessEngine, runProcessEngine } from '../../src/scan/process-engine.ts';
import { embeddedEngines, processEngines } from '../../src/scan/registry.ts';
import { temporaryFolder } from '../gate/support.ts';
import { compiled, evaluation } from '../policy/support.ts';

const here = dirname(fileURLToPath(import.meta.url));
const entry = join(here, '..', '..', 'src', 'bin.ts');
const tools = toolEnvironment(process.env);
const world = { clock: systemClock, tools };

/** What each engine would look at. */
const SOURCES: Record<string, Record<string, string>> = {
  configuration: { Dockerfile: 'FROM scratch\nUSER 1\n' },
  dependencies: {
    'package-lock.json': JSON.stringify({
      lockfileVersion: 3,
      packages: { '': { name: 'x' }, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-AA==' } },
    }),
  },
  secrets: { 'notes.txt': 'nothing secret here\n' },
  code: { 'src/index.js': 'eval(1)\n', 'rules/r.yml': 'rules: []\n' },
};
const OPTIONS: Record<string, Record<string, unknown>> = { code: { semgrepRules: ['rules'] } };

/** A database of one advisory, so that there is something to ask. */
async function database(): Promise<string> {
  const folder = temporaryFolder();
  const source = join(folder, 'one.json');
  const affected = [
    { package: { ecosystem: 'npm', name: 'z' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] },
  ];
  writeFileSync(source, JSON.stringify({ id: 'X-1', modified: '2026-01-01T00:00:00Z', affected }));
  await importAdvisories([source], join(folder, 'index'));
  return join(folder, 'index');
}

function sourceOf(stage: string): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(SOURCES[stage] ?? {})) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Where the policy asks for the stage always, such a report must never pass. */
function verdictOf(report: ScanReport): string {
  const policy = compiled(`version: 1\ngates: { pull-request: { stages: { ${report.stage}: always } } }\n`);
  return evaluate(evaluation({ policy, reports: [report] })).verdict;
}

function expectError(report: ScanReport, code: RegExp): void {
  expect(report.state).toBe('error');
  expect(report.problems[0]?.code).toMatch(code);
  expect(verdictOf(report)).toBe('error');
}

const embedded = await embeddedEngines();
const processes = await processEngines();

describe.each(embedded.map((engine) => [engine.name, engine] as const))(
  '%s in its thread',
  (_name, engine) => {
    it.each([
      ['crash', /^SP-ENGINE-CRASH$/u],
      ['hang', /^SP-ENGINE-TIMEOUT$/u],
      ['rubbish', /^SP-ENGINE-OUTPUT$/u],
      ['nothing', /^SP-ENGINE-OUTPUT$/u],
      ['half', /^SP-ENGINE-OUTPUT$/u],
      ['silent', /^SP-ENGINE-CRASH$/u],
      ['killed', /^SP-ENGINE-CRASH$/u],
      ['memory', /^SP-ENGINE-CRASH$/u],
    ])('%s', async (kind, code) => {
      const workerEntry = join(here, '..', 'fixtures', 'threads', `${kind}.mjs`);
      const request = {
        tree: { root: sourceOf(engine.stage) },
        options: {},
        exclude: [],
        deadline: kind === 'memory' ? 15_000 : 1000,
      };
      expectError(await runEmbedded(engine, request, { ...world, workerEntry, memoryMiB: 64 }), code);
    });

    const run = async (root: string, options = {}) =>
      await runEmbedded(
        engine,
        { tree: { root }, options, exclude: [], deadline: 20_000, advisories: await database() },
        { ...world, workerEntry: entry },
      );

    it('nothing to scan', async () => {
      const report = await run(temporaryFolder());
      expect(report.state).toBe('nothing-scanned');
      expect(verdictOf(report)).toBe('failed');
    });

    it('something to scan', async () => {
      expect((await run(sourceOf(engine.stage))).state).toMatch(/^(?:clean|findings)$/u);
    });

    it.each<[string, (root: string) => void]>([
      ['a link that leads outside', (root) => symlinkSync('/etc/hostname', join(root, 'a.Dockerfile'))],
      ['links in a loop', (root) => symlinkSync('b.Dockerfile', join(root, 'b.Dockerfile'))],
      ['a link to nothing', (root) => symlinkSync('gone', join(root, 'c.Dockerfile'))],
      ['a pipe', (root) => execFileSync('mkfifo', [join(root, 'd.Dockerfile')])],
      [
        'bytes that are not text',
        (root) => writeFileSync(join(root, 'e.Dockerfile'), Buffer.from([0x46, 0xff, 0xfe, 0x80])),
      ],
      [
        'a file that is too large',
        (root) =>
          writeFileSync(join(root, 'f.Dockerfile'), `FROM scratch\nRUN ${'x'.repeat(2 * 1024 * 1024)}\n`),
      ],
    ])('%s', async (_kind, make) => {
      if (engine.stage !== 'configuration') return;
      const root = sourceOf(engine.stage);
      make(root);
      const report = await run(root);
      expect(report.state).toBe('error');
      expect(verdictOf(report)).toBe('error');
    });

    it('a folder that is not there', async () => {
      expectError(await run(join(temporaryFolder(), 'gone')), /^SP-FOLDER$/u);
    });

    it('options that it does not understand', async () => {
      const options = Object.fromEntries(
        Object.keys(engine.directions).map((name) => [name, { no: 'such value' }]),
      );
      if (Object.keys(options).length > 0) expectError(await run(sourceOf(engine.stage), options), /^SP-/u);
    });
  },
);

describe('two engines in one thread', () => {
  const two = embedded.filter(({ stage }) => stage === 'dependencies');
  const together = async (over: { entry?: string; options?: Record<string, unknown>[] }) =>
    await runTogether(
      two.map((engine, at) => ({ engine, options: over.options?.[at] ?? {} })),
      { tree: { root: sourceOf('dependencies') }, exclude: [], deadline: 20_000 },
      { ...world, workerEntry: over.entry ?? entry },
    );

  it('both answer, in their order', async () => {
    const reports = await together({});
    expect(reports.map(({ engine, state }) => [engine.name, state])).toEqual([
      ['sallyport-lockfiles', 'findings'],
      ['sallyport-advisories', 'nothing-scanned'],
    ]);
  });

  it('what the first said stands where the second crashes, and the second has said nothing', async () => {
    const [first, second] = await together({
      entry: join(here, '..', 'fixtures', 'threads', 'first.mjs'),
    });
    expect(first?.state).toBe('clean');
    if (second === undefined) throw new Error('no second report');
    expectError(second, /^SP-ENGINE-CRASH$/u);
  });

  it('one that does not understand its options does not keep the other from looking', async () => {
    const [first, second] = await together({ options: [{ allowedHosts: 1 }, {}] });
    if (first === undefined) throw new Error('no first report');
    expectError(first, /^SP-OPTION$/u);
    expect(second?.state).toBe('nothing-scanned');
  });
});

/** A stand-in for an engine: a script that tells a version and then does what the case says. */
function standIn(engine: ProcessEngine, body: string, version = 'echo 9.9.9'): string {
  const folder = temporaryFolder();
  const file = join(folder, engine.binary);
  const versionArg = engine.versionArgs[0] ?? '--version';
  // $report is where the report goes: after --output or --report-path where the engine has one, else stdout.
  writeFileSync(
    file,
    `#!/bin/sh\nif [ "$1" = "${versionArg}" ]; then ${version}; exit 0; fi\nreport=; before=\nfor a in "$@"; do case "$before" in --output|--report-path) report=$a;; esac; before=$a; done\nif [ -n "$report" ]; then exec > "$report"; fi\n${body}\n`,
  );
  chmodSync(file, 0o755);
  return `${folder}:${tools.PATH}`;
}

const SARIF = (results: string) =>
  `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x","rules":[]}},"results":${results}}]}`;
const FOUND_BY_TRUFFLEHOG = JSON.stringify({
  SourceMetadata: { Data: { Filesystem: { file: 'notes.txt', line: 1 } } },
  DetectorName: 'X',
  Raw: 'nothing',
});

/** What an engine writes where it finds so much. */
function says(engine: ProcessEngine, finds: boolean): string {
  if (engine.name !== 'trufflehog')
    return print(SARIF(finds ? '[{"ruleId":"r","message":{"text":"m"}}]' : '[]'));
  return `echo '{"msg":"finished scanning"}' >&2${finds ? `\n${print(FOUND_BY_TRUFFLEHOG)}\nexit 183` : ''}`;
}
const print = (text: string) => `cat <<'EOF'\n${text}\nEOF`;

describe.each(
  // Those that are read in a form of their own are held to it beside their readers.
  processes.filter(({ read }) => read === undefined).map((engine) => [engine.name, engine] as const),
)('%s as a process', (_name, engine) => {
  const run = async (path: string, over: { root?: string; lock?: string[]; deadline?: number } = {}) => {
    const root = over.root ?? sourceOf(engine.stage);
    return await runProcessEngine(
      engine,
      {
        tree: { root },
        options: OPTIONS[engine.stage] ?? {},
        exclude: [],
        deadline: over.deadline ?? 10_000,
      },
      {
        run: runProcess,
        clock: systemClock,
        tools: { ...tools, PATH: path },
        lock: over.lock,
        trusted: { root },
      },
    );
  };

  it.each([
    ['a clean report', 'clean'],
    ['a finding', 'findings'],
  ])('%s', async (_kind, state) => {
    const report = await run(standIn(engine, says(engine, state === 'findings')));
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({
      state,
      engine: { name: engine.name, version: '9.9.9', how: 'process' },
    });
    expect(report.engine.digest).toMatch(/^[0-9a-f]{64}$/u);
  });

  it.each([
    ['a crash', 'exit 3', /^SP-ENGINE-FAILED$/u],
    ['a crash after a clean report', `${print(SARIF('[]'))}\nexit 2`, /^SP-ENGINE-FAILED$/u],
    ['a hang', 'sleep 60', /^SP-ENGINE-TIMEOUT$/u],
    ['a hang in a child that it left behind', 'sleep 60 & sleep 60', /^SP-ENGINE-TIMEOUT$/u],
    ['rubbish', print('it all went well'), /^SP-/u],
    ['nothing', 'true', /^SP-/u],
    ['half a report', print(SARIF('[]').slice(0, 40)), /^SP-/u],
    ['JSON that is no report', print('{"ok":true}'), /^SP-/u],
    ['a report without runs', print('{"version":"2.1.0","runs":[]}'), /^SP-/u],
    [
      'two runs',
      print(
        JSON.stringify({
          version: '2.1.0',
          runs: [1, 2].map(() => ({ tool: { driver: { name: 'x' } }, results: [] })),
        }),
      ),
      /^SP-/u,
    ],
    ['a run that says it failed', print(SARIF('[],"invocations":[{"executionSuccessful":false}]')), /^SP-/u],
    [
      'a run with an error notification',
      print(
        SARIF(
          '[],"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[{"level":"error","message":{"text":"could not parse"}}]}]',
        ),
      ),
      /^SP-/u,
    ],
    [
      'a report without results',
      print('{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}}}]}'),
      /^SP-/u,
    ],
    ['its own death', 'kill -9 $$', /^SP-ENGINE-FAILED$/u],
  ])('%s', async (_kind, body, code) => {
    expectError(await run(standIn(engine, body), { deadline: 1500 }), code);
  });

  it('it is not installed', async () => {
    expectError(await run('/nowhere'), /^SP-ENGINE-MISSING$/u);
  });

  it('it is not the executable that is locked', async () => {
    expectError(
      await run(standIn(engine, print(SARIF('[]'))), { lock: ['0'.repeat(64)] }),
      /^SP-ENGINE-LOCK$/u,
    );
  });

  it('it does not tell its version', async () => {
    expectError(await run(standIn(engine, '', 'echo unknown')), /^SP-ENGINE-VERSION$/u);
  });

  it('nothing to scan', async () => {
    const report = await run(standIn(engine, says(engine, false)), { root: temporaryFolder() });
    expect(report.state).toBe('nothing-scanned');
    expect(verdictOf(report)).toBe('failed');
  });

  it('a file of its kind that leads outside', async () => {
    const root = sourceOf(engine.stage);
    symlinkSync('/etc/hostname', join(root, 'Dockerfile.js'));
    symlinkSync('/etc/hostname', join(root, 'x.dockerfile'));
    const report = await run(standIn(engine, says(engine, false)), { root });
    // Where everything is of its kind, a file that is elsewhere is named.
    if (engine.everyKind !== true) expect(report.state).toBe('error');
    else expect(report.looked.skipped.map(({ path }) => path)).toEqual(['Dockerfile.js', 'x.dockerfile']);
  });

  it('what it says that it passed over is named', async () => {
    if (engine.toSarif !== undefined) return;
    const notification =
      '{"level":"warning","message":{"text":"timed out"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"slow"}}}]}';
    const report = await run(
      standIn(
        engine,
        print(
          SARIF(
            `[],"invocations":[{"executionSuccessful":true,"toolExecutionNotifications":[${notification}]}]`,
          ),
        ),
      ),
    );
    expect(report.looked.skipped).toEqual([{ path: 'slow', reason: 'timed out', blocking: false }]);
  });

  it('sees no token of the job and no file that it did not ask for', async () => {
    const root = sourceOf(engine.stage);
    writeFileSync(join(root, '.env'), 'SECRET=1\n');
    const seen = join(temporaryFolder(), 'seen');
    const report = await run(standIn(engine, `env > ${seen}; ls -aR . >> ${seen}; ${says(engine, false)}`), {
      root,
    });
    expect(report.state).toBe('clean');
    const text = execFileSync('cat', [seen], { encoding: 'utf8' });
    expect(text).not.toMatch(/TOKEN|SECRET/u);
    if (!engine.wants('.env')) expect(text).not.toContain('.env');
    expect(text).toMatch(/^HOME=\/.*sallyport-/mu);
  });
});

describe('semgrep', () => {
  it('is kept from leaving out the folders that it leaves out by itself', async () => {
    const engine = processes.find(({ name }) => name === 'semgrep');
    if (engine === undefined) throw new Error('no semgrep');
    const root = sourceOf('code');
    mkdirSync(join(root, 'tests'));
    writeFileSync(join(root, 'tests', 'x.js'), 'eval(1)\n');
    const seen = join(temporaryFolder(), 'seen');
    const path = standIn(engine, `wc -c .semgrepignore > ${seen}; ${print(SARIF('[]'))}`);
    const report = await runProcessEngine(
      engine,
      { tree: { root }, options: OPTIONS.code ?? {}, exclude: [], deadline: 10_000 },
      {
        run: runProcess,
        clock: systemClock,
        tools: { ...tools, PATH: path },
        lock: undefined,
        trusted: { root },
      },
    );
    expect(report.looked.files).toBe(2);
    expect(readFileSync(seen, 'utf8').trim()).toBe('0 .semgrepignore');
  });
});
