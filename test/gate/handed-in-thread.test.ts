import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { RunFolder } from '../../src/gate/evidence.ts';
import { parseHandedIn, readHandedIn } from '../../src/gate/handed-in.ts';
import { HandedInThread, type ThreadLimits, worthAThread } from '../../src/gate/handed-in-thread.ts';
import type { ScanReport } from '../../src/model/report.ts';
import type { Context } from '../../src/platform/context.ts';
import { lineReader } from '../../src/platform/line-reader.ts';
import { runProcess, toolEnvironment } from '../../src/platform/process.ts';
import { report } from '../policy/support.ts';
import { TestRepository, temporaryFolder, testContext } from './support.ts';

const threads = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'threads');
const started: HandedInThread[] = [];

afterEach(async () => {
  for (const thread of started.splice(0)) await thread.end();
});

function threadFor(names: string[], root: string, context: Context, limits?: ThreadLimits): HandedInThread {
  const handed = names.map((name) => parseHandedIn('sarif', name));
  const thread = new HandedInThread(handed, root, context, limits);
  started.push(thread);
  return thread;
}

/** What comes of a stage whose file a thread writes that is not ours. */
async function keptBy(entry: string, name: string, limits: ThreadLimits = {}) {
  const root = temporaryFolder();
  const context = testContext({ cwd: root, workerEntry: join(threads, entry) });
  const thread = threadFor([`code=${name}`], root, context, { deadline: 20_000, ...limits });
  const folder = new RunFolder(root, context);
  thread.commit(null);
  const { reports, kept } = await folder.keepReports([report({ stage: 'code' })], '', thread);
  return { reports, kept, files: readdirSync(folder.path), path: folder.path };
}

