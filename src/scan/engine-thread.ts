import { Worker } from 'node:worker_threads';
import type { Stage } from '../model/stage.ts';
import { growThreadsAtOnce } from '../platform/heap.ts';

/** Far more than any repository that was measured needs; a thread that fills it is ended, not the program. */
const MEMORY_MIB = 2048;
/** Three halves, as V8 counts them: of 4 MiB, as platform/heap.ts gives to threads. */
const YOUNG_MIB = 12;

let ahead: { entry: string; worker: Worker } | null = null;

/**
 * Starts a thread for engines while the program still reads its policy: it takes a tenth of a second until it can be
 * given work, and what the engines of `stage` need can be loaded in that time. It keeps nobody from ending, and one that
 * dies before it is needed is forgotten.
 */
export function startAhead(entry: string, stage?: Stage): void {
  if (ahead !== null) return;
  const worker = start(entry, MEMORY_MIB, stage);
  worker.unref();
  const forget = () => {
    if (ahead?.worker === worker) ahead = null;
  };
  worker.once('error', forget);
  worker.once('exit', forget);
  ahead = { entry, worker };
}

/** A thread that waits for its job: the one that was started ahead, else a new one. */
export function engineThread(entry: string, memoryMiB?: number): Worker {
  if (ahead === null || ahead.entry !== entry || memoryMiB !== undefined)
    return start(entry, memoryMiB ?? MEMORY_MIB);
  const { worker } = ahead;
  ahead = null;
  worker.removeAllListeners();
  worker.ref();
  return worker;
}

/** What a thread of engines is started with. */
export interface EngineThread {
  sallyport: 'scan';
  stage: Stage | undefined;
}

function start(entry: string, memoryMiB: number, stage?: Stage): Worker {
  growThreadsAtOnce();
  const workerData: EngineThread = { sallyport: 'scan', stage };
  return new Worker(entry, {
    workerData,
    env: {},
    stdin: false,
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB, maxYoungGenerationSizeMb: YOUNG_MIB },
  });
}
