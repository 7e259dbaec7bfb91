import type { Context } from '../platform/context.ts';
import { type LineReader, splitLines } from '../platform/line-reader.ts';
import { openTree } from '../platform/open-tree.ts';
import { toolEnvironment } from '../platform/process.ts';
import type { TreeRef } from '../platform/tree.ts';

const MAX_FILE = 16 * 1024 * 1024;

/** Lines of files of a commit, read beforehand: the files that a report names. */
export async function committedLines(
  ref: TreeRef,
  paths: ReadonlySet<string>,
  context: Context,
): Promise<LineReader> {
  const tree = await openTree(ref, context.run, toolEnvironment(context.env));
  const lines = new Map<string, string[]>();
  try {
    for (const entry of tree.entries) {
      if (entry.kind !== 'file' || !paths.has(entry.path) || (entry.bytes ?? 0) > MAX_FILE) continue;
      lines.set(entry.path, splitLines((await tree.read(entry.path, MAX_FILE)).toString('utf8')));
    }
  } finally {
    await tree.close();
  }
  return (path, line) => lines.get(path)?.[line - 1];
}
