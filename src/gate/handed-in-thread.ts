import { rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Problem, SallyportError } from '../model/error.ts';
import type { ScanReport } from '../model/report.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import { type ToolEnvironment, toolEnvironment } from '../platform/process.ts';
import { DEFAULT_DEADLINE } from '../scan/request.ts';
import type { HandedIn } from './handed-in.ts';
import { failedHandedIn } from './handed-in-failed.ts';
import type { Step } from './read-back.ts';

/** From so many bytes on, reading in a thread of its own is worth starting one. */
const WORTH_A_THREAD = 4 * 1024 * 1024;
/** Far more than a log at the limit of its size needs, whose bytes lie outside of it. */
const MEMORY_MIB = 2048;
/** Three halves, as V8 counts them. */
const YOUNG_MIB = 12;

/** What the thread is started with: it begins to read at once. */
export interface HandedInJob {
  sallyport: 'handed-in';
  handed: readonly HandedIn[];
  root: string;
  cwd: string;
  /** For git: the thread has no environment of its own. */
  tools: ToolEnvironment;
  now: Date;
}

/** What it is told later: the commit that reports must be about, then each stage's file. */
export type ToThread =
  | { commit: string | null }
  | { stage: Stage; path: string; reports: readonly ScanReport[] };

/** What it answers: how far the files are, one after the other in the order in which they were asked for. */
export type FromThread = Step | { problem: Problem };

/** Limits of the thread; a test sets less. */
export interface ThreadLimits {
  /** Milliseconds without a sign of it until it is given up. */
  deadline?: number;
  memoryMiB?: number;
}

/** Whether reports are large enough for a thread. */
export function worthAThread(handed: readonly HandedIn[], cwd: string): boolean {
  const bytes = handed.map(({ file }) => statSync(resolve(cwd, file), { throwIfNoEntry: false })?.size ?? 0);
  return bytes.reduce((sum, size) => sum + size, 0) >= WORTH_A_THREAD;
}

/**
 * A thread that reads what was handed in and writes the files of its stages, while this one still prepares and then reads
 * back what is written already. What goes wrong in it is thrown by `steps`.
 */
export class HandedInThread {
  readonly #handed: readonly HandedIn[];
  readonly #now: Date;
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;
  readonly #steps: Step[] = [];
  #failure: SallyportError | null = null;
  #wake: (() => void) | null = null;
  /** The file that it is at. */
  #part: string | null = null;

  constructor(handed: readonly HandedIn[], root: string, context: Context, limits: ThreadLimits = {}) {
    this.#handed = handed;
    this.#now = context.clock.now();
    const { cwd } = context;
    const tools = toolEnvironment(context.env);
    const job: HandedInJob = { sallyport: 'handed-in', handed, root, cwd, tools, now: this.#now };
    this.#worker = new Worker(context.workerEntry, {
      workerData: job,
      env: {},
      stdin: false,
      resourceLimits: {
        maxOldGenerationSizeMb: limits.memoryMiB ?? MEMORY_MIB,
        maxYoungGenerationSizeMb: YOUNG_MIB,
      },
    });
    const deadline = limits.deadline ?? DEFAULT_DEADLINE;
    this.#timer = setTimeout(
      () => this.#fail('SP-SARIF-TIMEOUT', `the report was not read and written after ${deadline / 1000} s`),
      deadline,
    );
    this.#worker.on('message', (answer: FromThread) => this.#take(answer));
    this.#worker.once('error', (error: Error) =>
      this.#fail('SP-SARIF-THREAD', 'the thread that reads the report crashed', error.message),
    );
    this.#worker.once('exit', (code) =>
      this.#fail('SP-SARIF-THREAD', 'the thread that reads the report ended too early', `exit ${code}`),
    );
  }

  /** Whether something was handed in for the stage. */
  has(stage: Stage): boolean {
    return this.#handed.some((one) => one.stage === stage);
  }

  /** The commit that the reports must be about; null where there is none. */
  commit(commit: string | null): void {
    this.#tell({ commit });
  }

  /** Has it write the file of a stage, other reports of the stage first. */
  write(stage: Stage, path: string, reports: readonly ScanReport[]): void {
    const plain = reports.map(({ bom: _bom, document: _document, ...report }) => report);
    this.#tell({ stage, path, reports: plain });
  }

  /** How far the next file is that it was asked for. Throws SP-SARIF-THREAD, SP-SARIF-TIMEOUT and what it throws. */
  async *steps(): AsyncGenerator<Step> {
    for (;;) {
      const step = this.#steps.shift();
      if (step !== undefined) {
        yield step;
        if ('sha256' in step) return;
      } else if (this.#failure !== null) throw this.#failure;
      else
        await new Promise<void>((wake) => {
          this.#wake = wake;
        });
    }
  }

  /** What is known of a stage whose file it did not write: nothing, and why. */
  failed(stage: Stage, problem: Problem): ScanReport[] {
    return this.#handed
      .filter((one) => one.stage === stage)
      .map((one) => failedHandedIn(one, problem, this.#now));
  }

  /** Ends it, whatever it is at, and takes away a file that it did not finish. */
  async end(): Promise<void> {
    this.#fail('SP-SARIF-THREAD', 'the thread that reads the report was ended');
    await this.#worker.terminate();
    if (this.#part !== null) rmSync(this.#part, { force: true });
  }

  #tell(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #take(answer: FromThread): void {
    this.#timer.refresh();
    if ('problem' in answer) {
      this.#stop(new SallyportError(answer.problem));
      return;
    }
    this.#part = 'part' in answer ? answer.part : null;
    this.#steps.push(answer);
    this.#wake?.();
  }

  #fail(code: string, message: string, found?: string): void {
    const next = 'run again with --verbose; a report that does this is a defect to report';
    this.#stop(new SallyportError({ code, message, ...(found === undefined ? {} : { found }), next }));
  }

  #stop(failure: SallyportError): void {
    clearTimeout(this.#timer);
    this.#failure ??= failure;
    this.#wake?.();
    void this.#worker.terminate();
  }
}
