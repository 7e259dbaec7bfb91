import { mkdtempSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemOf, SallyportError } from '../model/error.ts';
import { maskContext } from '../model/fingerprint.ts';
import { type EngineInfo, type Looked, type ScanReport, stateOf } from '../model/report.ts';
import { readSarif } from '../model/sarif/read.ts';
import type { Stage } from '../model/stage.ts';
import type { Clock } from '../platform/clock.ts';
import { lineReader, renamedLines } from '../platform/line-reader.ts';
import { openTree } from '../platform/open-tree.ts';
import type { Outcome, ProcessRunner, ToolEnvironment } from '../platform/process.ts';
import type { SourceTree, TreeRef } from '../platform/tree.ts';
import { copyOut } from './copied-files.ts';
import type { NamedVulnerability } from './dependencies/named-vulnerability.ts';
import { engineEnvironment, identify } from './executable.ts';
import { failedReport, finishedReport } from './frame.ts';
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
  now: Date;
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
  /** The folder of the copied files that it runs in, relative to `source`; absent: `source` itself. */
  folder?: string;
}

/** What a report of a form of its own is about. */
export interface Reported {
  /** The folder that the copied files are in. */
  source: string;
  /** The folder that the engine ran in, relative to `source`. */
  folder: string;
  files: readonly string[];
}

/** What an adapter makes of a report about packages. */
export interface ReadReport {
  vulnerabilities: NamedVulnerability[];
  /** Where only the report tells it. */
  data?: EngineInfo['data'];
  /** Files of its kind of which the engine says nothing, whether it could not read them or found them empty. */
  unread?: readonly string[];
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
  /** It asks a server: with --offline it is not started, and knows nothing. */
  network?: true;
  /** Largest file that it is given; 16 MiB where nothing is said. */
  maxFile?: number;
  /** More than one invocation for an engine that looks at one folder at a time; then it has to `read`. */
  prepare(workplace: Workplace): Promise<Invocation | readonly Invocation[]>;
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
   * Reads a report of another form than SARIF. Throws SP-ENGINE-OUTPUT and the errors of JSON for one that it does not
   * understand.
   */
  read?(report: Uint8Array, about: Reported): ReadReport;
}

export interface ProcessWorld {
  run: ProcessRunner;
  clock: Clock;
  tools: ToolEnvironment;
  /** Executables that the policy accepts for this engine; undefined where it names none. */
  lock: readonly string[] | undefined;
  /** The tree that rules and settings are read from: the base where there is one (trust-model rule 2). */
  trusted: TreeRef;
  /** The network is not to be used. */
  offline?: boolean;
}

const MAX_OUTPUT = 256 * 1024 * 1024;

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
    if (engine.network === true && world.offline === true) throw offline(engine);
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

function offline({ name, stage }: ProcessEngine): SallyportError {
  return new SallyportError({
    code: 'SP-OFFLINE',
    message: `${name} asks a server, and the network is not to be used (--offline)`,
    expected: 'an engine that needs no network, or its results from elsewhere',
    next: `leave --offline out, or hand its results in: --sarif ${stage}=FILE`,
  });
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
  let invocations: readonly Invocation[];
  try {
    const prepared = await engine.prepare({
      source,
      scratch,
      home: world.tools.HOME,
      files,
      now: world.clock.now(),
      options: request.options,
      trusted,
    });
    invocations = Array.isArray(prepared) ? prepared : [prepared as Invocation];
  } finally {
    await trusted.close();
  }
  const until = world.clock.now().getTime() + request.deadline;
  const parts: ReadReport[] = [];
  for (const invocation of invocations) {
    const folder = invocation.folder ?? '';
    const outcome = await world.run({
      file: path,
      args: invocation.args,
      cwd: join(source, folder),
      env: engineEnvironment(world.tools, scratch, { ...engine.env, ...invocation.env }),
      timeout: Math.max(1, until - world.clock.now().getTime()),
      maxOutput: MAX_OUTPUT,
    });
    refuseBadEnd(engine, outcome);
    const written = invocation.output === undefined ? outcome.stdout : await readFile(invocation.output);
    const data = invocation.data === undefined ? {} : { data: invocation.data };
    if (engine.read === undefined) {
      const bytes = engine.toSarif === undefined ? written : await engine.toSarif(written, outcome, source);
      return withKnown(oneRun(engine, bytes, source, request), { ...info, ...data }, looked);
    }
    parts.push({ ...data, ...engine.read(written, { source, folder, files }) });
  }
  return await together(engine, info, parts, looked, request, world.clock.now());
}

/** The report of an engine that writes SARIF. Throws SP-ENGINE-OUTPUT, SP-SARIF-*. */
function oneRun(engine: ProcessEngine, bytes: Uint8Array, source: string, request: ScanRequest): ScanReport {
  const reports = readSarif(bytes, {
    stage: engine.stage,
    path: `${engine.name} output`,
    root: source,
    lineAt: renamedLines(lineReader(source), request.renames ?? {}),
    renames: request.renames,
  });
  const [report, ...more] = reports;
  if (report !== undefined && more.length === 0) return report;
  throw new SallyportError({
    code: 'SP-ENGINE-OUTPUT',
    message: `${engine.name} wrote no report of one run`,
    found: `${reports.length} runs`,
  });
}

/** What the invocations of one engine read. One that says nothing of any file has looked at nothing. */
async function together(
  engine: ProcessEngine,
  info: EngineInfo,
  parts: readonly ReadReport[],
  looked: Looked,
  request: ScanRequest,
  now: Date,
): Promise<ScanReport> {
  const [first] = parts;
  if (first === undefined) return emptyReport(engine, info, looked);
  // Scores and version orders are heavy, and needed where such an engine has run.
  const [{ hitOf }, { advisoryRules }] = await Promise.all([
    import('./dependencies/named-vulnerability.ts'),
    import('./dependencies/rules.ts'),
  ]);
  const unread = new Set(parts.flatMap((part) => part.unread ?? []));
  const reason = `${engine.name} says nothing of it`;
  const files = looked.files === null ? null : looked.files - unread.size;
  const seen: Looked = {
    ...looked,
    files,
    skipped: [...looked.skipped, ...[...unread].map((path) => ({ path, reason, blocking: false }))],
  };
  return finishedReport(
    engine.stage,
    { ...info, ...(first.data === undefined ? {} : { data: first.data }) },
    advisoryRules,
    { hits: parts.flatMap(({ vulnerabilities }) => vulnerabilities.map(hitOf)), looked: seen, problems: [] },
    { startedAt: now, finishedAt: now },
    request.renames,
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
