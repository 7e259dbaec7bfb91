import type { Gate } from '../model/decision.ts';
import { SallyportError } from '../model/error.ts';
import { type Stage, stages } from '../model/stage.ts';
import type { SourceTree } from '../platform/tree.ts';
import { held, type Policy } from '../policy/merge.ts';
import { type Presence, requiredEngines, requirementsAt } from '../policy/stages.ts';
import type { EmbeddedEngine } from '../scan/engine.ts';
import { presentIn } from '../scan/presence.ts';
import type { ProcessEngine } from '../scan/process-engine.ts';
import { embeddedEngines, engineNames, processEngine } from '../scan/registry.ts';

/** What is to be run for one stage. */
export interface StagePlan {
  stage: Stage;
  embedded: EmbeddedEngine[];
  processes: ProcessEngine[];
  /** The options of the stage that are an engine's own are read by it. */
  options: Readonly<Record<string, unknown>>;
  exclude: readonly string[];
}

export interface PlanInput {
  policy: Policy;
  gate: Gate;
  /** Only this stage, asked for by name. */
  only?: Stage | undefined;
  /** Engines asked for by name, beside those of the policy. */
  engines: readonly string[];
  /**
   * On a runner other projects' engines run in jobs of their own and hand their reports in: assume that an engine
   * owns the job that it runs in.
   */
  startProcesses: boolean;
}

/** The stages that the policy asks for, with the engines that look at them. */
export async function planStages(input: PlanInput): Promise<StagePlan[]> {
  const { policy, gate, only } = input;
  const required = requirementsAt(policy, gate);
  const wanted = stages.filter((stage) => (only === undefined ? required.has(stage) : stage === only));
  return await Promise.all(
    wanted.map(async (stage) => {
      const names = [...new Set([...requiredEngines(policy, stage), ...input.engines])];
      const embedded = await embeddedEngines(stage);
      const others = names.filter((name) => !embedded.some((engine) => engine.name === name));
      return {
        stage,
        embedded,
        processes: input.startProcesses ? await Promise.all(others.map((name) => known(name, stage))) : [],
        options: optionsOf(policy, stage),
        exclude: held(policy.excludes.get(stage)) ?? [],
      };
    }),
  );
}

async function known(name: string, stage: Stage): Promise<ProcessEngine> {
  const engine = await processEngine(name);
  if (engine !== null && engine.stage === stage) return engine;
  throw new SallyportError({
    code: 'SP-ENGINE-UNKNOWN',
    message: `stage ${stage} has no engine ${name}`,
    expected: engineNames(stage).join(', ') || 'no engine: hand a report in with --sarif',
    next: `sallyport engines lists them; another tool’s results come in by --sarif ${stage}=FILE`,
  });
}

function optionsOf(policy: Policy, stage: Stage): Record<string, unknown> {
  const found: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, chain] of policy.options) {
    if (key.startsWith(`${stage}/`)) found[key.slice(stage.length + 1)] = held(chain);
  }
  return found;
}

/** What a walk over names tells of each stage. A stage about which names tell nothing is taken to be present. */
export function presenceOf(plans: readonly StagePlan[], tree: SourceTree): Map<Stage, Presence> {
  return new Map(
    plans.map(({ stage, embedded, processes }) => {
      const kinds = [...embedded.map((e) => e.wants), ...processes.map((e) => e.wants)];
      const byName = presentIn[stage];
      if (byName !== undefined) kinds.push(byName);
      const wanted = (path: string) => kinds.length === 0 || kinds.some((wants) => wants(path));
      const entries = tree.entries.filter((entry) => wanted(entry.path));
      return [
        stage,
        {
          present: entries.some((entry) => entry.kind === 'file') || kinds.length === 0,
          complete: !entries.some((entry) => entry.kind === 'unreachable'),
        },
      ];
    }),
  );
}
