import { parentPort, workerData } from 'node:worker_threads';
import { problemOf } from '../../../model/error.ts';
import { inspectItem } from '../inspect/item.ts';
import type { TextScan } from '../inspect/text.ts';
import { compileRules } from '../match/compile.ts';
import { compileOwnPack } from '../match/own.ts';
import { Scanner } from '../match/scanner.ts';
import {
  type Batch,
  IDLE,
  PROGRESS_ITEM,
  PROGRESS_RULE,
  READING,
  type TextBatch,
  type ThreadAnswer,
  type ThreadStart,
} from './batch.ts';
import { inspectObjects } from './objects.ts';
import { Tally } from './tally.ts';

/** The thread's side of pool.ts: takes batches, answers with findings. No secret leaves it but to be tried out. */
export function serveSecrets(): void {
  const start = workerData as ThreadStart;
  const progress = new Int32Array(start.progress);
  const compiled = start.rules === null ? compileOwnPack() : compileRules(start.rules);
  const scanner = new Scanner(compiled, (rule) => {
    progress[PROGRESS_RULE] = rule;
  });
  const scan: TextScan = {
    scanner,
    compiled,
    key: start.key,
    judged: start.rules === null,
    decode: true,
    verify: start.verify,
  };
  const answer = (message: ThreadAnswer) => parentPort?.postMessage(message);
  const at = (item: number | null) => {
    progress[PROGRESS_ITEM] = item ?? READING;
  };
  parentPort?.on('message', async (batch: Batch) => {
    const tally = new Tally(answer);
    try {
      if (batch.kind === 'texts') inspectTexts(scan, batch, at, tally);
      else await inspectObjects(scan, batch, at, tally);
    } catch (thrown) {
      answer({ kind: 'failed', problem: problemOf(thrown) });
      return;
    }
    progress[PROGRESS_ITEM] = IDLE;
    tally.finish(batch.items.length);
  });
  progress[PROGRESS_ITEM] = IDLE;
  answer({ kind: 'ready' });
}

function inspectTexts(
  scan: TextScan,
  { items, data }: TextBatch,
  at: (item: number) => void,
  tally: Tally,
): void {
  for (const [index, { path, offset, length }] of items.entries()) {
    at(index);
    const item = { path, commit: '', firstLine: 1, tags: [] };
    tally.add(index, inspectItem(scan, item, Buffer.from(data, offset, length)));
  }
  // Frees the bytes now; the collector would wait until there are many.
  data.transfer(0);
}

if (
  (workerData as Partial<ThreadStart> | null)?.sallyport === 'secrets' &&
  process.argv[1]?.endsWith('/threads/thread.ts')
)
  serveSecrets();
