import { resolve } from 'node:path';
import { z } from 'zod';
import type { LoadedPolicy } from '../gate/policy-source.ts';
import type { Context } from '../platform/context.ts';

/** Inputs of the commands that look at a policy and at nothing else. */
export const policyInputs = {
  path: z.string().default('.').meta({ description: 'The folder whose policy it is.', placeholder: 'PATH' }),
  policy: z.string().optional().meta({
    description: 'The policy file, instead of .sallyport.yml.',
    placeholder: 'FILE',
    environment: false,
  }),
  base: z.string().optional().meta({
    description: 'Read it as it stands at a revision.',
    placeholder: 'REF',
    environment: false,
  }),
};

export async function load(
  inputs: { path: string; policy?: string | undefined; base?: string | undefined },
  context: Context,
): Promise<LoadedPolicy> {
  const { loadPolicy } = await import('../gate/policy-source.ts');
  const { findRepository } = await import('../platform/open-tree.ts');
  const { toolEnvironment } = await import('../platform/process.ts');
  const { SallyportError } = await import('../model/error.ts');
  const root = resolve(context.cwd, inputs.path);
  if (inputs.base === undefined) return await loadPolicy(root, { root }, inputs.policy, context);
  const repository = await findRepository(root, context.run, toolEnvironment(context.env));
  const commit = (await repository?.git.commit(inputs.base)) ?? null;
  if (commit === null) {
    throw new SallyportError({ code: 'SP-BASE-MISSING', message: `no such revision here: ${inputs.base}` });
  }
  return await loadPolicy(root, { root, commit }, inputs.policy, context);
}
