/**
 * Our stage against osv-scanner on real lockfiles of public repositories, offline and with the same archives (those in
 * the folder that OSV_DATA names, or in ../shared/data/osv beside the checkout): the same set of package, version and
 * vulnerability, or each difference has its reason here. Folders with lockfiles as arguments; fails on any other difference.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { AdvisoryDatabase } from '../../src/advisories/database.ts';
import { importAdvisories } from '../../src/advisories/import.ts';
import { type AdvisoryMatch, matchAll, type Question } from '../../src/advisories/match.ts';
import { type OsvRecord, parseOsv } from '../../src/advisories/osv.ts';
import { normalName, packageNameOf } from '../../src/advisories/package-key.ts';
import { rawRecords } from '../../src/advisories/sources.ts';
import type { Component } from '../../src/model/component.ts';
import { openWorktree } from '../../src/platform/worktree.ts';
import { readLocked } from '../../src/sbom/read-tree.ts';
import { parseLenientPurl } from '../../src/versions/purl.ts';

const root = resolve(import.meta.dirname, '../..');
const data = process.env.OSV_DATA ?? join(root, '../shared/data/osv');
const tools = process.env.E2E_TOOLS ?? '/opt/e2e/bin';
const LOCKFILE =
  /^(?:Cargo\.lock|poetry\.lock|uv\.lock|pdm\.lock|Pipfile\.lock|go\.mod|[\w.-]*requirements[\w.-]*\.txt)$/u;

interface Found {
  group: string[];
  /** What ours could not decide. */
  unknown: boolean;
}

/** Package and version to the vulnerabilities found, each under all its names. */
type ByPackage = Map<string, Found[]>;

const scanner = [join(tools, 'osv-scanner'), 'osv-scanner'].find(
  (file) => spawnSync(file, ['--version']).status === 0,
);
if (!existsSync(data)) console.log(`osv-scanner: SKIPPED, no folder ${data} (set OSV_DATA)`);
else if (scanner === undefined) console.log('osv-scanner: SKIPPED, not on this machine (set E2E_TOOLS)');
else await compareAll(scanner, process.argv.slice(2));

