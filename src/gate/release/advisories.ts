import { homedir } from 'node:os';
import { join } from 'node:path';
import { AdvisoryDatabase } from '../../advisories/database.ts';
import { type AdvisoryMatch, matchAll } from '../../advisories/match.ts';
import { packageNameOf } from '../../advisories/package-key.ts';
import type { Bom, Component } from '../../model/component.ts';
import type { Finding } from '../../model/finding.ts';
import { Fingerprinter } from '../../model/fingerprint.ts';
import { type ScanReport, stateOf } from '../../model/report.ts';
import { type Severity, severities } from '../../model/severity.ts';
import { VERSION } from '../../model/version.ts';
import type { Context } from '../../platform/context.ts';
import { parseLenientPurl } from '../../versions/purl.ts';

const ENGINE = 'sallyport-advisories';

/**
 * Holds the components of a bill of materials against the advisories that are known today: the gate does so itself,
 * whatever the stages said (trust-model rule 1). A component of which nothing can be known is a problem where there is
 * an index at all; null where there is none.
 */
export async function matchAdvisories(
  boms: readonly Bom[],
  folder: string | undefined,
  context: Context,
): Promise<ScanReport | null> {
  const database = new AdvisoryDatabase(folder ?? defaultFolder(context));
  try {
    const { ecosystems, digest } = await database.all();
    if (ecosystems.length === 0) return null;
    const startedAt = context.clock.now().toISOString();
    const components = boms.flatMap((bom) => bom.components);
    const asked = components.flatMap((component) => {
      const name = component.purl === undefined ? undefined : packageNameOf(parseLenientPurl(component.purl));
      return name === undefined
        ? []
        : [{ component, question: { package: name, version: component.version } }];
    });
    const outcomes = await matchAll(
      database,
      asked.map(({ question }) => question),
    );
    const fingerprints = new Fingerprinter();
    const findings = outcomes.flatMap(({ matches }, index) => {
      const component = asked[index]?.component;
      return component === undefined ? [] : matches.map((match) => findingOf(match, component, fingerprints));
    });
    const unknown = [
      ...new Set(outcomes.filter(({ known }) => !known).map(({ question }) => question.package.ecosystem)),
    ];
    const report: ScanReport = {
      stage: 'dependencies',
      state: 'clean',
      engine: {
        name: ENGINE,
        version: VERSION,
        publisher: 'sallyport',
        how: 'in-process',
        digest,
        data: { source: 'OSV', updated: ecosystems.map(({ newest }) => newest).sort()[0] ?? '' },
      },
      looked: {
        files: components.length,
        bytes: null,
        commits: null,
        rules: ecosystems.reduce((sum, one) => sum + one.advisories, 0),
        skipped: unknown.map((ecosystem) => ({
          path: ecosystem,
          reason: 'there is no index of its advisories',
          blocking: true,
        })),
        complete: unknown.length === 0,
      },
      startedAt,
      finishedAt: context.clock.now().toISOString(),
      rules: [],
      findings,
      problems: [],
    };
    return { ...report, state: stateOf(report) };
  } finally {
    await database.close();
  }
}

function defaultFolder({ env }: Context): string {
  const cache = env.XDG_CACHE_HOME;
  const base = cache?.startsWith('/') === true ? cache : join(env.HOME ?? homedir(), '.cache');
  return join(base, 'sallyport', 'advisories');
}

function findingOf(match: AdvisoryMatch, component: Component, fingerprints: Fingerprinter): Finding {
  const purl = component.purl ?? component.ref;
  return {
    stage: 'dependencies',
    engine: ENGINE,
    rule: match.id,
    severity: severityOf(match),
    score: null,
    message: `${purl}: ${match.summary || match.id}${match.state === 'unknown' ? ` (${match.reason ?? 'it cannot be told whether this version is affected'})` : ''}`,
    places: component.places,
    help: match.fixed === null ? undefined : `update to ${match.fixed}`,
    fingerprint: fingerprints.next({ rule: match.id, path: purl, context: purl }),
    component: purl,
    suppressions: [],
    tags: match.aliases.slice(0, 20),
  };
}

/** Malicious packages are as bad as can be; one that nobody has rated counts as high until somebody has. */
function severityOf({ id, rating }: AdvisoryMatch): Severity {
  if (id.startsWith('MAL-')) return 'critical';
  const word = rating?.toLowerCase() === 'moderate' ? 'medium' : rating?.toLowerCase();
  return severities.find((severity) => severity === word) ?? 'high';
}
