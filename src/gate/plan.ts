import type { Gate } from '../model/decision.ts';
import { SallyportError } from '../model/error.ts';
import { type Stage, stages } from '../model/stage.ts';
import type { SourceTree } from '../platform/tree.ts';
import { held } from '../policy/chain.ts';
import type { Policy } from '../policy/merge.ts';
import { type Presence, requiredEngines, requirementsAt } from '../policy/stages.ts';
import type { EmbeddedEngine } from '../scan/engine.ts';
import { presentIn } from '../scan/presence.ts';
import type { ProcessEngine } from '../scan/process-engine.ts';
import { embeddedEngine, embeddedEngines, engineNames, processEngine } from '../scan/registry.ts';

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
  /** Options over those of the policy. */
  options?: Readonly<Record<string, unknown>> | undefined;
  /**
   * On a runner other projects' engines run in jobs of their own and hand their reports in: assume that an engine
   * owns the job that it runs in.
   */
  startProcesses: boolean;
}

/** The stages that the policy asks for, with the engines that look at them; an engine asked for by name brings its stage. */
export async function planStages(input: PlanInput): Promise<StagePlan[]> {
  const { policy, gate, only } = input;
  const required = requirementsAt(policy, gate);
  const asked = await Promise.all(input.engines.map((name) => askedFor(name, only)));
  const wanted = stages.filter((stage) =>
    only === undefined
      ? required.has(stage) || asked.some((engine) => engine.stage === stage)
      : stage === only,
  );
  return await Promise.all(
    wanted.map(async (stage) => {
      const embedded = await embeddedEngines(stage);
      const names = [
        ...requiredEngines(policy, stage),
        ...asked.filter((e) => e.stage === stage).map((e) => e.name),
      ];
      const others = [...new Set(names)].filter((name) => !embedded.some((engine) => engine.name === name));
      return {
        stage,
        embedded,
        processes: input.startProcesses ? await Promise.all(others.map((name) => known(name, stage))) : [],
        options: { ...optionsOf(policy, stage), ...input.options },
        exclude: held(policy.excludes.get(stage)) ?? [],
      };
    }),
  );
}

/** An engine that was asked for by name: it must be there, and of the one stage that is run, if it is one. */
async function askedFor(name: string, only: Stage | undefined): Promise<{ name: string; stage: Stage }> {
  const engine = (await embeddedEngine(name)) ?? (await processEngine(name));
  if (engine !== null && (only === undefined || engine.stage === only)) return engine;
  throw unknownEngine(name, only);
}

async function known(name: string, stage: Stage): Promise<ProcessEngine> {
  const engine = await processEngine(name);
  if (engine !== null && engine.stage === stage) return engine;
  throw unknownEngine(name, stage);
}

function unknownEngine(name: string, stage: Stage | undefined): SallyportError {
  const where = stage === undefined ? '' : ` in stage ${stage}`;
  return new SallyportError({
    code: 'SP-ENGINE-UNKNOWN',
    message: `there is no engine ${name}${where}`,
    expected: engineNames(stage).join(', ') || 'no engine: hand a report in with --sarif',
    next: `sallyport engines lists them; another tool’s results come in by --sarif ${stage ?? 'STAGE'}=FILE`,
  });
}

export function optionsOf(policy: Policy, stage: Stage): Record<string, unknown> {
  const found: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, chain] of policy.options) {
    if (key.startsWith(`${stage}/`)) found[key.slice(stage.length + 1)] = held(chain);
  }
  return found;
}

/** What a walk over names tells of each stage. A stage about which names tell nothing is taken to be present. */
export function presenceOf(plans: readonly StagePlan[], tree: SourceTree): Map<Stage, Presence> {
  const found = new Map<Stage, Presence>();
  for (const stage of stages) {
    const plan = plans.find((one) => one.stage === stage);
    const kinds = [...(plan?.embedded ?? []), ...(plan?.processes ?? [])].map((engine) => engine.wants);
    const byName = presentIn[stage];
    if (byName !== undefined) kinds.push(byName);
    // A stage that nobody here can recognize, such as one that only a handed-in report is about.
    if (kinds.length === 0 && plan === undefined) continue;
    const entries = tree.entries.filter(
      ({ path }) => kinds.length === 0 || kinds.some((wants) => wants(path)),
    );
    found.set(stage, {
      present: entries.some((entry) => entry.kind === 'file') || kinds.length === 0,
      complete: !entries.some((entry) => entry.kind === 'unreachable'),
    });
  }
  return found;
}