async function compareAll(executable: string, folders: readonly string[]): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'osv-lockfiles-'));
  try {
    const archives = readdirSync(data).filter((name) => name.endsWith('.zip'));
    const records = new Map<string, OsvRecord>();
    for (const archive of archives) {
      const cache = join(work, 'cache', 'osv-scalibr', basename(archive, '.zip'));
      mkdirSync(cache, { recursive: true });
      copyFileSync(join(data, archive), join(cache, 'all.zip'));
      for await (const { place, content } of rawRecords(join(data, archive))) {
        const record = parseOsv(content, place);
        records.set(record.id, record);
      }
    }
    await importAdvisories(
      archives.map((archive) => join(data, archive)),
      join(work, 'index'),
    );
    const database = new AdvisoryDatabase(join(work, 'index'));
    const sum = { files: 0, same: 0, explained: 0, failed: 0 };
    for (const folder of folders) {
      for (const file of lockfilesIn(folder)) {
        const theirs = scan(executable, work, file);
        if (theirs === null) continue;
        const { ours, unresolved } = await lookUp(database, file);
        const { same, explained, failed } = differences(ours, theirs, unresolved, records);
        sum.files += 1;
        sum.same += same;
        sum.explained += explained.length;
        sum.failed += failed.length;
        const name = `${basename(resolve(folder))}/${relative(folder, file)}`;
        console.log(
          `${failed.length === 0 ? 'ok    ' : 'FAIL  '}${name}: ${same} the same, ${explained.length} explained`,
        );
        for (const text of explained) console.log(`         ${text}`);
        for (const text of failed) console.log(`         NOT EXPLAINED ${text}`);
      }
    }
    database.close();
    console.log(
      `${sum.files} lockfiles, ${sum.same} findings the same, ${sum.explained} explained, ${sum.failed} not`,
    );
    if (sum.failed > 0) process.exitCode = 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function lockfilesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && LOCKFILE.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Null where it finds no package, which it calls an error. */
function scan(executable: string, work: string, file: string): ByPackage | null {
  const name = basename(file);
  const parser = name.endsWith('.txt') ? 'requirements.txt' : name;
  const result = spawnSync(
    executable,
    [
      'scan',
      'source',
      '--offline',
      '--no-resolve',
      '--format',
      'json',
      '--verbosity',
      'error',
      '-L',
      `${parser}:${file}`,
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 30, env: { ...process.env, XDG_CACHE_HOME: join(work, 'cache') } },
  );
  if (result.status === 128) return null;
  if (result.status !== 0 && result.status !== 1)
    throw new Error(`osv-scanner ended with ${result.status} on ${file}: ${result.stderr.slice(0, 500)}`);
  const report = JSON.parse(result.stdout) as {
    results: {
      packages: {
        package: { name: string; version: string; ecosystem: string };
        groups?: { ids: string[]; aliases?: string[] }[];
      }[];
    }[];
  };
  const found: ByPackage = new Map();
  for (const { packages } of report.results) {
    for (const { package: named, groups } of packages) {
      const { ecosystem, name: own, version } = named;
      const key = `${ecosystem} ${normalName({ ecosystem, name: own })}@${version}`;
      found.set(
        key,
        (groups ?? []).map(({ ids, aliases }) => ({ group: [...ids, ...(aliases ?? [])], unknown: false })),
      );
    }
  }
  return found;
}

async function lookUp(
  database: AdvisoryDatabase,
  file: string,
): Promise<{ ours: ByPackage; unresolved: ReadonlySet<string> }> {
  const tree = await openWorktree(dirname(file), null);
  try {
    const { files } = await readLocked(tree, { excluded: (path) => path.includes('/') });
    const locked = files.find(({ path }) => path === basename(file))?.locked;
    const [components, roots] = [locked?.components ?? [], locked?.roots ?? []];
    const asked = components.flatMap((component): { component: Component; question: Question }[] => {
      const named =
        component.purl === undefined ? undefined : packageNameOf(parseLenientPurl(component.purl));
      return named === undefined || roots.includes(component.ref)
        ? []
        : [{ component, question: { package: named, version: component.version } }];
    });
    const known = asked.filter(({ question }) => question.version !== undefined);
    const outcomes = matchAll(
      database,
      known.map(({ question }) => question),
    );
    const ours: ByPackage = new Map();
    for (const { question, matches } of outcomes) ours.set(keyOf(question), matches.map(foundOf));
    const unresolved = new Set(
      asked
        .filter(({ question }) => question.version === undefined)
        .map(({ question }) => `${question.package.ecosystem} ${normalName(question.package)}`),
    );
    return { ours, unresolved };
  } finally {
    await tree.close();
  }
}

function keyOf({ package: named, version }: Question): string {
  const text = named.ecosystem === 'Go' ? (version ?? '').replace(/^v/u, '') : version;
  return `${named.ecosystem} ${normalName(named)}@${text}`;
}

function foundOf({ id, aliases, state }: AdvisoryMatch): Found {
  return { group: [id, ...aliases], unknown: state === 'unknown' };
}

function differences(
  ours: ByPackage,
  theirs: ByPackage,
  unresolved: ReadonlySet<string>,
  records: ReadonlyMap<string, OsvRecord>,
): { same: number; explained: string[]; failed: string[] } {
  const out = { same: 0, explained: [] as string[], failed: [] as string[] };
  const put = (reason: string | null, text: string): void => {
    if (reason === null) out.failed.push(text);
    else out.explained.push(`${text}: ${reason}`);
  };
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const [mine, other] = [ours.get(key) ?? [], theirs.get(key) ?? []];
    const overlaps = (a: Found, b: Found) => a.group.some((name) => b.group.includes(name));
    for (const one of other) {
      if (mine.some((found) => overlaps(found, one))) out.same += 1;
      else put(whyTheirs(key, unresolved), `only osv-scanner: ${key} ${one.group[0]}`);
    }
    for (const one of mine) {
      if (one.unknown || other.some((found) => overlaps(found, one))) continue;
      put(whyOurs(key, one, records), `only ours: ${key} ${one.group[0]}`);
    }
  }
  return out;
}

function whyTheirs(key: string, unresolved: ReadonlySet<string>): string | null {
  const name = key.slice(0, key.lastIndexOf('@'));
  return unresolved.has(name)
    ? 'the file gives a range; it takes the lowest version for the one in use'
    : null;
}

/**
 * The OSV schema's evaluation is "IncludedInVersions OR IncludedInRanges"; osv-scanner looks at ranges only where an entry
 * lists no versions, compares listed versions as text, leaves an entry at a GIT range that stands before the others, and
 * does not normalise the names in advisories.
 */
function whyOurs(key: string, { group }: Found, records: ReadonlyMap<string, OsvRecord>): string | null {
  if (key.startsWith('Go stdlib@')) return 'it does not ask about the standard library of a go.mod';
  const at = key.lastIndexOf('@');
  const [ecosystem = '', version] = [key.slice(0, key.indexOf(' ')), key.slice(at + 1)];
  const wanted = key.slice(key.indexOf(' ') + 1, at);
  const entries = group.flatMap((id) =>
    (records.get(id)?.affected ?? []).filter(
      (one) => one.ecosystem === ecosystem && normalName(one) === wanted,
    ),
  );
  const passedOver = entries.every(
    ({ name, versions, ranges }) =>
      (versions.length > 0 && !versions.includes(version)) ||
      (versions.length === 0 && ranges[0]?.type === 'GIT') ||
      name !== wanted,
  );
  return passedOver && entries.length > 0
    ? 'it does not look at the ranges of an entry that lists versions, nor past a GIT range'
    : null;
}
