import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { SallyportError } from '../model/error.ts';
import type { Place } from '../model/location.ts';
import type { Stage } from '../model/stage.ts';
import type { Context } from '../platform/context.ts';
import { findRepository, openTree } from '../platform/open-tree.ts';
import { toolEnvironment } from '../platform/process.ts';
import type { SourceTree, TreeRef } from '../platform/tree.ts';
import type { CompiledPolicy } from '../policy/compile.ts';
import { type Layer, MAX_POLICY_BYTES } from '../policy/layer.ts';
import { mergePolicies, type OptionRules, type Policy, policyOf } from '../policy/merge.ts';
import { opensStrictly, tightens } from '../scan/options.ts';
import { embeddedEngines, processEngines } from '../scan/registry.ts';
import { fetchPack, linearize, packLayer, type Reader, readLayer } from './policy-layers.ts';

export const POLICY_FILE = '.sallyport.yml';
const DEFAULT_PACK = 'baseline';

export interface LoadedPolicy {
  policy: CompiledPolicy;
  /** False: there is no policy file, and the baseline pack stands in. */
  fromFile: boolean;
}

/** A policy that says already what is to be looked at. */
export interface MergedPolicy {
  policy: Policy;
  fromFile: boolean;
  /** With its conditions compiled and checked, once. Where there is a file, that has been done before it is handed out. */
  compiled(): Promise<CompiledPolicy>;
}

/**
 * The policy as it stands in `tree` (the base, where there is one), or in a file outside it. Every layer that it
 * extends is loaded, merged in order, compiled and checked. A tree that is open already stays open.
 */
export async function loadPolicy(
  root: string,
  tree: TreeRef | SourceTree,
  file: string | undefined,
  context: Context,
): Promise<LoadedPolicy> {
  const { compiled, fromFile } = await mergedPolicy(root, tree, file, context);
  return { policy: await compiled(), fromFile };
}

/** The same, for who has engines to start meanwhile. */
export async function mergedPolicy(
  root: string,
  tree: TreeRef | SourceTree,
  file: string | undefined,
  context: Context,
): Promise<MergedPolicy> {
  if ('entries' in tree) return await loadFrom(tree, root, file, context);
  const source = await openTree(tree, context.run, toolEnvironment(context.env));
  try {
    return await loadFrom(source, root, file, context);
  } finally {
    await source.close();
  }
}

async function loadFrom(
  source: SourceTree,
  root: string,
  file: string | undefined,
  context: Context,
): Promise<MergedPolicy> {
  const main = await mainLayer(root, source, file, context);
  const read = readerOf(source, context);
  const layers = main === null ? [packLayer(DEFAULT_PACK, null)] : await linearize(main, read);
  const policy = await mergeLayers(layers);
  let compiling: Promise<CompiledPolicy> | undefined;
  const compiled = () => {
    compiling ??= import('../policy/compile.ts').then(({ compilePolicy }) => compilePolicy(policy));
    return compiling;
  };
  // What somebody wrote is checked before anything runs; our own pack was when it was packed.
  if (main !== null) await compiled();
  return { policy, compiled, fromFile: main !== null };
}

/** The layers of the service's own policy as it stands in `tree`; none where there is no file. */
export async function serviceLayers(root: string, tree: TreeRef, context: Context): Promise<Layer[]> {
  const source = await openTree(tree, context.run, toolEnvironment(context.env));
  try {
    const main = await mainLayer(root, source, undefined, context);
    return main === null ? [] : await linearize(main, readerOf(source, context));
  } finally {
    await source.close();
  }
}

/** Merges layers by the rules of the engines that their options are for. Throws SP-POLICY-LOOSENED. */
export async function mergeLayers(layers: readonly Layer[]): Promise<Policy> {
  const policies = layers.map(policyOf);
  const keys = policies.flatMap(({ options }) => [...options.keys()]);
  const rules = await optionRules(new Set(keys.map(stageOf)));
  for (const policy of policies)
    for (const [key, chain] of policy.options) rules.refuseUnknown(key, chain[0]?.place);
  const [first, ...rest] = policies;
  if (first === undefined)
    throw new SallyportError({ code: 'SP-POLICY-INVALID', message: 'a policy needs a layer' });
  return rest.reduce((merged, next) => mergePolicies(merged, next, rules), first);
}

