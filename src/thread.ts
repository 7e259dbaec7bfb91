/** A worker thread starts with the program's own entry, in a bundle as in the sources, and ends up here. */
export async function serveThread(): Promise<0> {
  const { serve } = await import('./scan/worker.ts');
  await serve();
  return 0;
}
