import { readdir, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { z } from 'zod';
import { purlOfPackage } from '../../advisories/package-key.ts';
import { newestMember } from '../../advisories/zip.ts';
import { isLockfile } from '../../sbom/lockfiles/paths.ts';
import { formatPurl } from '../../versions/purl.ts';
import type { NamedVulnerability } from '../dependencies/named-vulnerability.ts';
import { parseReport } from '../engine-report.ts';
import type { ProcessEngine } from '../process-engine.ts';

const severity = z.object({ type: z.string(), score: z.string() });
const report = z.object({
  results: z
    .array(
      z.object({
        source: z.object({ path: z.string() }),
        packages: z.array(
          z.object({
            package: z.object({ name: z.string(), version: z.string(), ecosystem: z.string() }),
            groups: z
              .array(z.object({ ids: z.array(z.string()).min(1), aliases: z.array(z.string()).nullish() }))
              .nullish(),
            vulnerabilities: z
              .array(
                z.looseObject({
                  id: z.string(),
                  summary: z.string().nullish(),
                  severity: z.array(severity).nullish(),
                  affected: z.array(z.looseObject({ severity: z.array(severity).nullish() })).nullish(),
                  database_specific: z.looseObject({ severity: z.string().nullish() }).nullish(),
                }),
              )
              .nullish(),
          }),
        ),
      }),
    )
    .nullable(),
});

/**
 * osv-scanner, https://google.github.io/osv-scanner/: offline, over its own archives in the user's cache. Its own settings
 * (`osv-scanner.toml`) do not come along: they are inputs of the change.
 */
export const osvScanner: ProcessEngine = {
  name: 'osv-scanner',
  stage: 'dependencies',
  summary: 'Vulnerabilities of what lockfiles lock, from its own copy of OSV data',
  publisher: 'google',
  homepage: 'https://google.github.io/osv-scanner/',
  binary: 'osv-scanner',
  versionArgs: ['--version'],
  directions: {},
  wants: isLockfile,
  prepare: async ({ home }) => {
    const cache = join(home, '.cache');
    const updated = await newestArchive(join(cache, 'osv-scalibr'));
    return {
      args: [
        'scan',
        'source',
        '--offline',
        '--no-resolve',
        '--no-ignore',
        '--all-vulns',
        '--allow-no-lockfiles',
        '--format',
        'json',
        '--recursive',
        '.',
      ],
      env: { XDG_CACHE_HOME: cache },
      ...(updated === null ? {} : { data: { source: 'archives of OSV', updated } }),
    };
  },
  // 1: it found something; 127 and 128: it failed, or met no package where it was given lockfiles.
  judgeExit: ({ code }) =>
    code === 0 || code === 1 ? { report: true } : { report: false, why: `exit ${code}` },
  read: (bytes, { source }) => {
    const told = parseReport(report, bytes, 'osv-scanner', 'of version 2');
    const vulnerabilities = (told.results ?? []).flatMap(({ source: { path }, packages }) =>
      packages.flatMap((one) => vulnerabilitiesOf(relative(source, path).split(sep).join('/'), one)),
    );
    return { vulnerabilities };
  },
};

type Package = NonNullable<z.output<typeof report>['results']>[number]['packages'][number];

/** One a group: what it calls one vulnerability under several names. */
function vulnerabilitiesOf(
  path: string,
  { package: named, groups, vulnerabilities }: Package,
): NamedVulnerability[] {
  const purl = purlOfPackage(named, named.version);
  const records = new Map((vulnerabilities ?? []).map((one) => [one.id, one]));
  return (groups ?? []).map(({ ids, aliases }): NamedVulnerability => {
    const own = ids.flatMap((one) => records.get(one) ?? []);
    const summary = own.map((one) => one.summary).find((text) => text != null && text !== '');
    return {
      place: { path },
      name: named.name,
      version: named.version,
      purl: purl === undefined ? undefined : formatPurl(purl),
      ids: [...ids, ...(aliases ?? [])],
      vectors: own.flatMap((one) => [
        ...(one.severity ?? []),
        ...(one.affected ?? []).flatMap((part) => part.severity ?? []),
      ]),
      rating: own.map((one) => one.database_specific?.severity).find((word) => word != null) ?? null,
      summary: summary ?? '',
      fixed: [],
      context: `${named.ecosystem} ${named.name}`,
    };
  });
}

/**
 * When the oldest of its archives was made: the newest time of a member, as the archive's own directory has it. Null
 * where there is none, or one that does not say: its age is then unknown.
 */
async function newestArchive(folder: string): Promise<string | null> {
  const ecosystems = await readdir(folder).catch(() => []);
  const times: number[] = [];
  for (const name of ecosystems) {
    const path = join(folder, name, 'all.zip');
    if ((await stat(path).catch(() => null))?.isFile() !== true) continue;
    const newest = await newestMember(path);
    if (newest === null) return null;
    times.push(newest);
  }
  return times.length === 0 ? null : new Date(Math.min(...times)).toISOString();
}
