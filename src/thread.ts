import { workerData } from 'node:worker_threads';

/** A worker thread starts with the program's own entry, in a bundle as in the sources, and ends up here. */
export async function serveThread(): Promise<0> {
  // A thread that searches needs little, and starts while others wait for it.
  const { sallyport } = workerData as { sallyport: string };
  if (sallyport === 'secrets') {
    const { serveSecrets } = await import('./scan/secrets/threads/thread.ts');
    serveSecrets();
  } else if (sallyport === 'handed-in') {
    const { serveHandedIn } = await import('./gate/handed-in-worker.ts');
    serveHandedIn();
  } else {
    const { serve } = await import('./scan/worker.ts');
    await serve();
  }
  return 0;
}
