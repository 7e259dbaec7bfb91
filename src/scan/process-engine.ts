import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { problemOf, SallyportError } from '../model/error.ts';
import type { Rule } from '../model/finding.ts';
import { maskContext } from '../model/fingerprint.ts';
import { type EngineInfo, type Looked, type ScanReport, type Skipped, stateOf } from '../model/report.ts';
import { readSarif } from '../model/sarif/read.ts';
import type { Stage } from '../model/stage.ts';
import type { Clock } from '../platform/clock.ts';
import { lineReader, renamedLines } from '../platform/line-reader.ts';
import { openTree } from '../platform/open-tree.ts';
import type { Outcome, ProcessRunner, ToolEnvironment } from '../platform/process.ts';
import type { SourceTree, TreeRef } from '../platform/tree.ts';
import type { Hit } from './engine.ts';
import { engineEnvironment, identify } from './executable.ts';
import { excluder, failedReport, finishedReport } from './frame.ts';
import type { Direction } from './options.ts';
import type { ScanRequest } from './request.ts';

/** What an adapter is given to put its command line together. Paths are absolute. */
export interface Workplace {
  /** The files that it wants, copied out of the tree: nothing else of the repository can steer the engine. */
  source: string;
  /** For rules, configuration and output; gone afterwards. */
  scratch: string;
  /** The copied files, relative to `source`. */
  files: readonly string[];
  options: Readonly<Record<string, unknown>>;
  /** The user's own home, for data that an engine keeps there; its own is empty. */
  home: string;
  /** Reads a file that a suppressing or judging input lies in: from the base where there is one. */
  trusted: SourceTree;
}

export interface Invocation {
  args: readonly string[];
  /** Where the report is written; absent: stdout. */
  output?: string;
  /** Variables for this call, beside those of every call. */
  env?: Readonly<Record<string, string>>;
  /** Where its rules or data come from and when they changed. */
  data?: EngineInfo['data'];
}

/** Another project's engine, started as a process. One file an engine, one registry line. */
export interface ProcessEngine {
  name: string;
  stage: Stage;
  summary: string;
  publisher: string;
  homepage: string;
  binary: string;
  versionArgs: readonly string[];
  /** Of a program in Go, its module: builds without a stamped version still hold that one. */
  goModule?: string;
  /** Variables that it needs in every call: to keep it from the network, for example. */
  env?: Readonly<Record<string, string>>;
  directions: Readonly<Record<string, Direction>>;
  wants(path: string): boolean;
  /**
   * It looks at files of every kind: an entry that cannot be read as a file is named, and is not something of its kind
   * that was missed.
   */
  everyKind?: true;
  /** Largest file that it is given; 16 MiB where nothing is said. */
  maxFile?: number;
  prepare(workplace: Workplace): Promise<Invocation>;
  /**
   * What its exit says. The verdict never comes from the exit code alone: `report` means that the report is to be read,
   * a text is why it failed.
   */
  judgeExit(outcome: Outcome): { report: true } | { report: false; why: string };
  /**
   * For an engine with a format of its own: what it wrote, as SARIF. Nothing of what it says that could be a secret may
   * stay in it. `source` is the folder that it looked at.
   */
  toSarif?(output: Buffer, outcome: Outcome, source: string): Promise<Uint8Array>;
  /**
   * Reads a report of another form than SARIF. `source` is the folder that its paths are in. Throws SP-ENGINE-OUTPUT and
   * the errors of JSON for one that it does not understand.
   */
  read?(report: Uint8Array, source: string): { rules: readonly Rule[]; hits: Hit[] };
}

export interface ProcessWorld {
  run: ProcessRunner;
  clock: Clock;
  tools: ToolEnvironment;
  /** Executables that the policy accepts for this engine; undefined where it names none. */
  lock: readonly string[] | undefined;
  /** The tree that rules and settings are read from: the base where there is one (trust-model rule 2). */
  trusted: TreeRef;
}

const MAX_OUTPUT = 256 * 1024 * 1024;
const MAX_FILE = 16 * 1024 * 1024;

