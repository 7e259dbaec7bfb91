import { Worker } from 'node:worker_threads';

/** Far more than any repository that was measured needs; a thread that fills it is ended, not the program. */
const MEMORY_MIB = 2048;
/** Three halves, as V8 counts them: of 4 MiB, as platform/heap.ts gives to what is started after it. */
const YOUNG_MIB = 12;

let ahead: { entry: string; worker: Worker } | null = null;

/**
 * Starts a thread for engines while the program still reads its policy: it takes a tenth of a second until it can be
 * given work. It keeps nobody from ending, and one that dies before it is needed is forgotten.
 */
export function startAhead(entry: string): void {
  if (ahead !== null) return;
  const worker = start(entry, MEMORY_MIB);
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

function start(entry: string, memoryMiB: number): Worker {
  return new Worker(entry, {
    workerData: { sallyport: 'scan' },
    env: {},
    stdin: false,
    resourceLimits: { maxOldGenerationSizeMb: memoryMiB, maxYoungGenerationSizeMb: YOUNG_MIB },
  });
}
