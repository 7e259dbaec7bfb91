import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';
import { parseJson } from '../../model/json/parse.ts';
import { isManifest } from '../../sbom/lockfiles/manifests.ts';
import { isInstalled } from '../../sbom/lockfiles/paths.ts';
import type { NamedVulnerability } from '../dependencies/named-vulnerability.ts';
import { parseReport } from '../engine-report.ts';
import type { ProcessEngine } from '../process-engine.ts';

/** The lockfiles that it reads (https://trivy.dev/docs/coverage/language/); what lies beside them comes along. */
const READS =
  /(?:^|\/)(?:package-lock\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|Pipfile\.lock|poetry\.lock|uv\.lock|requirements\.txt|Gemfile\.lock|composer\.lock|pom\.xml|[^/]*gradle\.lockfile|go\.mod|Cargo\.lock|packages\.lock\.json|mix\.lock|pubspec\.lock|conan\.lock|Podfile\.lock|Package\.resolved)$/u;
const BESIDE = /(?:^|\/)go\.sum$/u;

const vulnerability = z.object({
  VulnerabilityID: z.string().min(1),
  VendorIDs: z.array(z.string()).nullish(),
  PkgName: z.string(),
  PkgIdentifier: z.object({ PURL: z.string().nullish() }).nullish(),
  InstalledVersion: z.string(),
  FixedVersion: z.string().nullish(),
  Title: z.string().nullish(),
  Severity: z.string().nullish(),
  CVSS: z
    .record(
      z.string(),
      z.object({ V2Vector: z.string(), V3Vector: z.string(), V40Vector: z.string() }).partial(),
    )
    .nullish(),
});
const report = z.object({
  SchemaVersion: z.literal(2),
  ArtifactType: z.literal('filesystem'),
  Results: z
    .array(z.object({ Target: z.string(), Vulnerabilities: z.array(vulnerability).nullish() }))
    .nullish(),
});

/**
 * trivy, https://trivy.dev: `trivy filesystem` over lockfiles, offline, over the database in the user's cache. Its own
 * settings (`trivy.yaml`, `.trivyignore`) do not come along: they are inputs of the change.
 */
export const trivy: ProcessEngine = {
  name: 'trivy',
  stage: 'dependencies',
  summary: 'Vulnerabilities of what lockfiles lock, from trivy’s own database',
  publisher: 'aquasecurity',
  homepage: 'https://trivy.dev',
  binary: 'trivy',
  versionArgs: ['--version'],
  goModule: 'github.com/aquasecurity/trivy',
  env: { TRIVY_SKIP_VERSION_CHECK: 'true', TRIVY_DISABLE_TELEMETRY: 'true' },
  directions: {},
  wants: (path) => !isInstalled(path) && (READS.test(path) || BESIDE.test(path) || isManifest(path)),
  prepare: async ({ home, scratch }) => {
    const cache = join(home, '.cache', 'trivy');
    const updated = await updatedAt(join(cache, 'db'));
    const output = join(scratch, 'trivy.json');
    return {
      args: [
        'filesystem',
        '--scanners',
        'vuln',
        '--pkg-types',
        'library',
        '--include-dev-deps',
        '--list-all-pkgs',
        '--offline-scan',
        '--skip-db-update',
        '--skip-java-db-update',
        '--cache-dir',
        cache,
        '--cache-backend',
        'memory',
        '--format',
        'json',
        '--exit-code',
        '0',
        '--no-progress',
        '--output',
        output,
        '.',
      ],
      output,
      data: { source: 'trivy-db', updated },
    };
  },
  // Findings exit with 0 as well; everything else is a failure of its own.
  judgeExit: ({ code }) => (code === 0 ? { report: true } : { report: false, why: `exit ${code}` }),
  read: (bytes, { files }) => {
    const { Results } = parseReport(report, bytes, 'trivy', 'of version 2');
    const results = Results ?? [];
    const told = new Set(results.map(({ Target }) => Target));
    return {
      vulnerabilities: results.flatMap(({ Target, Vulnerabilities }) =>
        (Vulnerabilities ?? []).map(
          (one): NamedVulnerability => ({
            place: { path: Target },
            name: one.PkgName,
            version: one.InstalledVersion,
            purl: one.PkgIdentifier?.PURL ?? undefined,
            ids: [one.VulnerabilityID, ...(one.VendorIDs ?? [])],
            vectors: Object.values(one.CVSS ?? {}).flatMap(({ V2Vector, V3Vector, V40Vector }) => [
              ...vector('CVSS_V4', V40Vector),
              ...vector('CVSS_V3', V3Vector),
              ...vector('CVSS_V2', V2Vector),
            ]),
            rating: one.Severity ?? null,
            summary: one.Title ?? '',
            fixed: (one.FixedVersion ?? '').split(',').flatMap((text) => text.trim() || []),
          }),
        ),
      ),
      // A lockfile that it cannot read is a warning in its log and nothing in its report.
      unread: files.filter((path) => READS.test(path) && !told.has(path)),
    };
  },
};

function vector(type: string, score: string | undefined): { type: string; score: string }[] {
  return score === undefined || score === '' ? [] : [{ type, score }];
}

const metadata = z.object({ UpdatedAt: z.iso.datetime({ offset: true }) });

/** When its database was made. Throws SP-ENGINE-DATA: over an empty file it would find nothing and say so. */
async function updatedAt(folder: string): Promise<string> {
  const file = join(folder, 'metadata.json');
  try {
    if ((await stat(join(folder, 'trivy.db'))).size === 0) throw new Error('trivy.db is empty');
    return metadata.parse(parseJson(await readFile(file), file, { bytes: 65_536, depth: 8, string: 4096 }))
      .UpdatedAt;
  } catch (cause) {
    throw new SallyportError(
      {
        code: 'SP-ENGINE-DATA',
        message: 'trivy has no database that says how old it is',
        place: { path: file },
        expected: 'trivy.db and metadata.json, as trivy keeps them',
        next: 'trivy filesystem --download-db-only',
      },
      { cause },
    );
  }
}
