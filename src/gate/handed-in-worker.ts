import { parentPort, workerData } from 'node:worker_threads';
import { problemOf } from '../model/error.ts';
import type { StreamedReport } from '../model/report.ts';
import { writeSarif } from '../model/sarif/write.ts';
import type { Stage } from '../model/stage.ts';
import { diskFiles } from '../platform/files.ts';
import { lineReader } from '../platform/line-reader.ts';
import { runProcess } from '../platform/process.ts';
import { readHandedIn } from './handed-in.ts';
import type { FromThread, HandedInJob, ToThread } from './handed-in-thread.ts';

/** The thread's side of handed-in-thread.ts. */
export function serveHandedIn(): void {
  const { handed, root, cwd, tools, now } = workerData as HandedInJob;
  const { promise: commit, resolve: setCommit } = Promise.withResolvers<string | null>();
  const place = { root, cwd, now, tools, files: diskFiles, run: runProcess, lineAt: lineReader(root) };
  const readAll = async () => {
    const read: { stage: Stage; reports: readonly StreamedReport[] }[] = [];
    for (const one of handed)
      read.push({ stage: one.stage, reports: await readHandedIn(one, commit, place) });
    return read;
  };
  const reading = readAll();
  const write = async ({ stage, path, reports }: Exclude<ToThread, { commit: unknown }>) => {
    const fromOthers = (await reading).filter((one) => one.stage === stage).flatMap((one) => one.reports);
    const { sha256 } = await diskFiles.write(path, writeSarif([...reports, ...fromOthers]), (part, bytes) =>
      say({ part, bytes }),
    );
    say({ sha256 });
  };
  // One file after the other; where one fails, nothing is said of the next.
  let last: Promise<void> = reading.then(() => undefined);
  last.catch((thrown: unknown) => say({ problem: problemOf(thrown) }));
  parentPort?.on('message', (message: ToThread) => {
    if ('commit' in message) return setCommit(message.commit);
    last = last.then(async () => await write(message));
    last.catch((thrown: unknown) => say({ problem: problemOf(thrown) }));
  });
}

function say(answer: FromThread): void {
  parentPort?.postMessage(answer);
}
