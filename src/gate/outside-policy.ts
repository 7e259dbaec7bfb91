import { dirname, isAbsolute, normalize, resolve } from 'node:path';
import { SallyportError } from '../model/error.ts';
import type { TrustRules } from '../model/trust.ts';
import type { Context } from '../platform/context.ts';
import { type Layer, MAX_POLICY_BYTES } from '../policy/layer.ts';
import { policyOf } from '../policy/merge.ts';
import { packs } from '../policy/packs.generated.ts';
import { combineTrust, trustRules } from '../policy/trust.ts';
import { fetchPack, linearize, packLayer, type Reader, readLayer, requireDigest } from './policy-layers.ts';

/**
 * The layers of a policy that lies outside of what is judged: `FILE`, `FILE@sha256:HEX`, `https://…@sha256:HEX` or the
 * name of one of our packs, with what it extends before it. Throws SP-POLICY-*.
 */
export async function outsideLayers(reference: string, context: Context): Promise<Layer[]> {
  const match = /^(.+?)(?:@sha256:([0-9a-f]{64}))?$/su.exec(reference);
  const [name, digest] = [match?.[1] ?? reference, match?.[2] ?? null];
  if (Object.hasOwn(packs, name)) return await linearize(packLayer(name, digest), refuseAll);
  const fetched = await fetchPack(name, context);
  if (fetched !== null && digest === null) throw unpinned(reference);
  const path = resolve(context.cwd, name);
  const text = fetched?.text ?? (await context.files.read(path, MAX_POLICY_BYTES)).toString('utf8');
  if (digest !== null) requireDigest(text, digest, name, undefined);
  const main = await readLayer(name, fetched?.uri ?? name, text);
  return await linearize(main, besides(fetched === null ? dirname(path) : null, context));
}

/** Whether a reference says which bytes it means. */
export function isPinned(reference: string): boolean {
  return /@sha256:[0-9a-f]{64}$/u.test(reference) || Object.hasOwn(packs, reference);
}

/** Throws SP-POLICY-REFERENCE. */
export function unpinned(reference: string): SallyportError {
  return new SallyportError({
    code: 'SP-POLICY-REFERENCE',
    message: 'a pack that is not ours is referenced by its digest',
    expected: 'FILE@sha256:HEX or https://…@sha256:HEX',
    found: reference.slice(0, 300),
    next: 'sallyport policy check --policy FILE shows the digest of each layer',
  });
}

/** Whom a policy outside says to believe: nothing else of it is looked at, so that no engine has to be loaded. */
export async function loadTrust(reference: string, context: Context): Promise<TrustRules> {
  const layers = await outsideLayers(reference, context);
  return trustRules({ trust: combineTrust(layers.map((layer) => policyOf(layer).trust)) });
}

const refuseAll: Reader = async (reference, place) => {
  throw new SallyportError({
    code: 'SP-POLICY-MISSING',
    message: 'a pack is not there',
    place,
    found: reference,
  });
};

/** Reads packs from the folder of the policy, never from above it. */
function besides(folder: string | null, context: Context): Reader {
  return async (reference, place) => {
    const fetched = await fetchPack(reference, context);
    if (fetched !== null) return fetched;
    const path = normalize(reference);
    if (folder === null || isAbsolute(path) || path.startsWith('..'))
      return await refuseAll(reference, place);
    const content = await context.files.read(resolve(folder, path), MAX_POLICY_BYTES);
    return { uri: reference, text: content.toString('utf8') };
  };
}
