import type { Gate } from '../model/decision.ts';
import type { Context } from '../platform/context.ts';
import type { ArtifactInputs } from './artifact-inputs.ts';
import type { CommandResult } from './command.ts';
import { judge, type TreeInputs } from './judging.ts';
import { refuseInputs } from './refuse-inputs.ts';

interface GateInputs extends ArtifactInputs, TreeInputs {
  path: string;
  gate: Gate;
  quiet: boolean;
  verbose: boolean;
  offline: boolean;
}

/** Judges a change by what its tree holds, or an artefact by what was said of it. */
export async function judgeChange(inputs: GateInputs, context: Context): Promise<CommandResult> {
  if (inputs.gate !== 'pull-request') {
    const { judgeArtifact } = await import('./artifact-gate.ts');
    return await judgeArtifact({ ...inputs, gate: inputs.gate }, context);
  }
  const {
    path,
    gate,
    base,
    policy,
    sarif,
    baseSarif,
    engine,
    fix,
    advisories,
    buildOutput,
    report,
    quiet,
    verbose,
    offline,
    ...others
  } = inputs;
  refuseInputs(gate, others, Object.keys(others));
  return await judge(
    { root: path, gate, base, policy, sarif, baseSarif, engine, fix, advisories, buildOutput, report },
    context,
  );
}
