import { parentPort, workerData } from 'node:worker_threads';
import { type Problem, problemOf, SallyportError } from '../model/error.ts';
import type { Stage } from '../model/stage.ts';
import { openTree } from '../platform/open-tree.ts';
import { runProcess, type ToolEnvironment } from '../platform/process.ts';
import type { EngineOutput } from './engine.ts';
import type { EngineThread } from './engine-thread.ts';
import { excluder } from './frame.ts';
import { embeddedEngine, embeddedEngines } from './registry.ts';
import type { ScanRequest } from './request.ts';

/** What a thread is given to do. */
export interface Job {
  /** In the order in which they run and answer. */
  engines: readonly { name: string; options: ScanRequest['options'] }[];
  request: Omit<ScanRequest, 'options' | 'renames' | 'deadline'>;
  /** The time of the run, RFC 3339, for what carries it. */
  startedAt: string;
  /** For git: the thread has no environment of its own. */
  tools: ToolEnvironment;
}

export interface Answer {
  output?: EngineOutput;
  problem?: Problem;
}

/** The thread's side of embedded.ts. */
export async function serve(): Promise<void> {
  const given = new Promise<Job>((resolve) => parentPort?.once('message', resolve));
  const { stage } = workerData as EngineThread;
  if (stage !== undefined) await prepare(stage);
  const job = await given;
  await scan(job, (answer) => {
    const pieces = answer.output?.document ?? [];
    parentPort?.postMessage(
      answer,
      pieces.map(({ buffer }) => buffer),
    );
  });
}

/** What cannot be loaded is told by the engine that needs it. */
async function prepare(stage: Stage): Promise<void> {
  const engines = await embeddedEngines(stage).catch(() => []);
  await Promise.allSettled(engines.map(async (engine) => await engine.prepare?.()));
}

async function scan(
  { engines, request, startedAt, tools }: Job,
  say: (answer: Answer) => void,
): Promise<void> {
  const opening = openTree(request.tree, runProcess, tools, request.entries);
  const shared = new Map<string, unknown>();
  const run = async ({ name, options }: Job['engines'][number]): Promise<Answer> => {
    try {
      const engine = await embeddedEngine(name);
      if (engine === null) throw new SallyportError({ code: 'SP-INTERNAL', message: `no engine ${name}` });
      const output = await engine.run({
        tree: await opening,
        options: await engine.parseOptions(options),
        excluded: excluder(request.exclude),
        tools,
        advisories: request.advisories,
        builds: request.builds,
        shared,
      });
      return { output: await packed(output, startedAt) };
    } catch (thrown) {
      return { problem: problemOf(thrown) };
    }
  };
  for (const [at, engine] of engines.entries()) {
    const answer = await run(engine);
    // The thread is ended with its last answer: what the tree holds open is closed before.
    if (at === engines.length - 1) await opening.then(async (tree) => await tree.close()).catch(() => {});
    say(answer);
  }
}

/** A bill of materials leaves as the document that it is kept as: its bytes change owner, its objects would be copied. */
async function packed({ bom, ...output }: EngineOutput, timestamp: string): Promise<EngineOutput> {
  if (bom === undefined) return output;
  const { encodeCycloneDx } = await import('../model/cyclonedx/write.ts');
  return { ...output, document: encodeCycloneDx(bom, { timestamp }) };
}
