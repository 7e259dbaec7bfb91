import type { GateRun } from '../gate/run.ts';
import type { Gate } from '../model/decision.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import { startAhead } from '../scan/engine-thread.ts';
import { databaseFolder } from './advisories-shared.ts';
import type { CommandResult, ExitCode } from './command.ts';
import type { Wanted } from './wanted-reports.ts';

/** What a command that looks at a tree is given. */
export interface TreeInputs {
  base?: string | undefined;
  policy?: string | undefined;
  sarif: readonly string[];
  baseSarif: readonly string[];
  engine: readonly string[];
  fix: boolean;
  report: readonly string[];
  advisories?: string | undefined;
  buildOutput: readonly string[];
}

interface JudgeInputs extends TreeInputs {
  root: string;
  gate: Gate;
  only?: Stage | undefined;
  options?: Readonly<Record<string, unknown>> | undefined;
}

const EXITS: Record<'passed' | 'failed' | 'error', ExitCode> = { passed: 0, failed: 1, error: 2 };

/** Runs a gate and tells of it in the formats that were asked for, and in all of them in the run's folder. */
export async function judge(inputs: JudgeInputs, context: Context): Promise<CommandResult> {
  startAhead(context.workerEntry, inputs.only);
  const [{ parseHandedIn, buildOutputs }, { runGate }, { parseReports }] = await Promise.all([
    import('../gate/handed-in.ts'),
    import('../gate/run.ts'),
    import('./wanted-reports.ts'),
  ]);
  const wanted = parseReports(inputs.report);
  if (inputs.fix) {
    const { applyFixes } = await import('../gate/fix.ts');
    const fixed = await applyFixes(inputs.root, context);
    for (const { path, description } of fixed) context.log.info(`fixed ${path}: ${description}`);
  }
  const run = await runGate(
    {
      gate: inputs.gate,
      root: inputs.root,
      base: inputs.base,
      policy: inputs.policy,
      sarif: inputs.sarif.map((text) => parseHandedIn('sarif', text)),
      baseSarif: inputs.baseSarif.map((text) => parseHandedIn('base-sarif', text)),
      only: inputs.only,
      engines: inputs.engine,
      options: inputs.options,
      advisories: databaseFolder(inputs.advisories, context),
      builds: await buildOutputs(inputs.buildOutput, inputs.root, context),
      meanwhile: async () => await (await import('./reports.ts')).prepareReports(wanted),
    },
    context,
  );
  return await told(run, wanted, context);
}

/** Judges a bill of materials by itself, and tells of it as `judge` does. */
export async function judgeBom(
  inputs: Pick<JudgeInputs, 'policy' | 'report' | 'advisories'> & { file: string },
  context: Context,
): Promise<CommandResult> {
  const [{ runBom }, { parseReports }] = await Promise.all([
    import('../gate/bom.ts'),
    import('./wanted-reports.ts'),
  ]);
  const wanted = parseReports(inputs.report);
  const advisories = databaseFolder(inputs.advisories, context);
  const run = await runBom({ file: inputs.file, policy: inputs.policy, advisories }, context);
  return await told(run, wanted, context);
}

/** Writes the reports, and says what there is to say of a run, whichever gate it was at. */
export async function told(
  run: GateRun,
  wanted: readonly Wanted[],
  context: Context,
): Promise<CommandResult> {
  const { writeReports } = await import('./reports.ts');
  const { summary, annotations } = await writeReports(run, wanted, context);
  context.log.info(`evidence and reports: ${run.folder.path}`);
  return {
    exit: EXITS[run.decision.verdict],
    outputs: {
      decision: run.decision.verdict,
      summary: run.decision.summary,
      'findings-failed': String(run.decision.findings.filter((f) => f.outcome === 'failed').length),
      'report-folder': run.folder.path,
    },
    summary,
    annotations,
  };
}
