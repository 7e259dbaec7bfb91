import type { ScanReport, StreamedReport } from '../model/report.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import { type LineReader, lineReader, renamedLines } from '../platform/line-reader.ts';
import { toolEnvironment } from '../platform/process.ts';
import type { TreeRef } from '../platform/tree.ts';
import type { Policy } from '../policy/merge.ts';
import type { Change } from '../scan/engine.ts';
import type { Base } from './base.ts';
import { committedLines } from './committed-lines.ts';
import type { KeptReports, RunFolder } from './evidence.ts';
import { type HandedIn, readHandedIn } from './handed-in.ts';
import type { HandedInThread } from './handed-in-thread.ts';
import type { StagePlan } from './plan.ts';
import { type ScanData, scanTree } from './scan.ts';

/** What both sides of a change are looked at with. */
export interface Look {
  root: string;
  plans: readonly StagePlan[];
  /** The tree that rules and settings of engines are read from. */
  trusted: TreeRef;
  /** Null: the whole tree is judged. */
  change: Change | null;
  policy: Policy;
  context: Context;
  folder: RunFolder;
  data: ScanData;
}

/** The reports over the working tree, kept and read back. `commit` is the subject's, null where it is changed. */
export async function collectHead(
  look: Look,
  handed: readonly HandedIn[],
  commit: Promise<string | null>,
  thread: HandedInThread | null = null,
): Promise<KeptReports> {
  const change = look.change === null ? null : { change: look.change, side: 'head' as const };
  const tree = { root: look.root };
  // What others handed in is read while the engines' threads are at work.
  const [reports, fromOthers] = await Promise.all([
    scanTree({ ...look, tree, change, early: (...report) => look.folder.keepEarly(...report) }),
    thread === null
      ? readAll(handed, look, commit, lineReader(look.root))
      : commit.then((id) => {
          thread.commit(id);
          return thread;
        }),
  ]);
  const kept = await look.folder.keepReports(reports, '', fromOthers);
  // Its memory is given back while the rest is judged; whoever started it waits for its end.
  void thread?.end();
  return kept;
}

/**
 * The reports over the merge-base, findings under the names that files have now; kept in a folder of their own. Only
 * engines that found something at the head are asked: where there is nothing, nothing can be new. Of dependencies it is
 * told as well what the change takes away, so they are always looked at.
 */
export async function collectBase(
  look: Look,
  handed: readonly HandedIn[],
  base: Base,
  head: readonly ScanReport[],
): Promise<KeptReports> {
  const { mergeBase, renames } = base;
  const found = (stage: Stage, engine: string) =>
    head.some(
      (report) =>
        report.stage === stage &&
        report.engine.name === engine &&
        (report.findings.length > 0 || (stage === 'dependencies' && report.state === 'clean')),
    );
  const plans = look.plans.map((plan) => ({
    ...plan,
    embedded: plan.embedded.filter((engine) => found(plan.stage, engine.name)),
    processes: plan.processes.filter((engine) => found(plan.stage, engine.name)),
  }));
  const tree = { root: look.root, commit: mergeBase };
  const change = { change: base, side: 'base' as const };
  // What a build wrote is about the head alone.
  const data = { advisories: look.data.advisories };
  const reports = await scanTree({ ...look, plans, tree, change, data, renames });
  const fromOthers: StreamedReport[] = [];
  if (handed.length > 0) {
    // Their fingerprints need the lines of that commit: first it is seen which files they name.
    const of = Promise.resolve(mergeBase);
    const paths = new Set<string>();
    for (const report of await readAll(handed, look, of, () => undefined))
      for (const { finding } of report.findings()) for (const { path } of finding.places) paths.add(path);
    const lines = renamedLines(await committedLines(tree, paths, look.context), renames);
    fromOthers.push(...(await readAll(handed, look, of, lines, renames)));
  }
  return await look.folder.keepReports(reports, 'base', fromOthers);
}

async function readAll(
  handed: readonly HandedIn[],
  { root, context }: Look,
  commit: Promise<string | null>,
  lineAt: LineReader,
  renames?: Readonly<Record<string, string>>,
): Promise<StreamedReport[]> {
  const { cwd, files, run, clock } = context;
  const place = {
    root,
    cwd,
    files,
    run,
    lineAt,
    renames,
    now: clock.now(),
    tools: toolEnvironment(context.env),
  };
  const read: StreamedReport[] = [];
  for (const one of handed) read.push(...(await readHandedIn(one, commit, place)));
  return read;
}
