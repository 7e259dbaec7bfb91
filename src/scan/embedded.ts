import type { Worker } from 'node:worker_threads';
import { problemOf, SallyportError } from '../model/error.ts';
import type { EngineInfo, ScanReport } from '../model/report.ts';
import { VERSION } from '../model/version.ts';
import type { Clock } from '../platform/clock.ts';
import type { ToolEnvironment } from '../platform/process.ts';
import type { EmbeddedEngine, EngineOutput } from './engine.ts';
import { engineThread } from './engine-thread.ts';
import { failedReport, finishedReport } from './frame.ts';
import { checkOutput } from './output-schema.ts';
import type { ScanRequest } from './request.ts';
import type { Answer, Job } from './worker.ts';

/** An engine with the options of its stage, as they are for this look. */
export interface Asked {
  engine: EmbeddedEngine;
  options: ScanRequest['options'];
}

interface World {
  workerEntry: string;
  clock: Clock;
  tools: ToolEnvironment;
  memoryMiB?: number;
}

/** One engine in a thread of its own; see `runTogether`. */
export async function runEmbedded(
  engine: EmbeddedEngine,
  request: ScanRequest,
  world: World,
): Promise<ScanReport> {
  const [report] = await runTogether([{ engine, options: request.options }], request, world);
  if (report === undefined) throw new Error('one engine, one report');
  return report;
}

/**
 * Runs engines of ours in a thread, one after the other, so that the next need not read again what the one before has
 * read; the deadline is for each. A crash, a hang, a full memory or rubbish ends as a report with the state `error`, of
 * every engine that had not answered: this function does not throw. The reports are in the order of the engines;
 * `early` has each that came to its end before the others have.
 */
export async function runTogether(
  asked: readonly Asked[],
  request: Omit<ScanRequest, 'options'>,
  world: World,
  early?: (engine: EmbeddedEngine, report: ScanReport) => void,
): Promise<ScanReport[]> {
  const startedAt = world.clock.now();
  const reports = new Map<EmbeddedEngine, ScanReport>();
  const times = () => ({ startedAt, finishedAt: world.clock.now() });
  const fail = (engine: EmbeddedEngine, thrown: unknown) => {
    reports.set(engine, failedReport(engine.stage, infoOf(engine), problemOf(thrown), times()));
  };
  const keep = (engine: EmbeddedEngine, answer: Answer | null) => {
    try {
      const output = outputOf(answer);
      const { stage, rules } = engine;
      const report = finishedReport(stage, infoOf(engine), rules, output, times(), request.renames);
      reports.set(engine, report);
      early?.(engine, report);
    } catch (thrown) {
      fail(engine, thrown);
    }
  };
  // An option that the engine does not understand is an error here, before a thread is started for it.
  const understood: Asked[] = [];
  for (const one of asked) {
    try {
      await one.engine.parseOptions(one.options);
      understood.push(one);
    } catch (thrown) {
      fail(one.engine, thrown);
    }
  }
  if (understood.length > 0) {
    const { renames: _ours, deadline, ...rest } = request;
    const job: Job = {
      engines: understood.map(({ engine, options }) => ({ name: engine.name, options })),
      request: rest,
      startedAt: startedAt.toISOString(),
      tools: world.tools,
    };
    const waiting = understood.map(({ engine }) => engine);
    try {
      await inThread(engineThread(world.workerEntry, world.memoryMiB), job, deadline, (answer) => {
        const engine = waiting.shift();
        if (engine !== undefined) keep(engine, answer);
        return waiting.length === 0;
      });
    } catch (thrown) {
      for (const engine of waiting) fail(engine, thrown);
    }
  }
  return asked.flatMap(({ engine }) => reports.get(engine) ?? []);
}

/** Throws what the engine threw, and SP-ENGINE-OUTPUT. */
function outputOf(answer: Answer | null): EngineOutput {
  const problem = answer?.problem;
  if (problem !== undefined) throw new SallyportError(problem);
  return checkOutput(answer?.output);
}

function infoOf(engine: EmbeddedEngine): EngineInfo {
  return { name: engine.name, version: VERSION, publisher: 'sallyport', how: 'in-process' };
}

/** The report of an engine that has nothing of its kind to look at. */
export async function nothingThere(
  engine: EmbeddedEngine,
  options: ScanRequest['options'],
  clock: Clock,
): Promise<ScanReport> {
  const info = infoOf(engine);
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
    await engine.parseOptions(options);
  } catch (thrown) {
    return failedReport(engine.stage, info, problemOf(thrown), times);
  }
  return finishedReport(engine.stage, info, engine.rules, { hits: [], looked, problems: [] }, times);
}

/** Gives the thread its job, and hands its answers over as they come, until `take` says that this was the last. */
function inThread(
  worker: Worker,
  job: Job,
  deadline: number,
  take: (answer: Answer | null) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      worker.removeAllListeners('message');
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
    worker.on('message', (answer: Answer | null) => {
      timer.refresh();
      if (take(answer)) finish(resolve);
    });
    // Node may report the crash before answers that were sent earlier; only the exit is sure to come after them.
    let crash: Error | null = null;
    worker.once('error', (error: Error) => {
      crash = error;
    });
    worker.once('exit', (code) =>
      fail(
        crash === null
          ? { code: 'SP-ENGINE-CRASH', message: 'the engine ended without an answer', found: `exit ${code}` }
          : { code: 'SP-ENGINE-CRASH', message: 'the engine crashed', found: crash.message },
      ),
    );
    worker.postMessage(job);
  });
}
