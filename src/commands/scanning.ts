import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SallyportError } from '../model/error.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import type { CommandResult } from './command.ts';
import { judge, judgeBom, type TreeInputs } from './judging.ts';
import { secretsOptions } from './scan-secrets.ts';

interface ScanInputs extends Omit<TreeInputs, 'sarif' | 'baseSarif'> {
  stage: Stage;
  path: string;
  staged: boolean;
  verify: boolean;
  offline: boolean;
}

/** Runs one stage over a folder, or judges a bill of materials. */
export async function scanStage(inputs: ScanInputs, context: Context): Promise<CommandResult> {
  const { stage, path } = inputs;
  if (stage === 'dependencies' && (await isFile(path, context))) {
    refuseTreeOptions(inputs);
    return await judgeBom({ ...inputs, file: path }, context);
  }
  const options = await secretsOptions(inputs, context);
  if (options === null) {
    context.log.info('nothing is staged that could hold a secret');
    return { exit: 0 };
  }
  return await judge(
    { ...inputs, root: path, gate: 'pull-request', sarif: [], baseSarif: [], only: stage, options },
    context,
  );
}

/** A file is a bill of materials; everything else is for `judge` to look at or to refuse. */
async function isFile(path: string, context: Pick<Context, 'cwd'>): Promise<boolean> {
  const found = await stat(resolve(context.cwd, path)).catch(() => null);
  return found?.isFile() === true;
}

/** What only a folder has is no option of a bill of materials: it would do nothing. */
function refuseTreeOptions(inputs: Pick<TreeInputs, 'base' | 'engine' | 'fix' | 'buildOutput'>): void {
  const given = [
    ...(inputs.base === undefined ? [] : ['--base']),
    ...(inputs.engine.length === 0 ? [] : ['--engine']),
    ...(inputs.buildOutput.length === 0 ? [] : ['--build-output']),
    ...(inputs.fix ? ['--fix'] : []),
  ];
  if (given.length === 0) return;
  throw new SallyportError({
    code: 'SP-USAGE',
    message: `${given.join(', ')} with a bill of materials`,
    expected: 'a folder, or a bill of materials without it',
  });
}
