import { readVex, VEX_LIMITS } from '../advisories/vex.ts';
import { SallyportError } from '../model/error.ts';
import { pathGlob } from '../model/glob.ts';
import type { VexStatement } from '../model/vex.ts';
import type { Context } from '../platform/context.ts';
import { openTree } from '../platform/open-tree.ts';
import { toolEnvironment } from '../platform/process.ts';
import type { TreeRef } from '../platform/tree.ts';
import type { Policy } from '../policy/merge.ts';

const MAX_FILES = 1000;

/**
 * The VEX documents that the policy names, as they stand in the trusted tree: a change cannot excuse itself (trust-model
 * rule 2). Throws SP-VEX for one that cannot be used, or for a path under which there is none.
 */
export async function readVexFiles(
  policy: Policy,
  trusted: TreeRef,
  context: Context,
): Promise<VexStatement[]> {
  if (policy.vex.length === 0) return [];
  const tree = await openTree(trusted, context.run, toolEnvironment(context.env));
  try {
    const statements: VexStatement[] = [];
    let files = 0;
    for (const { value, place } of policy.vex) {
      const matches = pathGlob(value);
      const found = tree.entries.filter(({ path, kind }) => kind === 'file' && matches(path));
      files += found.length;
      if (found.length === 0 || files > MAX_FILES) {
        throw new SallyportError({
          code: 'SP-VEX',
          message: found.length === 0 ? 'there is no VEX document under a path' : 'too many VEX documents',
          place,
          expected: `1 to ${MAX_FILES} files${trusted.commit === undefined ? '' : ' at the base'}`,
          found: value,
        });
      }
      for (const { path } of found)
        statements.push(...readVex(await tree.read(path, VEX_LIMITS.bytes), path));
    }
    return statements;
  } finally {
    await tree.close();
  }
}