const results = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    ruleId: `r-${i % 7}`,
    level: 'error',
    message: { text: `finding ${i % 40}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: `src/${i % 3}.js` },
          region: { startLine: (i % 50) + 1, snippet: { text: `line ${i % 40}` } },
        },
      },
    ],
    properties: { more: i },
  }));

const log = (count: number) =>
  JSON.stringify({
    version: '2.1.0',
    runs: ['A', 'B', 'A'].map((name) => ({ tool: { driver: { name } }, results: results(count) })),
  });

describe('a thread that reads what was handed in', () => {
  it('writes the bytes that are written without it, after the reports of engines', async () => {
    const repository = new TestRepository({ 'src/1.js': 'one\ntwo\nthree\n' });
    const { root } = repository;
    const context = testContext({ cwd: root });
    const outside = temporaryFolder();
    const names = ['code', 'secrets', 'code'].map((stage, at) => {
      const file = join(outside, `${at}.sarif`);
      writeFileSync(file, at === 2 ? '{"version":"2.1.0"' : log(2000));
      return `${stage}=${file}`;
    });
    const ours = (): ScanReport[] => [report({ stage: 'code' }), report({ stage: 'configuration' })];
    const thread = threadFor(names, root, context);
    thread.commit(null);
    const [first, second] = [new RunFolder(root, context), new RunFolder(root, context)];
    const withThread = await first.keepReports(ours(), '', thread);
    const place = {
      root,
      cwd: root,
      now: context.clock.now(),
      tools: toolEnvironment(context.env),
      files: context.files,
      run: runProcess,
      lineAt: lineReader(root),
    };
    const read = [];
    for (const name of names)
      read.push(...(await readHandedIn(parseHandedIn('sarif', name), Promise.resolve(null), place)));
    const without = await second.keepReports(ours(), '', read);
    expect(withThread).toEqual(without);
    expect(withThread.reports.map(({ stage, state }) => `${stage} ${state}`)).toEqual([
      'secrets findings',
      'secrets findings',
      'secrets findings',
      'code clean',
      'code findings',
      'code findings',
      'code findings',
      'code error',
      'configuration clean',
    ]);
    for (const file of readdirSync(second.path))
      expect(readFileSync(join(first.path, file))).toEqual(readFileSync(join(second.path, file)));
    expect(readdirSync(first.path)).toEqual(readdirSync(second.path));
  });

  it('is worth it where the files are large', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'small'), log(10));
    writeFileSync(join(folder, 'large'), log(10_000));
    const handed = (...names: string[]) => names.map((name) => parseHandedIn('sarif', `code=${name}`));
    expect(worthAThread([], folder)).toBe(false);
    expect(worthAThread(handed('small', 'missing', 'small'), folder)).toBe(false);
    expect(worthAThread(handed('small', 'large'), folder)).toBe(true);
  });

  it('judges a large report as the gate does a small one, and one about another commit not at all', async () => {
    const repository = new TestRepository({ 'a.js': 'x\n' });
    const file = join(temporaryFolder(), 'large.sarif');
    const gate = async (text: string) => {
      writeFileSync(file, text);
      const sarif = [parseHandedIn('sarif', `code=${file}`)];
      expect(worthAThread(sarif, '/')).toBe(true);
      return (await repository.gate({ sarif })).decision;
    };
    const padding = ' '.repeat(5 * 1024 * 1024);
    const decision = await gate(log(30) + padding);
    expect(decision.verdict).toBe('failed');
    expect(decision.findings).toHaveLength(90);
    const other = log(30).replaceAll(
      '"results"',
      '"versionControlProvenance":[{"revisionId":"0"}],"results"',
    );
    const refused = await gate(other + padding);
    expect(refused.verdict).toBe('error');
    expect(JSON.stringify(refused.stages)).toContain('SP-SARIF-REVISION');
  }, 60_000);
});

describe('a thread that does not come to its end is an error of the stage', () => {
  it.each<[string, string, RegExp, ThreadLimits]>([
    ['crashes at its start', 'crash.mjs', /^SP-SARIF-THREAD$/u, {}],
    ['is silent', 'silent.mjs', /^SP-SARIF-THREAD$/u, {}],
    ['hangs', 'hang.mjs', /^SP-SARIF-TIMEOUT$/u, { deadline: 500 }],
    ['fills its memory', 'memory.mjs', /^SP-SARIF-THREAD$/u, { memoryMiB: 32 }],
  ])('where it %s', async (_name, entry, code, limits) => {
    const { reports, files } = await keptBy(entry, 'x.sarif', limits);
    expect(reports.map(({ state }) => state)).toEqual(['clean', 'error']);
    expect(reports[1]?.problems[0]?.code).toMatch(code);
    expect(reports[1]?.engine.name).toBe('x.sarif');
    expect(files).toEqual(['code.sarif']);
  });

  it.each([
    ['exit', /^SP-SARIF-THREAD$/u],
    ['throws', /^SP-SARIF-THREAD$/u],
    ['hangs', /^SP-SARIF-TIMEOUT$/u],
    ['fewer bytes', /^SP-EVIDENCE-CHANGED$/u],
    ['other digest', /^SP-EVIDENCE-CHANGED$/u],
    ['cut short', /^SP-/u],
    ['appended', /^SP-EVIDENCE-CHANGED$/u],
    ['replaced', /^SP-EVIDENCE-CHANGED$/u],
  ])('half-way: %s', async (kind, code) => {
    const { reports, kept, files, path } = await keptBy('half-a-report.mjs', kind, { deadline: 1500 });
    expect(reports.map(({ state }) => state)).toEqual(['clean', 'error']);
    expect(reports[1]?.problems[0]?.code).toMatch(code);
    // The file that stands there tells it too.
    expect(files).toEqual(['code.sarif']);
    expect(readFileSync(join(path, 'code.sarif'), 'utf8')).toContain(reports[1]?.problems[0]?.code);
    expect(kept.get('code')).toHaveLength(1);
  });

  it('while one that does is not', async () => {
    const { reports } = await keptBy('half-a-report.mjs', 'whole');
    expect(reports.map(({ state, findings }) => [state, findings.length])).toEqual([['findings', 1]]);
  });

  it('and of those that come after it', async () => {
    const root = temporaryFolder();
    const context = testContext({ cwd: root, workerEntry: join(threads, 'half-a-report.mjs') });
    const thread = threadFor(['code=throws', 'secrets=x', 'image=y'], root, context);
    thread.commit(null);
    const { reports } = await new RunFolder(root, context).keepReports([], '', thread);
    expect(reports.map(({ stage, state }) => `${stage} ${state}`).sort()).toEqual([
      'code error',
      'image error',
      'secrets error',
    ]);
  });
});
