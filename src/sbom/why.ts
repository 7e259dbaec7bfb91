import type { Bom, Component } from '../model/component.ts';
import { parseLenientPurl } from '../versions/purl.ts';
import { packageName } from './diff.ts';
import { PATH_LIMITS, type Paths, Reverse } from './paths.ts';

/** Why a component is there. */
export interface Why extends Paths {
  component: Component;
  /** A shortest of the ways; empty where no root reaches it. */
  shortest: string[];
}

/** Components that a text names: a ref, a purl with or without a version, or a name. */
export function componentsNamed(bom: Bom, text: string): Component[] {
  const exact = bom.components.filter((one) => one.ref === text || one.purl === text);
  if (exact.length > 0) return exact;
  let name: string | undefined;
  let version: string | undefined;
  if (text.startsWith('pkg:')) {
    const purl = parseLenientPurl(text);
    version = purl.version;
    name = packageName({ ...EMPTY, purl: text });
  }
  return bom.components.filter((one) =>
    name === undefined
      ? one.name === text ||
        (one.group !== undefined &&
          (`${one.group}/${one.name}` === text || `${one.group}:${one.name}` === text))
      : packageName(one) === name && (version === undefined || one.version === version),
  );
}

const EMPTY: Component = {
  ref: '',
  type: 'library',
  name: '',
  licenses: [],
  hashes: [],
  scope: 'unknown',
  direct: null,
  places: [],
};

/** All ways from the roots to each of them, bounded. */
export function whyThere(bom: Bom, components: readonly Component[], paths: number): Why[] {
  const reverse = new Reverse(bom);
  return components.map((component) => ({
    component,
    shortest: reverse.shortest(component.ref) ?? [],
    ...reverse.all(component.ref, { ...PATH_LIMITS, paths }),
  }));
}
