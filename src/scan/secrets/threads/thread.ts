import { parentPort, workerData } from 'node:worker_threads';
import { inspectItem } from '../inspect/item.ts';
import type { TextScan } from '../inspect/text.ts';
import { compileRules } from '../match/compile.ts';
import { Scanner } from '../match/scanner.ts';
import { ownPack } from '../rules/pack.ts';
import { type Batch, PROGRESS_ITEM, PROGRESS_RULE, type ThreadAnswer, type ThreadStart } from './batch.ts';

/** The thread's side of pool.ts: takes batches, answers with findings. No secret leaves it but to be tried out. */
export function serveSecrets(): void {
  const start = workerData as ThreadStart;
  const progress = new Int32Array(start.progress);
  const compiled = compileRules(start.rules ?? ownPack());
  const scanner = new Scanner(compiled, (rule) => {
    progress[PROGRESS_RULE] = rule;
  });
  const own = start.rules === null;
  const scan: TextScan = {
    scanner,
    compiled,
    key: start.key,
    judged: own,
    decode: true,
    verify: start.verify,
  };
  const answer = (message: ThreadAnswer) => parentPort?.postMessage(message);
  parentPort?.on('message', ({ items, data }: Batch) => {
    const results = items.map(({ id, offset, length, ...item }) => {
      progress[PROGRESS_ITEM] = id;
      const result = inspectItem(scan, item, Buffer.from(data, offset, length));
      return { id, result };
    });
    // Frees the bytes now; the collector would wait until there are many.
    data.transfer(0);
    progress[PROGRESS_ITEM] = -1;
    answer({ kind: 'done', results });
  });
  answer({ kind: 'ready' });
}

if (
  (workerData as Partial<ThreadStart> | null)?.sallyport === 'secrets' &&
  process.argv[1]?.endsWith('/threads/thread.ts')
)
  serveSecrets();
