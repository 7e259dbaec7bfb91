import type { ScanReport } from '../model/report.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import { offlineHttp } from '../platform/http.ts';
import { toolEnvironment } from '../platform/process.ts';
import type { TreeRef } from '../platform/tree.ts';
import { held } from '../policy/chain.ts';
import type { Policy } from '../policy/merge.ts';
import { type Asked, nothingThere, runTogether } from '../scan/embedded.ts';
import type { Change, EmbeddedEngine } from '../scan/engine.ts';
import { DEFAULT_DEADLINE, type ScanRequest } from '../scan/request.ts';
import type { StagePlan } from './plan.ts';

/** What engines are given beside the tree. */
export type ScanData = Pick<ScanRequest, 'advisories' | 'builds' | 'entries'>;

/**
 * Whether the walk met nothing that the engine looks at; false where nobody has walked, and where there is something
 * that cannot be looked at: naming that is the engine's.
 */
function nothingFor(engine: EmbeddedEngine, { entries, builds = [] }: ScanData): boolean {
  return (
    entries?.every(({ path, kind }) => kind === 'file' && !engine.wants(path)) === true &&
    !builds.some(({ path }) => engine.wants(path))
  );
}

/** A tree, and what it is looked at with. */
export interface Scan {
  plans: readonly StagePlan[];
  tree: TreeRef;
  /** The tree that rules and settings of engines are read from. */
  trusted: TreeRef;
  change: { change: Change; side: 'head' | 'base' } | null;
  policy: Policy;
  context: Context;
  data: ScanData;
  renames?: Readonly<Record<string, string>>;
  /** Is told of the reports of ours as they come, each with its place among those of its stage. */
  early?: (stage: Stage, index: number, report: ScanReport) => void;
}

/**
 * Runs the planned engines over a tree: ours side by side, others one after the other, since each of them takes the
 * whole machine.
 */
export async function scanTree({
  plans,
  tree,
  trusted,
  change,
  policy,
  context,
  data,
  renames,
  early,
}: Scan): Promise<ScanReport[]> {
  const tools = toolEnvironment(context.env);
  const world = { clock: context.clock, tools };
  const offline = context.http === offlineHttp;
  const request = (plan: StagePlan): ScanRequest => ({
    tree,
    entries: data.entries,
    options: plan.options,
    exclude: plan.exclude,
    renames,
    advisories: data.advisories,
    builds: data.builds,
    deadline: DEFAULT_DEADLINE,
  });
  const asked = (plan: StagePlan, engine: EmbeddedEngine): Asked => ({
    engine,
    options: {
      ...plan.options,
      ...(change === null ? {} : engine.optionsFor?.(plan.options, change.change, change.side)),
    },
  });
  const own = Promise.all(
    plans.map(async (plan) => {
      const idle = (engine: EmbeddedEngine) => engine.byName === true && nothingFor(engine, data);
      const ran = await runTogether(
        plan.embedded.filter((engine) => !idle(engine)).map((engine) => asked(plan, engine)),
        request(plan),
        { ...world, workerEntry: context.workerEntry },
        (engine, report) => early?.(plan.stage, plan.embedded.indexOf(engine), report),
      );
      return await Promise.all(
        plan.embedded.map(
          async (engine) =>
            ran.find((report) => report.engine.name === engine.name) ??
            (await nothingThere(engine, plan.options, context.clock)),
        ),
      );
    }),
  );
  const others: ScanReport[] = [];
  for (const plan of plans) {
    for (const engine of plan.processes) {
      context.log.progress(`${plan.stage}: ${engine.name} ...`);
      const { runProcessEngine } = await import('../scan/process-engine.ts');
      const lock = held(policy.locks.get(engine.name));
      others.push(
        await runProcessEngine(engine, request(plan), { ...world, run: context.run, lock, trusted, offline }),
      );
    }
  }
  context.log.progress(null);
  return [...(await own).flat(), ...others];
}
