import { parentPort, workerData } from 'node:worker_threads';
import { type Problem, problemOf, SallyportError } from '../model/error.ts';
import { openTree } from '../platform/open-tree.ts';
import { runProcess, type ToolEnvironment } from '../platform/process.ts';
import type { EngineOutput } from './engine.ts';
import { excluder } from './frame.ts';
import { embeddedEngine } from './registry.ts';
import type { ScanRequest } from './request.ts';

/** What a thread is started with. */
export interface Job {
  sallyport: 'scan';
  engine: string;
  request: ScanRequest;
  /** For git: the thread has no environment of its own. */
  tools: ToolEnvironment;
}

export interface Answer {
  output?: EngineOutput;
  problem?: Problem;
}

/** The thread's side of embedded.ts. */
export async function serve(): Promise<void> {
  if ((workerData as { sallyport: string }).sallyport === 'secrets') {
    const { serveSecrets } = await import('./secrets/threads/thread.ts');
    serveSecrets();
    return;
  }
  let answer: Answer;
  try {
    answer = { output: await scan(workerData as Job) };
  } catch (thrown) {
    answer = { problem: problemOf(thrown) };
  }
  parentPort?.postMessage(answer);
}

async function scan(job: Job): Promise<EngineOutput> {
  const engine = await embeddedEngine(job.engine);
  if (engine === null) throw new SallyportError({ code: 'SP-INTERNAL', message: `no engine ${job.engine}` });
  const tree = await openTree(job.request.tree, runProcess, job.tools, job.request.entries);
  try {
    return await engine.run({
      tree,
      options: engine.parseOptions(job.request.options),
      excluded: excluder(job.request.exclude),
      tools: job.tools,
      advisories: job.request.advisories,
      builds: job.request.builds,
    });
  } finally {
    await tree.close();
  }
}
