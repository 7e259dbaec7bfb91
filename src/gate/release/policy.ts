import { SallyportError } from '../../model/error.ts';
import type { Context } from '../../platform/context.ts';
import type { TreeRef } from '../../platform/tree.ts';
import { type CompiledPolicy, compilePolicy } from '../../policy/compile.ts';
import type { Layer } from '../../policy/layer.ts';
import type { Policy } from '../../policy/merge.ts';
import { requireTrustFrom } from '../../policy/trust.ts';
import { isPinned, outsideLayers, unpinned } from '../outside-policy.ts';
import { mergeLayers, serviceLayers } from '../policy-source.ts';

/** A policy in force, and the part of it that others know by its digest. */
export interface ForcedPolicy {
  /** What is judged by. */
  whole: CompiledPolicy;
  /** The organization's pack: what the summary names, and what a deployment accepts. */
  pack: CompiledPolicy;
  trust: Policy;
}

/**
 * The organization's pack and, after it, the service's own file as it stands at the released commit, which can only
 * tighten. On a laptop the service's file may stand alone. Throws SP-POLICY-*.
 */
export async function releasePolicy(
  reference: string | undefined,
  root: string,
  at: TreeRef,
  local: boolean,
  context: Context,
): Promise<ForcedPolicy> {
  if (!local && (reference === undefined || !isPinned(reference))) throw unpinned(reference ?? 'none');
  const own = await serviceLayers(root, at, context);
  const pack = reference === undefined ? own : await outsideLayers(reference, context);
  if (pack.length === 0) {
    throw new SallyportError({
      code: 'SP-POLICY-MISSING',
      message: 'a release is judged by a policy, and there is none',
      expected: '--policy FILE@sha256:HEX, or a .sallyport.yml at the released commit',
    });
  }
  const known = new Set(pack.map((layer) => layer.sha256));
  const added = own.filter((layer) => !known.has(layer.sha256));
  return await forced(pack, added);
}

/** The deploying side's policy, outside of the artefact's control. Throws SP-POLICY-*. */
export async function deployPolicy(
  reference: string | undefined,
  local: boolean,
  context: Context,
): Promise<ForcedPolicy> {
  if (reference === undefined) {
    throw new SallyportError({
      code: 'SP-USAGE',
      message: 'a deployment is judged by the policy of the side that deploys',
      expected: '--policy FILE, kept where the artefact’s own repository cannot change it',
    });
  }
  // The job's own checkout is the deploying side's repository: its commit pins the file there.
  if (!local && /^https:/u.test(reference) && !isPinned(reference)) throw unpinned(reference);
  return await forced(await outsideLayers(reference, context), []);
}

async function forced(pack: readonly Layer[], added: readonly Layer[]): Promise<ForcedPolicy> {
  const own = await mergeLayers(pack);
  requireTrustFrom(own, added);
  const compiled = compilePolicy(own);
  if (added.length === 0) return { whole: compiled, pack: compiled, trust: own };
  const whole = await mergeLayers([...pack, ...added]);
  return { whole: compilePolicy(whole), pack: compiled, trust: whole };
}
