import type { Bom, Component } from '../model/component.ts';
import { CHILDREN } from '../model/cyclonedx/schema.ts';
import type { Purl } from '../versions/purl.ts';
import { formatPurl } from '../versions/purl.ts';
import { mergeLocked } from './lockfiles/merge.ts';
import type { LockedTree } from './read-tree.ts';

export interface AssembleOptions {
  /** What the repository is called, where it holds several services. */
  name: string;
  version?: string | undefined;
  /** Who answers for the document: a person, a team or a company. */
  author?: string | undefined;
}

/** One document: the service, or the repository with its services as assemblies inside. */
export function assemble(tree: LockedTree, options: AssembleOptions): Bom {
  const { bom } = tree;
  const complete = tree.complete && tree.problems.length === 0 && !tree.skipped.some((one) => one.blocking);
  const [only, second] = bom.roots;
  if (only !== undefined && second === undefined) return finished(bom, complete, options);
  const purl: Purl = { type: 'generic', name: options.name, version: options.version };
  const top: Component = {
    ref: `${formatPurl(purl)}#.`,
    type: 'application',
    name: options.name,
    ...(options.version === undefined ? {} : { version: options.version }),
    purl: formatPurl(purl),
    licenses: [],
    hashes: [],
    scope: 'runtime',
    direct: false,
    places: [],
    ...(bom.roots.length === 0 ? {} : { rest: { [CHILDREN]: bom.roots } }),
  };
  return finished(
    { components: [top, ...bom.components], edges: { ...bom.edges, [top.ref]: bom.roots }, roots: [top.ref] },
    complete,
    options,
  );
}

/** One document for each service of the tree, with what its own files lock. */
export function split(tree: LockedTree, options: AssembleOptions): { root: Component; bom: Bom }[] {
  const complete = tree.complete && tree.problems.length === 0;
  return tree.bom.roots.flatMap((ref) => {
    const parts = tree.files.map((file) => file.locked).filter((locked) => locked.roots.includes(ref));
    const bom = mergeLocked(parts);
    const reached = below(bom, [ref]);
    const ofOthers = below(
      bom,
      bom.roots.filter((other) => other !== ref),
    );
    const components = bom.components.filter((one) => reached.has(one.ref) || !ofOthers.has(one.ref));
    const kept = new Set(components.map((one) => one.ref));
    const root = components.find((one) => one.ref === ref);
    if (root === undefined) return [];
    const edges = Object.fromEntries(Object.entries(bom.edges).filter(([from]) => kept.has(from)));
    return [{ root, bom: finished({ components, edges, roots: [ref] }, complete, options) }];
  });
}

/** Everything that can be reached from some refs, themselves included. */
function below(bom: Pick<Bom, 'edges'>, from: readonly string[]): Set<string> {
  const found = new Set(from);
  for (const ref of found)
    for (const target of Object.hasOwn(bom.edges, ref) ? (bom.edges[ref] ?? []) : []) found.add(target);
  return found;
}

/** Says how complete the graph is: whoever reads the document must not take a gap for a fact. */
function finished(bom: Bom, complete: boolean, { author }: AssembleOptions): Bom {
  const told = bom.components.filter((one) => Object.hasOwn(bom.edges, one.ref)).map((one) => one.ref);
  const unknown = bom.components.filter((one) => !Object.hasOwn(bom.edges, one.ref)).map((one) => one.ref);
  const compositions = [
    ...(complete ? [] : [{ aggregate: 'incomplete', assemblies: bom.roots }]),
    ...(told.length === 0 ? [] : [{ aggregate: 'complete', dependencies: told }]),
    ...(unknown.length === 0 ? [] : [{ aggregate: 'unknown', dependencies: unknown }]),
  ];
  const metadata = {
    lifecycles: [{ phase: 'pre-build' }],
    ...(author === undefined ? {} : { manufacturer: { name: author } }),
  };
  return { ...bom, rest: { metadata, compositions } };
}
