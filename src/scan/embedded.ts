import { Worker } from 'node:worker_threads';
import { problemOf, SallyportError } from '../model/error.ts';
import type { EngineInfo, ScanReport } from '../model/report.ts';
import { VERSION } from '../model/version.ts';
import type { Clock } from '../platform/clock.ts';
import type { ToolEnvironment } from '../platform/process.ts';
import type { EmbeddedEngine, EngineOutput } from './engine.ts';
import { failedReport, finishedReport } from './frame.ts';
import { checkOutput } from './output-schema.ts';
import type { ScanRequest } from './request.ts';
import type { Answer, Job } from './worker.ts';

/** Far more than any repository that was measured needs; a thread that fills it is ended, not the program. */
const MEMORY_MIB = 2048;

/**
 * Runs an engine of ours in a thread of its own. A crash, a hang, a full memory or rubbish ends as a report with the
 * state `error`: this function does not throw.
 */
export async function runEmbedded(
  engine: EmbeddedEngine,
  request: ScanRequest,
  world: { workerEntry: string; clock: Clock; tools: ToolEnvironment; memoryMiB?: number },
): Promise<ScanReport> {
  const info: EngineInfo = { name: engine.name, version: VERSION, publisher: 'sallyport', how: 'in-process' };
  const startedAt = world.clock.now();
  try {
    // An option that the engine does not understand is an error here, before a thread is started for it.
    engine.parseOptions(request.options);
    const { renames: _ours, ...asked } = request;
    const job: Job = { sallyport: 'scan', engine: engine.name, request: asked, tools: world.tools };
    const output = checkOutput(
      await inThread(world.workerEntry, job, request.deadline, world.memoryMiB ?? MEMORY_MIB),
    );
    const times = { startedAt, finishedAt: world.clock.now() };
    return finishedReport(engine.stage, info, engine.rules, output, times, request.renames);
  } catch (thrown) {
    return failedReport(engine.stage, info, problemOf(thrown), { startedAt, finishedAt: world.clock.now() });
  }
}

/** The report of an engine that has nothing of its kind to look at. */
export function nothingThere(
  engine: EmbeddedEngine,
  options: ScanRequest['options'],
  clock: Clock,
): ScanReport {
  const info: EngineInfo = { name: engine.name, version: VERSION, publisher: 'sallyport', how: 'in-process' };
  const looked = {
    files: 0,
    bytes: 0,
    commits: null,
    rules: engine.rules.length,
    skipped: [],
    complete: true,
  };
  const now = clock.now();
  const times = { startedAt: now, finishedAt: now };
  try {
    engine.parseOptions(options);
  } catch (thrown) {
    return failedReport(engine.stage, info, problemOf(thrown), times);
  }
  return finishedReport(engine.stage, info, engine.rules, { hits: [], looked, problems: [] }, times);
}

function inThread(entry: string, job: Job, deadline: number, memoryMiB: number): Promise<EngineOutput> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(entry, {
      workerData: job,
      env: {},
      stdin: false,
      resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
    });
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      void worker.terminate();
      settle();
    };
    const fail = (problem: { code: string; message: string; found?: string }) =>
      finish(() =>
        reject(
          new SallyportError({
            ...problem,
            next: 'run again with --verbose; a file that does this is a defect to report',
          }),
        ),
      );
    const timer = setTimeout(
      () => fail({ code: 'SP-ENGINE-TIMEOUT', message: `not finished after ${deadline / 1000} s` }),
      deadline,
    );
    worker.once('message', (answer: Answer) => {
      const problem = answer?.problem;
      if (problem !== undefined) finish(() => reject(new SallyportError(problem)));
      else finish(() => resolve(answer?.output as EngineOutput));
    });
    worker.once('error', (error: Error) =>
      fail({ code: 'SP-ENGINE-CRASH', message: 'the engine crashed', found: error.message }),
    );
    worker.once('exit', (code) =>
      fail({ code: 'SP-ENGINE-CRASH', message: 'the engine ended without an answer', found: `exit ${code}` }),
    );
  });
}
