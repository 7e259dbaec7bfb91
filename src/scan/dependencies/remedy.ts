import type { AdvisoryMatch } from '../../advisories/match.ts';
import type { Bom, Component } from '../../model/component.ts';
import type { Ways } from '../../model/ways.ts';
import { parseLenientPurl } from '../../versions/purl.ts';
import { contains } from '../../versions/range.ts';
import { schemeOfPurlType } from '../../versions/registry.ts';

/** The ranges that one component asks of another; empty where the lockfile does not keep them. */
export type AskedFor = (from: string, to: string) => readonly string[];

interface Surroundings {
  ways: Ways;
  bom: Bom;
  /** Refs of those that need the component. */
  parents: readonly string[];
  askedFor: AskedFor;
}

/**
 * What to do about a vulnerable component: the version that fixes it, and whether the service's own dependency, by which
 * it came, has to be moved for that. Which versions the lockfile allows is told where it keeps them; what another
 * version of the direct dependency would bring, no lockfile tells.
 */
export function remedy(
  component: Component,
  match: AdvisoryMatch,
  { ways, bom, parents, askedFor }: Surroundings,
): { help?: string } {
  if (match.id.startsWith('MAL-') || match.state === 'unknown') return {};
  const { fixed } = match;
  const { name } = component;
  const [, direct, ...below] = ways.shortest(component.ref);
  const through = direct !== undefined && below.length > 0 ? shortName(bom, direct) : null;
  if (fixed === null) {
    const whose = through === null ? '' : `, or ${through}, which brings it`;
    return {
      help: `No version fixes it yet: replace ${name}${whose}, or say by VEX why it cannot be reached.`,
    };
  }
  if (through === null) return { help: `Update ${name} to ${fixed}.` };
  const asks = parents.map((parent) => ({ parent, ranges: askedFor(parent, component.ref) }));
  const narrow = asks.find(({ ranges }) => ranges.some((range) => allows(component, range, fixed) === false));
  if (narrow !== undefined) {
    const range = narrow.ranges.join(' and ');
    return {
      help: `Update ${through} to a version that brings ${name} ${fixed}: ${shortName(bom, narrow.parent)} asks for ${range}.`,
    };
  }
  const told = asks.every(
    ({ ranges }) => ranges.length > 0 && ranges.every((one) => allows(component, one, fixed)),
  );
  return told
    ? {
        help: `Update ${name} to ${fixed} in the lockfile: everything that needs it allows that, and ${through} can stay.`,
      }
    : { help: `Update ${name} to ${fixed}, or ${through}, which brings it, to a version that does.` };
}

/** Null where the range cannot be read. */
function allows({ purl }: Component, range: string, version: string): boolean | null {
  try {
    const scheme = schemeOfPurlType(parseLenientPurl(purl ?? '').type);
    const read = scheme?.parseNativeRange?.(range);
    return scheme === undefined || read === undefined ? null : contains(read, scheme.parse(version));
  } catch {
    // An alias, a tag, an address: what it allows cannot be told from here.
    return null;
  }
}

function shortName(bom: Bom, ref: string): string {
  const found = bom.components.find((one) => one.ref === ref);
  if (found === undefined) return ref;
  return found.version === undefined || bom.roots.includes(ref)
    ? found.name
    : `${found.name} ${found.version}`;
}
