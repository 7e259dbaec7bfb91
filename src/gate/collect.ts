import type { ScanReport } from '../model/report.ts';
import type { Context } from '../platform/context.ts';
import { type LineReader, lineReader } from '../platform/line-reader.ts';
import type { TreeRef } from '../platform/tree.ts';
import type { Policy } from '../policy/merge.ts';
import type { Base } from './base.ts';
import { committedLines } from './committed-lines.ts';
import type { KeptReports, RunFolder } from './evidence.ts';
import { type HandedIn, readHandedIn } from './handed-in.ts';
import type { StagePlan } from './plan.ts';
import { scanTree } from './scan.ts';

/** What both sides of a change are looked at with. */
export interface Look {
  root: string;
  plans: readonly StagePlan[];
  /** The tree that rules and settings of engines are read from. */
  trusted: TreeRef;
  policy: Policy;
  context: Context;
  folder: RunFolder;
}

/** The reports over the working tree, kept and read back. `commit` is the subject's, null where it is changed. */
export async function collectHead(
  look: Look,
  handed: readonly HandedIn[],
  commit: string | null,
): Promise<KeptReports> {
  const reports = await scanTree(look.plans, { root: look.root }, look.trusted, look.policy, look.context);
  await readAll(handed, look, commit, lineReader(look.root), reports);
  return await look.folder.keepReports(reports);
}

/** The reports over the merge-base, files under the names that they have now; kept in a folder of their own. */
export async function collectBase(look: Look, handed: readonly HandedIn[], base: Base): Promise<KeptReports> {
  const tree = { root: look.root, commit: base.mergeBase, renames: base.renames };
  const reports = await scanTree(look.plans, tree, look.trusted, look.policy, look.context);
  if (handed.length > 0) {
    // Their fingerprints need the lines of that commit: first it is seen which files they name.
    const first: ScanReport[] = [];
    await readAll(handed, look, base.mergeBase, () => undefined, first);
    const paths = new Set(
      first.flatMap((report) => report.findings.flatMap((finding) => finding.places.map((p) => p.path))),
    );
    await readAll(handed, look, base.mergeBase, await committedLines(tree, paths, look.context), reports);
  }
  return await look.folder.keepReports(reports, 'base');
}

async function readAll(
  handed: readonly HandedIn[],
  look: Look,
  commit: string | null,
  lineAt: LineReader,
  into: ScanReport[],
): Promise<void> {
  for (const one of handed) into.push(...(await readHandedIn(one, look.root, commit, lineAt, look.context)));
}
