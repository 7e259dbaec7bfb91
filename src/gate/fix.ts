import { join, resolve } from 'node:path';
import type { Fix } from '../model/finding.ts';
import type { Context } from '../platform/context.ts';
import { toolEnvironment } from '../platform/process.ts';
import { applyEdits } from '../scan/configuration/fix.ts';
import { runEmbedded } from '../scan/embedded.ts';
import { embeddedEngines } from '../scan/registry.ts';
import { DEFAULT_DEADLINE } from '../scan/request.ts';

const MAX_FILE = 1024 * 1024;

/** Applies every safe fix to the files of a folder; says what it changed. The stage `configuration` offers fixes. */
export async function applyFixes(
  path: string,
  context: Context,
): Promise<{ path: string; description: string }[]> {
  const root = resolve(context.cwd, path);
  const world = {
    clock: context.clock,
    tools: toolEnvironment(context.env),
    workerEntry: context.workerEntry,
  };
  const done: { path: string; description: string }[] = [];
  for (const engine of await embeddedEngines('configuration')) {
    const report = await runEmbedded(
      engine,
      { tree: { root }, options: {}, exclude: [], deadline: DEFAULT_DEADLINE },
      world,
    );
    const byFile = new Map<string, Fix[]>();
    for (const { fix } of report.findings) {
      const file = fix?.edits[0]?.place.path;
      if (fix?.safe !== true || file === undefined || fix.edits.some((edit) => edit.place.path !== file))
        continue;
      byFile.set(file, [...(byFile.get(file) ?? []), fix]);
    }
    for (const [file, fixes] of byFile) {
      const target = join(root, file);
      const text = (await context.files.read(target, MAX_FILE)).toString('utf8');
      await context.files.write(target, [
        applyEdits(
          text,
          fixes.flatMap((fix) => fix.edits),
        ),
      ]);
      done.push(...fixes.map((fix) => ({ path: file, description: fix.description })));
    }
  }
  return done;
}
