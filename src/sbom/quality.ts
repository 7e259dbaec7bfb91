import type { Bom, Component } from '../model/component.ts';
import { isObject, objectsOf, stringsOf, textOf } from '../model/json/values.ts';
import { parsePurl } from '../versions/purl.ts';

export type Standard = 'NTIA' | 'BSI TR-03183-2';

/** One demand of a standard: how many things it is asked of, and how many have it. */
export interface Demand {
  standard: Standard;
  name: string;
  asked: number;
  met: number;
  /** Refs that lack it, at most a few. */
  missing: string[];
}

export interface Quality {
  demands: Demand[];
  /** 0 to 100: the mean of all demands. */
  score: number;
}

const SHOWN = 20;

/**
 * NTIA's minimum elements (The Minimum Elements For a Software Bill of Materials, 2021) and the required fields of
 * BSI TR-03183-2, version 2. `created` is when the document says that it was made.
 */
export function judgeQuality(bom: Bom, created: string | undefined): Quality {
  const metadata = isObject(bom.rest) && isObject(bom.rest.metadata) ? bom.rest.metadata : {};
  const all = bom.components;
  const roots = new Set(bom.roots);
  const parts = all.filter((one) => !roots.has(one.ref));
  const graph = new Set([...Object.keys(bom.edges), ...Object.values(bom.edges).flat()]);
  const composed = new Set(objectsOf(bom.rest?.compositions).flatMap((one) => stringsOf(one.dependencies)));
  const author = hasAuthor(metadata);
  const dated = created !== undefined && !Number.isNaN(Date.parse(created));
  const each = (
    standard: Standard,
    name: string,
    list: readonly Component[],
    has: (one: Component) => boolean,
  ): Demand => {
    const missing = list.filter((one) => !has(one));
    return {
      standard,
      name,
      asked: list.length,
      met: list.length - missing.length,
      missing: missing.slice(0, SHOWN).map((one) => one.ref),
    };
  };
  const once = (standard: Standard, name: string, met: boolean): Demand => ({
    standard,
    name,
    asked: 1,
    met: met ? 1 : 0,
    missing: met ? [] : ['the document'],
  });
  const demands: Demand[] = [
    once('NTIA', 'author of the data', author),
    once('NTIA', 'timestamp', dated),
    each('NTIA', 'supplier name', all, hasSupplier),
    each('NTIA', 'component name', all, (one) => one.name !== ''),
    each('NTIA', 'version', all, (one) => one.version !== undefined),
    each('NTIA', 'unique identifier', all, (one) => isPurl(one.purl) || textOf(one.rest?.cpe) !== undefined),
    each('NTIA', 'dependency relationship', all, (one) => graph.has(one.ref)),
    once('BSI TR-03183-2', 'creator of the SBOM, with an address', authorHasAddress(metadata)),
    once('BSI TR-03183-2', 'timestamp', dated),
    each('BSI TR-03183-2', 'component creator, with an address', parts, creatorHasAddress),
    each('BSI TR-03183-2', 'component name', all, (one) => one.name !== ''),
    each('BSI TR-03183-2', 'component version', all, (one) => one.version !== undefined),
    each('BSI TR-03183-2', 'filename', parts, (one) => hasProperty(one, 'bsi:component:filename')),
    each(
      'BSI TR-03183-2',
      'dependencies, and whether they are complete',
      all,
      (one) => Object.hasOwn(bom.edges, one.ref) || composed.has(one.ref),
    ),
    each('BSI TR-03183-2', 'distribution licences', parts, (one) => one.licenses.length > 0),
    each('BSI TR-03183-2', 'SHA-512 of the deployable component', parts, (one) =>
      one.hashes.some((hash) => hash.algorithm === 'SHA-512'),
    ),
    each('BSI TR-03183-2', 'executable, archive and structured properties', parts, (one) =>
      ['executable', 'archive', 'structured'].every((name) => hasProperty(one, `bsi:component:${name}`)),
    ),
  ];
  const shares = demands.filter((one) => one.asked > 0).map((one) => one.met / one.asked);
  const mean = shares.length === 0 ? 0 : shares.reduce((sum, one) => sum + one, 0) / shares.length;
  return { demands, score: Math.floor(mean * 100) };
}

function hasAuthor(metadata: Record<string, unknown>): boolean {
  return (
    objectsOf(metadata.authors).some((one) => textOf(one.name) !== undefined) ||
    [metadata.manufacturer, metadata.manufacture, metadata.supplier].some(
      (one) => isObject(one) && textOf(one.name) !== undefined,
    )
  );
}

function authorHasAddress(metadata: Record<string, unknown>): boolean {
  return (
    objectsOf(metadata.authors).some((one) => textOf(one.email) !== undefined) ||
    [metadata.manufacturer, metadata.manufacture, metadata.supplier].some(entityHasAddress)
  );
}

function entityHasAddress(entity: unknown): boolean {
  if (!isObject(entity)) return false;
  return (
    stringsOf(entity.url).length > 0 ||
    objectsOf(entity.contact).some((one) => textOf(one.email) !== undefined)
  );
}

function hasSupplier(one: Component): boolean {
  const { supplier, manufacturer, publisher, author } = one.rest ?? {};
  return (
    [supplier, manufacturer].some((entity) => isObject(entity) && textOf(entity.name) !== undefined) ||
    textOf(publisher) !== undefined ||
    textOf(author) !== undefined
  );
}

function creatorHasAddress(one: Component): boolean {
  return [one.rest?.manufacturer, one.rest?.supplier].some(entityHasAddress);
}

function hasProperty(one: Component, name: string): boolean {
  return objectsOf(one.rest?.properties).some((property) => property.name === name);
}

function isPurl(text: string | undefined): boolean {
  if (text === undefined) return false;
  try {
    parsePurl(text);
    return true;
  } catch {
    return false;
  }
}
