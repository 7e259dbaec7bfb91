import type { ScanReport } from '../model/report.ts';
import type { Context } from '../platform/context.ts';
import { offlineHttp } from '../platform/http.ts';
import { toolEnvironment } from '../platform/process.ts';
import type { TreeRef } from '../platform/tree.ts';
import { held } from '../policy/chain.ts';
import type { Policy } from '../policy/merge.ts';
import { nothingThere, runEmbedded } from '../scan/embedded.ts';
import type { Change, EmbeddedEngine } from '../scan/engine.ts';
import { runProcessEngine } from '../scan/process-engine.ts';
import { DEFAULT_DEADLINE, type ScanRequest } from '../scan/request.ts';
import type { StagePlan } from './plan.ts';

/** What engines are given beside the tree. */
export type ScanData = Pick<ScanRequest, 'advisories' | 'builds' | 'entries'>;

/** Whether the walk met nothing that the engine looks at; false where nobody has walked. */
function nothingFor(engine: EmbeddedEngine, { entries, builds = [] }: ScanData): boolean {
  return entries !== undefined && ![...entries, ...builds].some(({ path }) => engine.wants(path));
}

/**
 * Runs the planned engines over a tree: ours side by side, others one after the other, since each of them takes the
 * whole machine.
 */
export async function scanTree(
  plans: readonly StagePlan[],
  tree: TreeRef,
  trusted: TreeRef,
  change: { change: Change; side: 'head' | 'base' } | null,
  policy: Policy,
  context: Context,
  data: ScanData,
  renames?: Readonly<Record<string, string>>,
): Promise<ScanReport[]> {
  const tools = toolEnvironment(context.env);
  const world = { clock: context.clock, tools };
  const offline = context.http === offlineHttp;
  const requestFor = (plan: StagePlan, engine?: EmbeddedEngine): ScanRequest => ({
    tree,
    entries: data.entries,
    options: {
      ...plan.options,
      ...(change === null ? {} : engine?.optionsFor?.(plan.options, change.change, change.side)),
    },
    exclude: plan.exclude,
    renames,
    advisories: data.advisories,
    builds: data.builds,
    deadline: DEFAULT_DEADLINE,
  });
  const own = Promise.all(
    plans.flatMap((plan) =>
      plan.embedded.map(async (engine) =>
        engine.byName === true && nothingFor(engine, data)
          ? nothingThere(engine, plan.options, context.clock)
          : await runEmbedded(engine, requestFor(plan, engine), {
              ...world,
              workerEntry: context.workerEntry,
            }),
      ),
    ),
  );
  const others: ScanReport[] = [];
  for (const plan of plans) {
    for (const engine of plan.processes) {
      context.log.progress(`${plan.stage}: ${engine.name} ...`);
      const lock = held(policy.locks.get(engine.name));
      others.push(
        await runProcessEngine(engine, requestFor(plan), {
          ...world,
          run: context.run,
          lock,
          trusted,
          offline,
        }),
      );
    }
  }
  context.log.progress(null);
  return [...(await own), ...others];
}
