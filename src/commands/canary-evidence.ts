import { resolve } from 'node:path';
import type { HandedStatement } from '../deliver/evidence.ts';
import type { Context } from '../platform/context.ts';

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The statements that were handed in. Here a signer is found or not: an in-toto statement as a plain file has none.
 * Throws SP-FILE-*.
 */
export async function readStatements(paths: readonly string[], context: Context): Promise<HandedStatement[]> {
  const read: HandedStatement[] = [];
  for (const path of paths) {
    const content = await context.files.read(resolve(context.cwd, path), MAX_BYTES);
    read.push({ path, text: content.toString('utf8'), signer: null });
  }
  return read;
}
