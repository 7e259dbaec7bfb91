/**
 * `npm run bench`: speed and memory of the packed program as its users meet it, beside an empty Node process in the
 * same run. Prints figures and ratios with the commands that made them; exits 1 where a promise of docs/figures.md is
 * broken. Nothing of this runs in the tests.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { manyResults } from './many-results.ts';
import { median, type Sample, sample } from './measure.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'sallyport-bench-'));
const cli = join(root, 'bin', 'sallyport.cjs');
const RUNS = 7;

execFileSync(process.execPath, [join(root, 'scripts', 'build.ts')], { cwd: root, stdio: 'inherit' });

const example = join(folder, 'payments-service');
cpSync(join(root, 'examples', 'payments-service'), example, { recursive: true });
for (const args of [
  ['init', '--quiet'],
  ['add', '--all'],
  ['-c', 'user.name=b', '-c', 'user.email=b@example.invalid', 'commit', '--quiet', '-m', 'x'],
]) {
  execFileSync('git', args, { cwd: example });
}
const sarif = join(folder, 'many.sarif');
writeFileSync(sarif, manyResults(100_000));

const actionEnv = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_EVENT_NAME: 'push' };
const cases: { name: string; args: string[]; env?: Record<string, string>; peak?: boolean; runs?: number }[] =
  [
    { name: 'empty Node', args: ['-e', 'console.log(1)'] },
    { name: 'sallyport --version', args: [cli, '--version'] },
    { name: 'sallyport help', args: [cli, 'help'] },
    { name: 'packed action', args: [join(root, 'dist', 'gate.js')], env: actionEnv },
    { name: 'gate on the example', args: [cli, 'gate', '--quiet'], peak: true },
    {
      name: '100,000 SARIF results, all reports',
      args: [
        cli,
        'gate',
        '--quiet',
        '--sarif',
        `code=${sarif}`,
        ...['json', 'sarif', 'markdown', 'html'].flatMap((f) => [
          '--report',
          `${f}=${join(folder, `out.${f}`)}`,
        ]),
      ],
      peak: true,
      runs: 3,
    },
  ];

const results = new Map<string, Sample[]>();
for (let round = 0; round <= RUNS; round += 1) {
  for (const { name, args, env, peak, runs } of cases) {
    if (round > (runs ?? RUNS)) continue;
    const one = await sample(args, {
      cwd: example,
      ...(env === undefined ? {} : { env }),
      ...(peak === true ? { peak } : {}),
    });
    // The first round warms the disk and is not counted.
    if (round > 0) results.set(name, [...(results.get(name) ?? []), one]);
  }
}
rmSync(folder, { recursive: true, force: true });

const wall = (name: string) => median((results.get(name) ?? []).map((s) => s.wall));
const first = (name: string) => median((results.get(name) ?? []).map((s) => s.first ?? Number.NaN));
const peak = (name: string) => median((results.get(name) ?? []).map((s) => s.peak ?? Number.NaN));
const ms = (value: number) => `${value.toFixed(0)} ms`;

process.stdout.write(
  `\n${'what'.padEnd(40)}${'first line'.padStart(12)}${'wall'.padStart(12)}${'peak'.padStart(12)}\n`,
);
for (const { name } of cases) {
  const memory = peak(name);
  process.stdout.write(
    `${name.padEnd(40)}${ms(first(name)).padStart(12)}${ms(wall(name)).padStart(12)}${(Number.isNaN(memory) ? '' : `${memory.toFixed(0)} MiB`).padStart(12)}\n`,
  );
}

const promises: [string, number, number, string][] = [
  ['--version against an empty Node', wall('sallyport --version') / wall('empty Node'), 3, 'x'],
  [
    'first line of the packed action after an empty Node’s',
    first('packed action') - first('empty Node'),
    150,
    'ms',
  ],
  ['gate on the example', wall('gate on the example'), 2000, 'ms'],
  ['100,000 SARIF results to decision and reports', wall('100,000 SARIF results, all reports'), 5000, 'ms'],
  ['the same, peak memory', peak('100,000 SARIF results, all reports'), 400, 'MiB'],
];
process.stdout.write('\n');
for (const [name, value, limit, unit] of promises) {
  const kept = value <= limit;
  if (!kept) process.exitCode = 1;
  process.stdout.write(
    `${kept ? 'kept  ' : 'BROKEN'} ${name}: ${value.toFixed(unit === 'x' ? 2 : 0)} ${unit} (at most ${limit} ${unit})\n`,
  );
}
