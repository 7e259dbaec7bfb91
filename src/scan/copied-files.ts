import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Looked, Skipped } from '../model/report.ts';
import { openTree } from '../platform/open-tree.ts';
import { excluder } from './frame.ts';
import type { ProcessEngine, ProcessWorld } from './process-engine.ts';
import type { ScanRequest } from './request.ts';

/** Largest file that an engine is given where it says nothing else. */
const MAX_FILE = 16 * 1024 * 1024;

/** Copies the files that an engine wants out of a tree, so that nothing else of the repository can steer it. */
export async function copyOut(
  engine: ProcessEngine,
  request: ScanRequest,
  world: ProcessWorld,
  source: string,
): Promise<{ files: string[]; looked: Looked }> {
  const tree = await openTree(request.tree, world.run, world.tools, request.entries);
  const excluded = excluder(request.exclude);
  const files: string[] = [];
  const skipped: Skipped[] = [];
  let bytes = 0;
  try {
    for (const entry of tree.entries) {
      if (excluded(entry.path)) continue;
      const wanted = engine.wants(entry.path);
      if (entry.kind !== 'file') {
        skipped.push({
          path: entry.path,
          reason: entry.reason ?? 'a repository of its own',
          blocking: wanted && engine.everyKind !== true,
        });
        continue;
      }
      if (!wanted) continue;
      const content = await tree.read(entry.path, engine.maxFile ?? MAX_FILE);
      const target = join(source, entry.path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content, { mode: 0o400 });
      files.push(entry.path);
      bytes += content.length;
    }
  } finally {
    await tree.close();
  }
  return {
    files,
    looked: {
      files: files.length,
      bytes,
      commits: null,
      rules: null,
      skipped,
      complete: !skipped.some((s) => s.blocking),
    },
  };
}
