import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { AdvisoryDatabase } from '../../src/advisories/database.ts';
import { importAdvisories } from '../../src/advisories/import.ts';
import { type AdvisoryMatch, matchAll, type Question } from '../../src/advisories/match.ts';
import { type OsvRecord, parseOsv } from '../../src/advisories/osv.ts';
import { normalName } from '../../src/advisories/package-key.ts';
import { rawRecords } from '../../src/advisories/sources.ts';
import { Random } from '../versions/generate.ts';

/**
 * Holds our matching against osv-scanner, offline and with the same archives (those in the folder that OSV_DATA names,
 * or in ../shared/data/osv beside the checkout): every package of the advisories, in versions at and around the
 * bounds of its ranges, as lockfiles of its ecosystem. Fails on any difference that is not explained below.
 */
const root = resolve(import.meta.dirname, '../..');
const data = process.env.OSV_DATA ?? join(root, '../shared/data/osv');
const tools = process.env.E2E_TOOLS ?? '/opt/e2e/bin';
const rounds = Number(process.argv[2] ?? '20');
const only = process.argv[3];

interface Format {
  file: string;
  parser: string;
  content(packages: readonly Question[]): string;
}

const formats: Readonly<Record<string, Format>> = {
  PyPI: {
    file: 'poetry.lock',
    parser: 'poetry.lock',
    content: (packages) =>
      packages
        .map(({ package: { name }, version }) => `[[package]]\nname = "${name}"\nversion = "${version}"\n`)
        .join('\n'),
  },
  'crates.io': {
    file: 'Cargo.lock',
    parser: 'Cargo.lock',
    content: (packages) =>
      `version = 3\n\n${packages.map(({ package: { name }, version }) => `[[package]]\nname = "${name}"\nversion = "${version}"\n`).join('\n')}`,
  },
  Go: {
    file: 'go.mod',
    parser: 'go.mod',
    content: (packages) =>
      `module example.com/peer\n\nrequire (\n${packages.map(({ package: { name }, version }) => `\t${name} v${version}`).join('\n')}\n)\n`,
  },
};

const scanner = [join(tools, 'osv-scanner'), 'osv-scanner'].find(
  (file) => spawnSync(file, ['--version']).status === 0,
);

if (!existsSync(data)) console.log(`osv-scanner: SKIPPED, no folder ${data} (set OSV_DATA)`);
else if (scanner === undefined) console.log('osv-scanner: SKIPPED, not on this machine (set E2E_TOOLS)');
else await run(scanner);