async function mainLayer(
  root: string,
  source: SourceTree,
  file: string | undefined,
  context: Context,
): Promise<Layer | null> {
  const at = source.ref.commit === undefined ? '' : `@${source.ref.commit}`;
  if (file === undefined) {
    const entry = source.entries.find((e) => e.path === POLICY_FILE);
    if (entry === undefined) return null;
    return await readLayer(POLICY_FILE, POLICY_FILE + at, await readText(source, POLICY_FILE));
  }
  const path = resolve(context.cwd, file);
  const inside = below(resolve(root), path);
  if (inside !== null) return await layerIn(source, inside, at);
  const whole = source.ref.commit === undefined ? null : await repositoryTree(source.ref, path, context);
  if (whole !== null) {
    try {
      return await layerIn(whole.tree, whole.inside, at);
    } finally {
      await whole.tree.close();
    }
  }
  const content = await context.files.read(path, MAX_POLICY_BYTES);
  return await readLayer(file, file, content.toString('utf8'));
}

async function layerIn(source: SourceTree, inside: string, at: string): Promise<Layer> {
  if (!source.entries.some((e) => e.path === inside)) {
    throw new SallyportError({
      code: 'SP-POLICY-MISSING',
      message: 'the policy file is not there',
      place: { path: inside + at },
      expected:
        at === ''
          ? 'a file in the repository'
          : 'a file at the base revision: a policy inside the repository is read there',
      next: 'merge the policy first, or name a file outside the repository',
    });
  }
  return await readLayer(inside, inside + at, await readText(source, inside));
}

/**
 * The whole repository at the base, and the policy's path in it, where it lies beside the folder that is looked at.
 * Links of the working tree are not followed inside the repository: the change could turn them elsewhere.
 */
async function repositoryTree(
  ref: TreeRef,
  path: string,
  context: Context,
): Promise<{ tree: SourceTree; inside: string } | null> {
  const tools = toolEnvironment(context.env);
  const repository = await findRepository(ref.root, context.run, tools);
  if (repository === null) return null;
  const up = await repository.git.text(['rev-parse', '--show-cdup']);
  const top = await repository.git.text(['rev-parse', '--show-toplevel']);
  const inside =
    below(resolve(ref.root, up), path) ??
    below(top, path) ??
    (existsSync(path) ? below(top, realpathSync(path)) : null);
  if (inside === null) return null;
  return { tree: await openTree({ root: top, commit: ref.commit }, context.run, tools), inside };
}

/** The path relative to a folder, `/` between its parts; null where it is not below it. */
function below(folder: string, path: string): string | null {
  const inside = relative(folder, path);
  const outside = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return outside ? null : inside.split(sep).join('/');
}

async function readText(source: SourceTree, path: string): Promise<string> {
  return (await source.read(path, MAX_POLICY_BYTES)).toString('utf8');
}

function readerOf(source: SourceTree, context: Context): Reader {
  return async (reference, place) => {
    const fetched = await fetchPack(reference, context);
    if (fetched !== null) return fetched;
    const path = reference.replace(/^\.\//u, '');
    if (!source.entries.some((entry) => entry.path === path)) {
      throw new SallyportError({
        code: 'SP-POLICY-MISSING',
        message: 'a pack is not there',
        place,
        expected: `${path} in the same tree as the policy`,
      });
    }
    return { uri: path, text: await readText(source, path) };
  };
}

function stageOf(key: `${Stage}/${string}`): Stage {
  return key.slice(0, key.indexOf('/')) as Stage;
}

/**
 * Options belong to engines, and those of the stages that a policy has options for say how they may change; one that no
 * engine of the stage knows would do nothing and is refused.
 */
async function optionRules(
  stages: ReadonlySet<Stage>,
): Promise<OptionRules & { refuseUnknown(key: string, place: Place | undefined): void }> {
  const known = new Map<string, Parameters<typeof tightens>[0]>();
  for (const stage of stages) {
    for (const engine of [...(await embeddedEngines(stage)), ...(await processEngines(stage))]) {
      for (const [name, direction] of Object.entries(engine.directions))
        known.set(`${stage}/${name}`, direction);
    }
  }
  return {
    tightens: (key, before, after) => {
      const direction = known.get(key);
      return direction !== undefined && tightens(direction, before, after);
    },
    opensStrictly: (key) => {
      const direction = known.get(key);
      return direction !== undefined && opensStrictly(direction);
    },
    refuseUnknown: (key, place) => {
      if (known.has(key)) return;
      const [stage, name] = key.split('/');
      const names = [...known.keys()]
        .filter((k) => k.startsWith(`${stage}/`))
        .map((k) => k.slice(k.indexOf('/') + 1));
      throw new SallyportError({
        code: 'SP-POLICY-INVALID',
        message: `no engine of stage ${stage} knows the option ${name}`,
        place,
        expected: names.length === 0 ? 'no options' : names.join(', '),
      });
    },
  };
}
