/**
 * `npm run bench:dependencies`: the packed program on many locked packages, beside osv-scanner offline with the same
 * archives in the same run (those in the folder that OSV_DATA names, or in ../shared/data/osv beside the checkout). Prints
 * figures; exits 1 where a promise of docs/figures.md is broken.
 */
import { execFileSync, spawnSync } from 'node:child_process';
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
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseOsv } from '../src/advisories/osv.ts';
import { rawRecords } from '../src/advisories/sources.ts';
import { median, sample } from './measure.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const data = process.env.OSV_DATA ?? join(root, '../shared/data/osv');
const cli = join(root, 'bin', 'sallyport.cjs');
const scanner = process.env.OSV_SCANNER ?? 'osv-scanner';
const RUNS = 3;
/** Of ours and theirs in turns. */
const ROUNDS = 3;
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
const cache = join(folder, 'cache');

if (!existsSync(data)) throw new Error(`no folder ${data} (set OSV_DATA)`);
execFileSync(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, stdio: 'inherit' });

try {
  await bench();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const archives = readdirSync(data)
    .filter((name) => name.endsWith('.zip'))
    .map((name) => join(data, name));
  const index = join(folder, 'index');
  const imported = await sample([cli, 'advisories', 'import', ...archives, '--advisories', index], {
    cwd: folder,
    peak: true,
  });
  const many = await poetryLock(10_000);
  const few = npmLock(2_000);
  const args = ['scan', 'dependencies', '--quiet', '--advisories', index, '--report', 'json'];
  // In turns: a shared machine is not as fast the whole time.
  const own: Sample[] = [];
  const their: number[] = [];
  prepareTheirs(archives);
  for (let round = 0; round < ROUNDS; round += 1) {
    own.push(...(await samples([cli, ...args], many)));
    const one = theirTime(many);
    if (one !== null) their.push(one);
  }
  const ours = medians(own);
  const theirs = their.length === 0 ? null : median(their);
  const gate = medians(await samples([cli, 'gate', '--quiet', '--advisories', join(folder, 'none')], few));

  const promises: [string, number, number, string][] = [
    ['import of the archives, peak', imported.peak ?? Number.NaN, 300, 'MiB'],
    ['10,000 locked packages, peak', ours.peak, 150, 'MiB'],
    ['gate on 2,000 locked packages', gate.wall, 1500, 'ms'],
  ];
  if (theirs !== null)
    promises.push(['10,000 locked packages, of osv-scanner’s wall time', (ours.wall / theirs) * 100, 5, '%']);
  process.stdout.write(
    `import ${imported.wall.toFixed(0)} ms; 10,000 packages ${ours.wall.toFixed(0)} ms, osv-scanner ${theirs?.toFixed(0) ?? 'not here'} ms\n`,
  );
  for (const [name, value, limit, unit] of promises) {
    const kept = value <= limit;
    if (!kept) process.exitCode = 1;
    process.stdout.write(
      `${kept ? 'kept  ' : 'BROKEN'} ${name}: ${value.toFixed(unit === '%' ? 1 : 0)} ${unit} (at most ${limit} ${unit})\n`,
    );
  }
}

type Sample = Awaited<ReturnType<typeof sample>>;

/** After a first run that warms the disk; the verdict is not what is measured. */
async function samples(args: readonly string[], cwd: string): Promise<Sample[]> {
  const taken: Sample[] = [];
  for (let run = 0; run <= RUNS; run += 1) taken.push(await sample(args, { cwd, peak: true }));
  return taken.slice(1);
}

function medians(taken: readonly Sample[]): { wall: number; peak: number } {
  return {
    wall: median(taken.map(({ wall }) => wall)),
    peak: median(taken.map(({ peak }) => peak ?? Number.NaN)),
  };
}

function prepareTheirs(archives: readonly string[]): void {
  for (const archive of archives) {
    const place = join(cache, 'osv-scalibr', basename(archive, '.zip'));
    mkdirSync(place, { recursive: true });
    copyFileSync(archive, join(place, 'all.zip'));
  }
}

/** Null where osv-scanner is not here: on the PATH, or named by OSV_SCANNER. */
function theirTime(cwd: string): number | null {
  const started = performance.now();
  const { error } = spawnSync(
    scanner,
    ['scan', 'source', '--offline', '--format', 'json', '-L', join(cwd, 'poetry.lock')],
    {
      env: { ...process.env, XDG_CACHE_HOME: cache },
      maxBuffer: 2 ** 30,
    },
  );
  return error === undefined ? performance.now() - started : null;
}

/** The packages of the archives in a version that their advisories list, and names that nobody has, up to a count. */
async function poetryLock(count: number): Promise<string> {
  const versions = new Map<string, string>();
  for await (const { place, content } of rawRecords(join(data, 'PyPI.zip'))) {
    for (const { name, versions: listed } of parseOsv(content, place).affected)
      if (!versions.has(name)) versions.set(name, listed[0] ?? '1.0.0');
  }
  for (let i = 0; versions.size < count; i += 1) versions.set(`no-such-package-${i}`, `1.${i}.0`);
  const text = [...versions]
    .slice(0, count)
    .map(([name, version]) => `[[package]]\nname = "${name}"\nversion = "${version}"\n`)
    .join('\n');
  return repository('many', { 'poetry.lock': text });
}

/** A chain of packages, each needing the next. */
function npmLock(count: number): string {
  const packages: Record<string, unknown> = {
    '': { name: 'x', version: '1.0.0', dependencies: { p0: '1' } },
  };
  for (let i = 0; i < count; i += 1) {
    packages[`node_modules/p${i}`] = {
      version: '1.0.0',
      integrity: `sha512-${'A'.repeat(86)}==`,
      ...(i + 1 < count && i % 10 !== 9 ? { dependencies: { [`p${i + 1}`]: '1' } } : {}),
    };
  }
  const lock = JSON.stringify({ name: 'x', version: '1.0.0', lockfileVersion: 3, packages }, null, 2);
  return repository('few', { 'package-lock.json': lock, 'package.json': '{"dependencies":{"p0":"1"}}' });
}

function repository(name: string, files: Record<string, string>): string {
  const place = join(folder, name);
  mkdirSync(place);
  for (const [path, text] of Object.entries(files)) writeFileSync(join(place, path), text);
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['-c', 'user.name=b', '-c', 'user.email=b@example.invalid', 'commit', '--quiet', '-m', 'x'],
  ])
    execFileSync('git', args, { cwd: place });
  return place;
}