async function run(executable: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'osv-peer-'));
  try {
    const archives = readdirSync(data).filter(
      (name) => name.endsWith('.zip') && (only === undefined || name === `${only}.zip`),
    );
    for (const archive of archives) {
      const cache = join(folder, 'cache', 'osv-scalibr', basename(archive, '.zip'));
      mkdirSync(cache, { recursive: true });
      copyFileSync(join(data, archive), join(cache, 'all.zip'));
    }
    await importAdvisories(
      archives.map((archive) => join(data, archive)),
      join(folder, 'index'),
    );
    let failed = 0;
    let passed = 0;
    for (const archive of archives) {
      const records: OsvRecord[] = [];
      for await (const { place, content } of rawRecords(join(data, archive)))
        records.push(parseOsv(content, place));
      const outcome = await compareEcosystem(executable, folder, basename(archive, '.zip'), records);
      passed += outcome.passed;
      failed += outcome.failed;
    }
    console.log(`${passed} passed, ${failed} failed`);
    if (failed > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compareEcosystem(
  executable: string,
  folder: string,
  ecosystem: string,
  records: readonly OsvRecord[],
): Promise<{ passed: number; failed: number }> {
  const format = formats[ecosystem];
  if (format === undefined) throw new Error(`no lockfile format for ${ecosystem}`);
  const candidates = candidatesOf(records, ecosystem);
  const random = new Random(7);
  const database = new AdvisoryDatabase(join(folder, 'index'));
  const byId = new Map(records.map((record) => [record.id, record]));
  const explained = { ranges: 0, unknown: 0 };
  let passed = 0;
  const differences: string[] = [];
  let milliseconds = 0;
  let theirMilliseconds = 0;
  for (let round = 0; round < rounds; round++) {
    const questions = [...candidates].map(
      ([name, versions]): Question => ({ package: { ecosystem, name }, version: random.pick(versions) }),
    );
    const started = performance.now();
    const ours = matchAll(database, questions);
    milliseconds += performance.now() - started;
    const lockfile = join(folder, `${round}-${format.file}`);
    writeFileSync(lockfile, format.content(questions));
    const theirStart = performance.now();
    const theirs = scan(executable, folder, ecosystem, `${format.parser}:${lockfile}`);
    theirMilliseconds += performance.now() - theirStart;
    for (const { question, matches } of ours) {
      const key = `${normalName(question.package)}@${question.version}`;
      const wanted = theirs.get(key) ?? [];
      const overlaps = ({ id, aliases }: AdvisoryMatch, group: string[]) =>
        [id, ...aliases].some((one) => group.includes(one));
      const missing = wanted.filter((group) => !matches.some((match) => overlaps(match, group)));
      const unsure = wanted.filter((group) =>
        matches.some((match) => match.state === 'unknown' && overlaps(match, group)),
      );
      const extra = matches.filter(
        (match) => match.state === 'affected' && !wanted.some((group) => overlaps(match, group)),
      );
      const unexplained = extra.filter((match) => !isExplained(match, question, byId));
      explained.unknown += unsure.length;
      explained.ranges += extra.length - unexplained.length;
      if (missing.length === 0 && unexplained.length === 0) passed++;
      else
        differences.push(
          `${key}: missing ${JSON.stringify(missing)}, extra ${unexplained.map(({ id }) => id).join(' ')}`,
        );
    }
  }
  database.close();
  console.log(
    `${differences.length === 0 ? 'ok    ' : 'FAIL  '} ${ecosystem}: ${rounds} lockfiles of ${candidates.size} packages, ` +
      `${differences.length} different, explained: ${explained.ranges} that it misses, ` +
      `${explained.unknown} unreadable and said to be unknown; ${(milliseconds / rounds).toFixed(0)} ms each, osv-scanner ${(theirMilliseconds / rounds).toFixed(0)} ms`,
  );
  for (const difference of new Set(differences)) console.log(`         ${difference.slice(0, 300)}`);
  return { passed, failed: differences.length };
}

/**
 * What osv-scanner does not find, and why; the OSV schema's evaluation is "IncludedInVersions OR IncludedInRanges":
 * it looks at ranges only where an entry lists no versions, and compares listed versions as text (1.4.0 is not 1.4); it
 * leaves an entry at a GIT range that stands before the others; it does not normalise the names in advisories.
 */
function isExplained(
  match: AdvisoryMatch,
  question: Question,
  byId: ReadonlyMap<string, OsvRecord>,
): boolean {
  const wanted = normalName(question.package);
  const entries = [match.id, ...match.aliases].flatMap((id) =>
    (byId.get(id)?.affected ?? []).filter(
      (one) => one.ecosystem === question.package.ecosystem && normalName(one) === wanted,
    ),
  );
  return entries.every(
    ({ name, versions, ranges }) =>
      (versions.length > 0 && !versions.includes(question.version ?? '')) ||
      (versions.length === 0 && ranges[0]?.type === 'GIT') ||
      name !== wanted,
  );
}

/** By name: the versions that advisories list, the bounds of their ranges, and neighbours of those. */
function candidatesOf(records: readonly OsvRecord[], ecosystem: string): Map<string, string[]> {
  const candidates = new Map<string, Set<string>>();
  for (const { affected } of records) {
    for (const { ecosystem: own, name, versions, ranges } of affected) {
      if (own !== ecosystem || !isLockable(ecosystem, name)) continue;
      const known = candidates.get(name) ?? new Set<string>();
      candidates.set(name, known);
      for (const version of versions.slice(0, 50)) known.add(version);
      const bounds = ranges
        .filter(({ type }) => type !== 'GIT')
        .flatMap(({ events }) => events.flatMap((event) => Object.values(event)));
      for (const bound of bounds) {
        if (bound === '0') continue;
        known.add(bound);
        known.add(bound.replace(/\d+$/u, (last) => String(Math.max(0, Number(last) - 1))));
        known.add(bound.replace(/\d+$/u, (last) => String(Number(last) + 1)));
      }
      known.add(ecosystem === 'PyPI' ? '0.1' : '0.1.0');
    }
  }
  const lockable = [...candidates].map(([name, versions]): [string, string[]] => [
    name,
    [...versions].flatMap((version) => (ecosystem === 'Go' ? goVersion(name, version) : [version])),
  ]);
  return new Map(lockable.filter(([, versions]) => versions.length > 0));
}

/** go.mod names modules only: the standard library is a line of its own, and not every path can be a module. */
function isLockable(ecosystem: string, name: string): boolean {
  return ecosystem !== 'Go' || (name.includes('/') && /^[a-z0-9.-]+\.[a-z]+\//u.test(name));
}

/** go.mod wants whole versions whose major number is that of the path; above 1 without one they are incompatible. */
function goVersion(name: string, version: string): string[] {
  const match = /^(\d+)\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/u.exec(version);
  if (match === null) return [];
  const major = Number(match[1]);
  const inPath = /[/.]v(\d+)$/u.exec(name)?.[1];
  if (inPath !== undefined) return Number(inPath) === major ? [version] : [];
  return [major < 2 ? version : `${version}+incompatible`];
}

function scan(
  executable: string,
  folder: string,
  ecosystem: string,
  lockfile: string,
): Map<string, string[][]> {
  const result = spawnSync(
    executable,
    ['scan', 'source', '--offline', '--format', 'json', '--verbosity', 'error', '-L', lockfile],
    {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    },
  );
  if (result.status !== 0 && result.status !== 1)
    throw new Error(`osv-scanner ended with ${result.status}: ${result.stderr.slice(0, 1000)}`);
  const report = JSON.parse(result.stdout) as {
    results: {
      packages: {
        package: { name: string; version: string };
        groups?: { ids: string[]; aliases?: string[] }[];
      }[];
    }[];
  };
  const found = new Map<string, string[][]>();
  for (const { packages } of report.results) {
    for (const { package: named, groups } of packages) {
      found.set(
        `${normalName({ ecosystem, name: named.name })}@${named.version}`,
        (groups ?? []).map(({ ids, aliases }) => [...ids, ...(aliases ?? [])]),
      );
    }
  }
  return found;
}
