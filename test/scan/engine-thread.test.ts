import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { engineThread, startAhead } from '../../src/scan/engine-thread.ts';

const here = dirname(fileURLToPath(import.meta.url));
const entry = join(here, '..', '..', 'src', 'bin.ts');
const crash = join(here, '..', 'fixtures', 'threads', 'crash.mjs');
const started: Worker[] = [];
const thread = (of: string, memoryMiB?: number): Worker => {
  const worker = engineThread(of, memoryMiB);
  started.push(worker);
  return worker;
};

afterEach(async () => {
  await Promise.all(started.splice(0).map(async (worker) => await worker.terminate()));
});

describe('a thread that is started ahead', () => {
  it('is given to the first who asks, and to nobody else', () => {
    startAhead(entry);
    startAhead(entry);
    const [first, second] = [thread(entry), thread(entry)];
    expect(second.threadId).toBe(first.threadId + 1);
  });

  it('is not given to who asks for another program, or for another amount of memory', () => {
    startAhead(entry);
    const [other, small] = [thread(crash), thread(entry, 64)];
    other.once('error', () => undefined);
    const ahead = thread(entry);
    expect([other.threadId, small.threadId]).toEqual([ahead.threadId + 1, ahead.threadId + 2]);
  });

  it('is forgotten when it dies before it is needed', async () => {
    startAhead(crash);
    // It dies unheard: what dies of it later is told by the one that takes its place.
    await new Promise((resolve) => setTimeout(resolve, 300));
    const next = thread(crash);
    const [error] = await once(next, 'error');
    expect(String(error)).toContain('crash');
  });
});
