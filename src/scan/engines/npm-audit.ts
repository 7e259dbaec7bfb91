import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { z } from 'zod';
import { SallyportError } from '../../model/error.ts';
import { parseJson } from '../../model/json/parse.ts';
import { isObject, textOf } from '../../model/json/values.ts';
import { isInstalled } from '../../sbom/lockfiles/paths.ts';
import { own } from '../../sbom/lockfiles/values.ts';
import { formatPurl } from '../../versions/purl.ts';
import type { NamedVulnerability } from '../dependencies/named-vulnerability.ts';
import { REPORT_LIMITS } from '../engine-report.ts';
import type { ProcessEngine } from '../process-engine.ts';

const MAX_FOLDERS = 100;
const LOCKS = ['npm-shrinkwrap.json', 'package-lock.json'];
const WANTED = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|package\.json)$/u;

const options = z.object({
  npmRegistry: z
    .string()
    .regex(
      /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/])[^\s?#]+$/u,
      'expected https://HOST/',
    )
    .default('https://registry.npmjs.org/')
    .meta({ description: 'The registry that is asked, for its audit endpoint.' }),
});

const advisory = z.object({
  name: z.string(),
  title: z.string().nullish(),
  url: z.string().nullish(),
  severity: z.string().nullish(),
  source: z.union([z.number(), z.string()]),
  cvss: z.object({ vectorString: z.string().nullish() }).nullish(),
});
const report = z.object({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    z.string(),
    z.object({
      name: z.string(),
      via: z.array(z.union([z.string(), advisory])),
      nodes: z.array(z.string()),
    }),
  ),
});

/**
 * npm audit, https://docs.npmjs.com/cli/commands/npm-audit: it tells the registry the names and versions that a
 * lockfile has and nothing else. Settings of the repository (`.npmrc`) and of the user do not come along, so that no
 * token is sent anywhere.
 */
export const npmAudit: ProcessEngine = {
  name: 'npm-audit',
  stage: 'dependencies',
  summary: 'Vulnerabilities of what npm’s lockfiles lock, as the registry knows them; asks the registry',
  publisher: 'npm',
  homepage: 'https://docs.npmjs.com/cli/commands/npm-audit',
  binary: 'npm',
  versionArgs: ['--version'],
  env: { npm_config_update_notifier: 'false', npm_config_ignore_scripts: 'true' },
  directions: { npmRegistry: 'fixed' },
  network: true,
  wants: (path) => !isInstalled(path) && WANTED.test(path),
  prepare: async ({ files, now, options: given }) => {
    const parsed = options.safeParse(given);
    if (!parsed.success) {
      throw new SallyportError({
        code: 'SP-ENGINE-OPTIONS',
        message: 'npm audit cannot be asked as the policy says',
        expected: parsed.error.issues[0]?.message ?? 'npmRegistry: https://HOST/',
        next: 'correct stages.dependencies.options.npmRegistry',
      });
    }
    const folders = foldersOf(files);
    if (folders.length > MAX_FOLDERS) {
      throw new SallyportError({
        code: 'SP-ENGINE-OPTIONS',
        message: 'npm audit would have to be asked too often',
        expected: `at most ${MAX_FOLDERS} lockfiles`,
        found: String(folders.length),
        next: 'leave some out under stages.dependencies.exclude, or use another engine',
      });
    }
    return folders.map((folder) => ({
      folder,
      args: [
        'audit',
        '--json',
        '--package-lock-only',
        '--audit-level=none',
        '--fetch-retries=2',
        `--registry=${parsed.data.npmRegistry}`,
      ],
      data: { source: parsed.data.npmRegistry, updated: now.toISOString() },
    }));
  },
  // 1 is for vulnerabilities and for a registry that did not answer alike: the report tells which.
  judgeExit: ({ code }) =>
    code === 0 || code === 1 ? { report: true } : { report: false, why: `exit ${code}` },
  read: (bytes, { source, folder, files }) => {
    const value = parseJson(bytes, 'npm audit output', REPORT_LIMITS);
    const parsed = report.safeParse(value);
    if (!parsed.success) throw failed(value, parsed.error.issues[0]?.path.join('.') ?? '');
    const at = (name: string) => posix.join(folder, name);
    const path = LOCKS.map(at).find((one) => files.includes(one)) ?? at('package-lock.json');
    const lock: unknown = parseJson(readFileSync(posix.join(source, path)), path, REPORT_LIMITS);
    return {
      vulnerabilities: Object.values(parsed.data.vulnerabilities).flatMap((one) =>
        vulnerabilitiesOf(one, lock, path),
      ),
    };
  },
};

/** The folders with a lockfile, sorted. */
function foldersOf(files: readonly string[]): string[] {
  const found = files
    .filter((path) => LOCKS.includes(posix.basename(path)))
    .map((path) => posix.dirname(path));
  return [...new Set(found)].sort();
}

type Vulnerable = z.output<typeof report>['vulnerabilities'][string];

/** What the registry says of the package itself: of one that merely needs a vulnerable one there is no advisory. */
function vulnerabilitiesOf(
  { name, via, nodes }: Vulnerable,
  lock: unknown,
  path: string,
): NamedVulnerability[] {
  const versions = new Set(nodes.map((node) => versionAt(lock, node) ?? ''));
  const advisories = via.filter((one) => typeof one !== 'string');
  return [...versions].flatMap((version) =>
    advisories.map((one): NamedVulnerability => {
      const cut = name.indexOf('/');
      const purl = formatPurl({
        type: 'npm',
        ...(cut === -1 ? {} : { namespace: name.slice(0, cut) }),
        name: name.slice(cut + 1),
        ...(version === '' ? {} : { version }),
      });
      const id = /\/(GHSA-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4})$/u.exec(one.url ?? '')?.[1];
      const vector = one.cvss?.vectorString;
      return {
        place: { path },
        name,
        version,
        purl,
        ids: [id ?? `npm-${one.source}`],
        vectors: vector == null ? [] : [{ type: 'CVSS_V3', score: vector }],
        rating: one.severity ?? null,
        summary: one.title ?? '',
        fixed: [],
      };
    }),
  );
}

/** The version at a place of the tree: `packages` of lockfiles from version 2 on, nested `dependencies` before. */
function versionAt(lock: unknown, node: string): string | undefined {
  const packages = own(lock, 'packages');
  if (isObject(packages)) return textOf(own(own(packages, node), 'version'));
  let at: unknown = lock;
  for (const name of `/${node}`.split('/node_modules/').slice(1)) at = own(own(at, 'dependencies'), name);
  return textOf(own(at, 'version'));
}

/** A registry without the endpoint, or one that is not reached, is told of in the same JSON. */
function failed(value: unknown, where: string): SallyportError {
  const error = isObject(value) ? own(value, 'error') : undefined;
  if (error === undefined) {
    return new SallyportError({
      code: 'SP-ENGINE-OUTPUT',
      message: 'npm audit wrote something that is no report of version 2',
      found: where,
    });
  }
  const said = textOf(own(value, 'message')) ?? textOf(own(error, 'summary')) ?? 'no reason';
  return new SallyportError({
    code: 'SP-ENGINE-FAILED',
    message: 'npm audit got no answer from the registry',
    expected: 'a registry with an audit endpoint',
    found: said.slice(0, 300),
    next: 'name one under stages.dependencies.options.npmRegistry, or use the advisory database',
  });
}
