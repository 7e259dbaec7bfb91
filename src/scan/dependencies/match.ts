import { commitOf } from '../../advisories/commits.ts';
import type { AdvisoryDatabase, EcosystemInfo } from '../../advisories/database.ts';
import { type AdvisoryMatch, matchAll, type Question } from '../../advisories/match.ts';
import { baseEcosystem, packageNameOf } from '../../advisories/package-key.ts';
import { rate } from '../../advisories/severity.ts';
import { NO_SIGNALS, type Signals } from '../../advisories/signals.ts';
import type { Bom, Component } from '../../model/component.ts';
import type { Problem } from '../../model/error.ts';
import type { Advisory } from '../../model/finding.ts';
import type { Place } from '../../model/location.ts';
import { ascending } from '../../model/order.ts';
import type { EngineInfo } from '../../model/report.ts';
import { Ways } from '../../model/ways.ts';
import { Reverse } from '../../sbom/paths.ts';
import { packageOfPurl, parseLenientPurl } from '../../versions/purl.ts';
import type { Hit } from '../engine.ts';
import { dependenciesOf } from './lockfiles.ts';
import { type AskedFor, remedy } from './remedy.ts';

/** What a bill of materials has of what the database knows. */
export interface Matched {
  hits: Hit[];
  problems: Problem[];
  /** How many components the database could be asked about. */
  asked: number;
  data: EngineInfo['data'];
}

export interface MatchOptions {
  /** Digests of the databases that the policy accepts; undefined: every one. */
  accepted?: readonly string[] | undefined;
  /** Read only where something was found. */
  signals(): Promise<Signals>;
  askedFor?: AskedFor;
}

interface Known {
  bom: Bom;
  ways: Ways;
  above: Reverse;
  signals: Signals;
  askedFor: AskedFor;
}

interface Asked {
  component: Component;
  question: Question;
}

/**
 * Looks every component up. An ecosystem of which the database has no index is a problem, and so is an index that is not
 * among the accepted ones: then nothing is known of those components. Components without a registry that OSV knows
 * (a service of the repository, an image) are not asked about. Throws SP-ADVISORIES-DAMAGED.
 */
export async function matchBom(
  bom: Bom,
  database: AdvisoryDatabase,
  { accepted, signals, askedFor = () => [] }: MatchOptions,
): Promise<Matched> {
  const asked = dependenciesOf(bom).flatMap((component): Asked[] => {
    const named = nameOf(component);
    return named === undefined
      ? []
      : [
          {
            component,
            question: { package: named, version: component.version, commit: commitOf(component.purl) },
          },
        ];
  });
  const used = [...new Set(asked.map(({ question }) => baseEcosystem(question.package.ecosystem)))].sort();
  const infos = used.map((name) => ({ name, info: database.info(name) }));
  const problems = [
    ...missing(infos.filter(({ info }) => info === null).map(({ name }) => name)),
    ...refused(
      infos.flatMap(({ info }) => info ?? []),
      accepted,
      database,
    ),
  ];
  const outcomes = matchAll(
    database,
    asked.map(({ question }) => question),
  );
  const found = asked.flatMap(({ component }, index) => {
    const matches = outcomes[index]?.matches ?? [];
    return matches.length === 0 ? [] : [{ component, matches }];
  });
  const known = found.length === 0 ? NO_SIGNALS : await signals();
  const graph = { ways: new Ways(bom), above: new Reverse(bom) };
  const hits = found.flatMap(({ component, matches }) =>
    hitsOf(component, matches, { bom, ...graph, signals: known, askedFor }),
  );
  return { hits, problems, asked: asked.length, data: dataOf(infos.flatMap(({ info }) => info ?? [])) };
}

function nameOf({ purl }: Component): Question['package'] | undefined {
  if (purl === undefined) return undefined;
  try {
    return packageNameOf(parseLenientPurl(purl));
  } catch {
    // A purl that cannot be read names no package of a registry; reading it was the reader's to refuse.
    return undefined;
  }
}

function missing(ecosystems: readonly string[]): Problem[] {
  if (ecosystems.length === 0) return [];
  return [
    {
      code: 'SP-ADVISORIES-ECOSYSTEM',
      message: `the advisory database knows nothing of ${ecosystems.join(', ')}`,
      expected: 'an index of every ecosystem that the repository uses',
      found: `none of ${ecosystems.join(', ')}`,
      next: `sallyport advisories update ${ecosystems.map((name) => `--ecosystem ${name.includes(' ') ? `"${name}"` : name}`).join(' ')}`,
    },
  ];
}

