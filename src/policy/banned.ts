import type { Bom, Component } from '../model/component.ts';
import type { Violation } from '../model/decision.ts';
import { SallyportError } from '../model/error.ts';
import type { Finding, Rule } from '../model/finding.ts';
import { Fingerprinter } from '../model/fingerprint.ts';
import type { Place } from '../model/location.ts';
import type { ScanReport } from '../model/report.ts';
import { servicesOf, Ways } from '../model/ways.ts';
import { packageOfPurl, parseLenientPurl } from '../versions/purl.ts';
import { contains, type Range } from '../versions/range.ts';
import { schemeOfPurlType } from '../versions/registry.ts';
import { normaliseVers, rangeOfVers } from '../versions/vers.ts';
import type { BannedEntry } from './banned-schema.ts';
import type { Said } from './chain.ts';
import { type Condition, compileCondition } from './conditions.ts';
import { componentFacts, type Facts } from './facts.ts';
import type { Likeness } from './likeness/likeness.ts';

/** Who says that a component is banned. */
export const BANS = 'sallyport';

export const bannedRule = {
  id: 'banned-component',
  summary: 'A component that the policy bans',
  why: 'Somebody who answers for this policy decided that it must not be used.',
  help: 'Replace it, or ask the owner of the policy for a waiver with an end date.',
  severity: 'high',
  tags: ['dependencies'],
} as const satisfies Rule;

/** A ban that is ready to judge. */
export interface CompiledBan {
  entry: BannedEntry;
  layer: string;
  place: Place;
  /** `unknown`: the version cannot be read, so that nothing says that it is another one. */
  judge(component: Component, facts: Facts, gate: Facts): 'banned' | 'unknown' | 'free';
}

/** A finding and the ban behind it. */
export interface BannedFinding {
  finding: Finding;
  ban: CompiledBan;
}

/** Throws SP-POLICY-INVALID for a purl or range that cannot be read, SP-CONDITION-INVALID for a condition. */
export function compileBan({ value, layer, place }: Said<BannedEntry>): CompiledBan {
  if (value.condition !== undefined) {
    const condition: Condition = compileCondition('component', value.condition, place);
    return {
      entry: value,
      layer,
      place,
      judge: (_component, facts, gate) => (condition(facts, gate) ? 'banned' : 'free'),
    };
  }
  const { name, type } = readPackage(value, place);
  const range = readVersions(value, type, place);
  return {
    entry: value,
    layer,
    place,
    judge: (component) => {
      if (nameOf(component) !== name) return 'free';
      return range === null ? 'banned' : inRange(component, range);
    },
  };
}

function readPackage(entry: BannedEntry, place: Place): { name: string; type: string } {
  const text = entry.package ?? '';
  try {
    const purl = parseLenientPurl(text);
    if (purl.version !== undefined)
      throw invalid(place, text, 'a purl without a version: it goes into versions');
    return { name: packageOfPurl(purl), type: purl.type };
  } catch (thrown) {
    if (!(thrown instanceof SallyportError) || thrown.code === 'SP-POLICY-INVALID') throw thrown;
    throw invalid(place, text, `a purl such as pkg:npm/lodash: ${thrown.message}`);
  }
}

/** Null: every version. */
function readVersions(entry: BannedEntry, type: string, place: Place): Range | null {
  if (entry.versions === undefined) return null;
  try {
    const range = rangeOfVers(normaliseVers(entry.versions));
    if (range.scheme === schemeOfPurlType(type)) return range;
  } catch (thrown) {
    if (!(thrown instanceof SallyportError)) throw thrown;
    throw invalid(place, entry.versions, `a vers range such as vers:npm/<1.2.3: ${thrown.message}`);
  }
  throw invalid(place, entry.versions, `a vers range of the versions of pkg:${type}`);
}

function invalid(place: Place, found: string, expected: string): SallyportError {
  return new SallyportError({
    code: 'SP-POLICY-INVALID',
    message: 'an entry under banned cannot be used',
    place,
    expected,
    found: found.slice(0, 200),
  });
}

function nameOf({ purl }: Component): string | null {
  if (purl === undefined) return null;
  try {
    return packageOfPurl(parseLenientPurl(purl));
  } catch {
    // What has no readable purl is no package of a registry, which is what is banned by purl.
    return null;
  }
}