/** Runs an engine over copies of the files it wants. Whatever goes wrong ends as a report with the state `error`. */
export async function runProcessEngine(
  engine: ProcessEngine,
  request: ScanRequest,
  world: ProcessWorld,
): Promise<ScanReport> {
  const startedAt = world.clock.now();
  let info: EngineInfo = {
    name: engine.name,
    version: 'unknown',
    publisher: engine.publisher,
    how: 'process',
  };
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  try {
    const found = await identify(engine, world, folder);
    info = { ...info, version: found.version, digest: found.digest };
    const report = await scan(engine, info, found.path, request, world, folder);
    return { ...report, startedAt: startedAt.toISOString(), finishedAt: world.clock.now().toISOString() };
  } catch (thrown) {
    return failedReport(engine.stage, info, problemOf(thrown), { startedAt, finishedAt: world.clock.now() });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function scan(
  engine: ProcessEngine,
  info: EngineInfo,
  path: string,
  request: ScanRequest,
  world: ProcessWorld,
  folder: string,
): Promise<ScanReport> {
  const [source, scratch] = [join(folder, 'source'), join(folder, 'scratch')];
  await mkdir(source);
  await mkdir(scratch);
  const { files, looked } = await copyOut(engine, request, world, source);
  if (files.length === 0) return emptyReport(engine, info, looked);
  const trusted = await openTree(world.trusted, world.run, world.tools);
  let invocation: Invocation;
  try {
    invocation = await engine.prepare({
      source,
      scratch,
      home: world.tools.HOME,
      files,
      options: request.options,
      trusted,
    });
  } finally {
    await trusted.close();
  }
  const outcome = await world.run({
    file: path,
    args: invocation.args,
    cwd: source,
    env: engineEnvironment(world.tools, scratch, { ...engine.env, ...invocation.env }),
    timeout: request.deadline,
    maxOutput: MAX_OUTPUT,
  });
  refuseBadEnd(engine, outcome);
  const written = invocation.output === undefined ? outcome.stdout : await readFile(invocation.output);
  if (engine.read !== undefined) {
    const { rules, hits } = engine.read(written, source);
    const known = { ...info, ...(invocation.data === undefined ? {} : { data: invocation.data }) };
    const now = world.clock.now();
    const times = { startedAt: now, finishedAt: now };
    return finishedReport(engine.stage, known, rules, { hits, looked, problems: [] }, times, request.renames);
  }
  const bytes = engine.toSarif === undefined ? written : await engine.toSarif(written, outcome, source);
  const reports = readSarif(bytes, {
    stage: engine.stage,
    path: `${engine.name} output`,
    root: source,
    lineAt: renamedLines(lineReader(source), request.renames ?? {}),
    renames: request.renames,
  });
  const [report, ...more] = reports;
  if (report === undefined || more.length > 0) {
    throw new SallyportError({
      code: 'SP-ENGINE-OUTPUT',
      message: `${engine.name} wrote no report of one run`,
      found: `${reports.length} runs`,
    });
  }
  return withKnown(
    report,
    { ...info, ...(invocation.data === undefined ? {} : { data: invocation.data }) },
    looked,
  );
}

/** An engine that lists no files has still looked at those that it was given: we know which. */
function withKnown(report: ScanReport, engine: EngineInfo, looked: Looked): ScanReport {
  const problems = report.problems.filter((problem) => problem.code !== 'SP-SARIF-NOTHING-SCANNED');
  const known = {
    ...report,
    engine,
    problems,
    findings: report.findings.map((finding) => ({ ...finding, engine: engine.name })),
    looked: {
      ...looked,
      rules: report.looked.rules,
      skipped: [...looked.skipped, ...report.looked.skipped],
    },
  };
  return { ...known, state: report.state === 'error' ? 'error' : stateOf(known) };
}

async function copyOut(
  engine: ProcessEngine,
  request: ScanRequest,
  world: ProcessWorld,
  source: string,
): Promise<{ files: string[]; looked: Looked }> {
  const tree = await openTree(request.tree, world.run, world.tools, request.entries);
  const excluded = excluder(request.exclude);
  const files: string[] = [];
  const skipped: Skipped[] = [];
  let bytes = 0;
  try {
    for (const entry of tree.entries) {
      if (excluded(entry.path)) continue;
      const wanted = engine.wants(entry.path);
      if (entry.kind !== 'file') {
        skipped.push({
          path: entry.path,
          reason: entry.reason ?? 'a repository of its own',
          blocking: wanted && engine.everyKind !== true,
        });
        continue;
      }
      if (!wanted) continue;
      const content = await tree.read(entry.path, engine.maxFile ?? MAX_FILE);
      const target = join(source, entry.path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content, { mode: 0o400 });
      files.push(entry.path);
      bytes += content.length;
    }
  } finally {
    await tree.close();
  }
  return {
    files,
    looked: {
      files: files.length,
      bytes,
      commits: null,
      rules: null,
      skipped,
      complete: !skipped.some((s) => s.blocking),
    },
  };
}

function emptyReport(engine: ProcessEngine, info: EngineInfo, looked: Looked): ScanReport {
  const state = looked.skipped.some((s) => s.blocking) ? 'error' : 'nothing-scanned';
  return {
    stage: engine.stage,
    engine: info,
    state,
    looked,
    startedAt: '',
    finishedAt: '',
    rules: [],
    findings: [],
    problems: [],
  };
}

function refuseBadEnd(engine: ProcessEngine, outcome: Outcome): void {
  const judged =
    outcome.ended === 'exit' && outcome.signal === null
      ? engine.judgeExit(outcome)
      : { report: false as const, why: outcome.signal ?? outcome.ended };
  if (judged.report) return;
  const last = outcome.stderr.trim().split('\n').at(-1)?.slice(0, 300);
  // What an engine that met a secret says of its failure may show it.
  const said = engine.stage === 'secrets' && last !== undefined ? maskContext(last) : last;
  throw new SallyportError({
    code: outcome.ended === 'timeout' ? 'SP-ENGINE-TIMEOUT' : 'SP-ENGINE-FAILED',
    message: `${engine.name} did not come to its end`,
    expected: 'an exit that says that the report is complete',
    found: [judged.why, ...(said === undefined || said === '' ? [] : [said])].join(': '),
  });
}
