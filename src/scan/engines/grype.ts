import { join } from 'node:path';
import { z } from 'zod';
import type { Place } from '../../model/location.ts';
import { isManifest } from '../../sbom/lockfiles/manifests.ts';
import { isInstalled } from '../../sbom/lockfiles/paths.ts';
import type { NamedVulnerability } from '../dependencies/named-vulnerability.ts';
import { parseReport } from '../engine-report.ts';
import type { ProcessEngine } from '../process-engine.ts';

/** The lockfiles that its cataloguers read in a folder (https://oss.anchore.com/docs/capabilities/). */
const READS =
  /(?:^|\/)(?:package-lock\.json|yarn\.lock|pnpm-lock\.yaml|Pipfile\.lock|poetry\.lock|uv\.lock|pdm\.lock|[^/]*requirements[^/]*\.txt|Gemfile\.lock|composer\.lock|pom\.xml|gradle\.lockfile[^/]*|go\.mod|go\.sum|Cargo\.lock|packages\.lock\.json|mix\.lock|pubspec\.lock|Podfile\.lock|Package\.resolved|\.github\/workflows\/[^/]+\.ya?ml|action\.ya?ml)$/u;

const known = z.object({ id: z.string().min(1), severity: z.string().nullish() });
const cvss = z.array(z.object({ version: z.string(), vector: z.string() })).nullish();
const match = z.object({
  vulnerability: known.extend({
    description: z.string().nullish(),
    cvss,
    fix: z.object({ versions: z.array(z.string()).nullish() }).nullish(),
    knownExploited: z.array(z.unknown()).nullish(),
    epss: z.array(z.object({ epss: z.number().min(0).max(1) })).nullish(),
  }),
  relatedVulnerabilities: z.array(known.extend({ cvss, description: z.string().nullish() })).nullish(),
  artifact: z.object({
    name: z.string(),
    version: z.string(),
    purl: z.string(),
    locations: z.array(z.object({ path: z.string() })).nullish(),
  }),
});
const report = z.object({
  matches: z.array(match),
  descriptor: z.object({
    name: z.literal('grype'),
    // 0.88 and later say it in `status`, earlier ones beside it.
    db: z.union([
      z.object({ status: z.object({ built: z.iso.datetime({ offset: true }) }) }),
      z.object({ built: z.iso.datetime({ offset: true }) }),
    ]),
  }),
});

/**
 * grype, https://github.com/anchore/grype: over lockfiles and its own database in the user's cache, which it refuses
 * itself once that is older than five days. Its settings (`.grype.yaml`) do not come along: they are inputs of the change.
 */
export const grype: ProcessEngine = {
  name: 'grype',
  stage: 'dependencies',
  summary: 'Vulnerabilities of what lockfiles lock, from grype’s own database',
  publisher: 'anchore',
  homepage: 'https://github.com/anchore/grype',
  binary: 'grype',
  versionArgs: ['version'],
  goModule: 'github.com/anchore/grype',
  env: {
    GRYPE_DB_AUTO_UPDATE: 'false',
    GRYPE_CHECK_FOR_APP_UPDATE: 'false',
    GRYPE_DB_VALIDATE_AGE: 'true',
  },
  directions: {},
  wants: (path) => !isInstalled(path) && (READS.test(path) || isManifest(path)),
  prepare: async ({ home, scratch }) => {
    const output = join(scratch, 'grype.json');
    return {
      args: ['dir:.', '--output', 'json', '--file', output, '--quiet'],
      output,
      env: { GRYPE_DB_CACHE_DIR: join(home, '.cache', 'grype', 'db') },
    };
  },
  // 2 is for a threshold, which is not given.
  judgeExit: ({ code }) => (code === 0 ? { report: true } : { report: false, why: `exit ${code}` }),
  read: (bytes) => {
    const told = parseReport(report, bytes, 'grype', 'with the age of its database');
    const { matches, descriptor } = told;
    const updated = 'status' in descriptor.db ? descriptor.db.status.built : descriptor.db.built;
    return {
      vulnerabilities: matches.flatMap((one) => placesOf(one).map((place) => vulnerabilityAt(one, place))),
      data: { source: 'grype-db', updated },
    };
  },
};

type Match = z.output<typeof match>;

/** A package that two lockfiles have is two things to mend. */
function placesOf({ artifact: { locations } }: Match): (Place | undefined)[] {
  const paths = new Set((locations ?? []).map(({ path }) => path.replace(/^(?:\.?\/)+/u, '')));
  return paths.size === 0 ? [undefined] : [...paths].map((path) => ({ path }));
}

function vulnerabilityAt(
  { vulnerability, relatedVulnerabilities, artifact }: Match,
  place: Place | undefined,
): NamedVulnerability {
  const related = relatedVulnerabilities ?? [];
  const vectors = [vulnerability, ...related].flatMap((one) => one.cvss ?? []);
  const scores = (vulnerability.epss ?? []).map(({ epss }) => epss);
  return {
    place,
    name: artifact.name,
    version: artifact.version,
    purl: artifact.purl === '' ? undefined : artifact.purl,
    ids: [vulnerability.id, ...related.map(({ id }) => id)],
    vectors: vectors.map(({ version, vector }) => ({ type: `CVSS_V${version.slice(0, 1)}`, score: vector })),
    rating: vulnerability.severity ?? null,
    summary: (vulnerability.description ?? related[0]?.description ?? '').split('\n', 1)[0] ?? '',
    fixed: vulnerability.fix?.versions ?? [],
    epss: scores.length === 0 ? null : Math.max(...scores),
    exploited: (vulnerability.knownExploited ?? []).length > 0,
  };
}