function inRange({ version }: Component, range: Range): 'banned' | 'unknown' | 'free' {
  if (version === undefined) return 'unknown';
  try {
    return contains(range, range.scheme.parse(version)) ? 'banned' : 'free';
  } catch {
    return 'unknown';
  }
}

/**
 * The banned components of a bill of materials, one finding for each ban and file that brings it. The services
 * themselves are not judged. Throws SP-CONDITION-FAILED.
 */
export function bannedIn(
  report: Pick<ScanReport, 'stage' | 'bom'>,
  bans: readonly CompiledBan[],
  gate: Facts,
  likeness: Likeness | null,
  now: Date,
): BannedFinding[] {
  const { bom, stage } = report;
  if (bom === undefined || bans.length === 0) return [];
  const ways = new Ways(bom);
  const services = servicesOf(bom);
  const fingerprints = new Fingerprinter();
  return bom.components
    .filter(({ ref }) => !services.has(ref))
    .flatMap((component) => {
      const facts = componentFacts(component, stage, ways.depth(component.ref), likeness, now);
      return bans.flatMap((ban) => {
        const judged = ban.judge(component, facts, gate);
        if (judged === 'free') return [];
        return placesOf(component).map((places): BannedFinding => {
          const finding = findingOf(component, places, ban, judged, ways, bom, stage, likeness);
          const context = `${ban.entry.id} ${nameOf(component) ?? component.name}`;
          const path = places[0]?.path ?? '';
          return {
            ban,
            finding: { ...finding, fingerprint: fingerprints.next({ rule: bannedRule.id, path, context }) },
          };
        });
      });
    });
}

function placesOf({ places }: Component): Place[][] {
  const files = new Map<string, Place[]>();
  for (const place of places) files.set(place.path, [...(files.get(place.path) ?? []), place]);
  return files.size === 0 ? [[]] : [...files.values()];
}

function findingOf(
  component: Component,
  places: Place[],
  { entry }: CompiledBan,
  judged: 'banned' | 'unknown',
  ways: Ways,
  bom: Bom,
  stage: ScanReport['stage'],
  likeness: Likeness | null,
): Finding {
  const name = component.version === undefined ? component.name : `${component.name} ${component.version}`;
  const said =
    judged === 'banned'
      ? `is banned (${entry.id}): ${entry.reason}`
      : `may be banned (${entry.id}), its version cannot be told: ${entry.reason}`;
  const help = [
    likenessOf(component, entry, likeness),
    entry.instead,
    throughWhom(component, ways, bom),
  ].filter((part) => part !== undefined);
  return {
    stage,
    engine: BANS,
    rule: bannedRule.id,
    severity: entry.action === 'fail' ? 'high' : 'medium',
    score: null,
    message: `${name}${ways.text(component.ref)} ${said}`,
    places,
    ...(help.length === 0 ? {} : { help: help.join(' ') }),
    fingerprint: '',
    suppressions: [],
    ...(component.purl === undefined ? {} : { component: component.purl }),
    tags: [component.scope],
  };
}

/** Which name it could be taken for, where the ban is about that. */
function likenessOf(
  component: Component,
  { condition }: BannedEntry,
  likeness: Likeness | null,
): string | undefined {
  if (condition?.includes('resembles') !== true) return undefined;
  const name = likeness?.of(component);
  return name == null ? undefined : `Its name could be taken for ${name}.`;
}

/** Which of the service's own dependencies brings it, where it is not one itself. */
function throughWhom(component: Component, ways: Ways, bom: Bom): string | undefined {
  const [, direct, ...below] = ways.shortest(component.ref);
  if (direct === undefined || below.length === 0) return undefined;
  const by = bom.components.find(({ ref }) => ref === direct);
  return by === undefined ? undefined : `It comes with ${by.name} ${by.version ?? ''}`.trimEnd().concat('.');
}

/** What a ban does to a finding of it: what was there before the change is milder by default. */
export function violationOf({ entry, place, layer }: CompiledBan, introduced: boolean | null): Violation {
  return {
    rule: entry.id,
    action: introduced === false ? entry.existing : entry.action,
    message: entry.reason,
    controls: [],
    place,
    layer,
  };
}