function refused(
  infos: readonly EcosystemInfo[],
  accepted: readonly string[] | undefined,
  database: AdvisoryDatabase,
): Problem[] {
  if (accepted === undefined || infos.length === 0) return [];
  const others = infos.filter(({ digest }) => !accepted.includes(digest));
  if (others.length === 0 || accepted.includes(database.all().digest)) return [];
  return [
    {
      code: 'SP-ADVISORIES-DIGEST',
      message: 'the advisory database is not one that the policy accepts',
      expected: accepted.map((digest) => `sha256:${digest}`).join(' or '),
      found: others.map(({ ecosystem, digest }) => `${ecosystem} sha256:${digest}`).join(', '),
      next: 'use the accepted database, or have the policy’s owner accept this one (indexDigests)',
    },
  ];
}

/** As old as the oldest index that was asked. */
function dataOf(infos: readonly EcosystemInfo[]): Matched['data'] {
  const oldest = infos.map(({ asOf }) => asOf).sort(ascending)[0];
  if (oldest === undefined) return undefined;
  const source = infos.map(({ ecosystem, digest }) => `${ecosystem} sha256:${digest}`).join(', ');
  return { source, updated: oldest };
}

function hitsOf(
  component: Component,
  matches: readonly AdvisoryMatch[],
  { bom, ways, above, signals, askedFor }: Known,
): Hit[] {
  const way = ways.text(component.ref);
  const purl = component.purl ?? component.ref;
  const name = packageOfPurl(parseLenientPurl(purl));
  const hit = (place: Place[], one: Omit<Hit, 'places' | 'component'>): Hit => ({
    ...one,
    places: place,
    component: purl,
  });
  const files = byFile(component.places);
  const named = matches.filter(({ state }) => state === 'affected');
  if (component.version === undefined && named.length === 0) {
    const message = `${component.name}: ${matches.length} advisories exist and its version is not known${way}`;
    const context = `${name} no version`;
    return files.map((places) => hit(places, { rule: 'vulnerability-undecided', message, context }));
  }
  const release = component.version ?? `at ${commitOf(component.purl)?.slice(0, 12)}`;
  return matches.flatMap((match) => {
    const advisory = advisoryOf(match, signals);
    const rated = rate(match.severity, match.rating);
    const malicious = match.id.startsWith('MAL-');
    const rule =
      match.state === 'unknown'
        ? 'vulnerability-undecided'
        : malicious
          ? 'malicious-package'
          : 'vulnerable-dependency';
    const said = {
      rule,
      message: `${component.name} ${release}: ${match.id}${match.summary === '' ? '' : `, ${match.summary}`}${
        match.state === 'unknown'
          ? ` (${match.reason ?? 'it cannot be told whether this version is affected'})`
          : ''
      }${way}`,
      severity: malicious ? ('critical' as const) : rated.severity,
      score: rated.score,
      advisory,
      context: `${name} ${match.id}`,
      tags: [component.scope, ...(advisory.exploited === true ? ['exploited'] : [])],
      ...remedy(component, match, { ways, bom, parents: above.above(component.ref), askedFor }),
    };
    return files.map((places) => hit(places, said));
  });
}

/** A component that two lockfiles have is two things to mend. */
function byFile(places: readonly Place[]): Place[][] {
  const files = new Map<string, Place[]>();
  for (const place of places) files.set(place.path, [...(files.get(place.path) ?? []), place]);
  return files.size === 0 ? [[]] : [...files.values()];
}

function advisoryOf(match: AdvisoryMatch, { epss, kev }: Signals): Advisory {
  const names = [match.id, ...match.aliases];
  const scores = epss === null ? [] : names.flatMap((name) => epss.get(name) ?? []);
  return {
    id: match.id,
    aliases: match.aliases,
    fixed: match.fixed,
    vectors: match.severity.map(({ score }) => score),
    // A CVE that the list does not have yet is not one of which nothing is feared.
    epss: scores.length === 0 ? null : Math.max(...scores),
    exploited: kev === null ? null : names.some((name) => kev.has(name)),
  };
}
