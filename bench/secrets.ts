/**
 * Measures the secrets engine beside gitleaks on the same repository in the same run.
 *
 *   node bench/secrets.ts [--gitleaks FILE] [--memory] REPOSITORY...
 *
 * Prints for each repository the wall time of both for the tree and for the history, their ratio, and what one thread
 * of ours reads a second. `--memory` adds the peak memory on a tree of 1 GB and on a file of 100 MB.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openTree } from '../src/platform/open-tree.ts';
import { runProcess, toolEnvironment } from '../src/platform/process.ts';
import { secrets } from '../src/scan/secrets/engine.ts';
import { inspectItem } from '../src/scan/secrets/inspect/item.ts';
import { ownScan } from '../test/scan/secrets/examples/check-pack.ts';
import { Random } from '../test/scan/secrets/examples/random.ts';
import { fill } from '../test/scan/secrets/examples/template.ts';

const SELF = fileURLToPath(import.meta.url);
const MAX_FILE = 128 * 1024 * 1024;

interface Measured {
  seconds: number;
  megabytes: number;
  hits: number;
  peakMiB: number;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gitleaks: { type: 'string', default: 'gitleaks' },
    memory: { type: 'boolean', default: false },
    run: { type: 'string' },
  },
});

if (values.run !== undefined)
  process.stdout.write(JSON.stringify(await measure(values.run, positionals[0] ?? '.')));
else await main();

async function main(): Promise<void> {
  for (const repository of positionals) {
    const [tree, all] = [ours('off', repository), ours('all', repository)];
    const [theirTree, theirHistory] = [theirs('dir', repository), theirs('git', repository)];
    const thread = ours('thread', repository);
    const row = (what: string, own: Measured, other: number | null) =>
      `${what.padEnd(9)} ours ${own.seconds.toFixed(2)} s, ${own.peakMiB} MiB` +
      (other === null ? '' : `; gitleaks ${other.toFixed(2)} s; ratio ${(own.seconds / other).toFixed(3)}`);
    say(repository);
    say(`  ${row('tree', tree, theirTree)}`);
    say(
      `  ${row('tree+git', all, theirTree === null || theirHistory === null ? null : theirTree + theirHistory)}`,
    );
    say(
      `  one thread: ${(thread.megabytes / thread.seconds).toFixed(1)} MB/s over ${thread.megabytes.toFixed(1)} MB`,
    );
  }
  if (values.memory) memory();
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A process of its own for each measurement: start-up counts, and memory is not shared. */
function ours(what: string, repository: string): Measured {
  const child = spawnSync(process.execPath, [SELF, '--run', what, repository], { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(child.stderr);
  const measured = JSON.parse(child.stdout) as Measured;
  return measured;
}

function theirs(command: 'dir' | 'git', repository: string): number | null {
  const started = performance.now();
  const child = spawnSync(
    values.gitleaks,
    [command, repository, '--no-banner', '--exit-code', '0', '-l', 'error'],
    { encoding: 'utf8' },
  );
  return child.error === undefined && child.status === 0 ? (performance.now() - started) / 1000 : null;
}

async function measure(what: string, root: string): Promise<Measured> {
  // From the start of the process, so that loading counts.
  const started = what === 'thread' ? performance.now() : 0;
  const tools = toolEnvironment(process.env);
  const tree = await openTree({ root }, runProcess, tools);
  let megabytes = 0;
  let hits = 0;
  let seconds = 0;
  if (what === 'thread') {
    const scan = ownScan();
    for (const { path, kind } of tree.entries) {
      if (kind !== 'file') continue;
      const bytes = await tree.read(path, MAX_FILE);
      const before = performance.now();
      const result = inspectItem(scan, { path, commit: '', firstLine: 1, tags: [] }, bytes);
      seconds += (performance.now() - before) / 1000;
      megabytes += result.searched / 1e6;
      hits += result.findings.length;
    }
  } else {
    const options = await secrets.parseOptions({ history: what });
    const output = await secrets.run({ tree, options, excluded: () => false, tools });
    megabytes = (output.looked.bytes ?? 0) / 1e6;
    hits = output.hits.length;
    seconds = (performance.now() - started) / 1000;
  }
  await tree.close();
  return { seconds, megabytes, hits, peakMiB: Math.round(process.resourceUsage().maxRSS / 1024) };
}

/** Source-like text, different in every file. */
function memory(): void {
  const root = mkdtempSync(join(tmpdir(), 'bench-secrets-'));
  const random = new Random(1);
  const line = () =>
    `const ${fill('value_<alnum:6>', random)} = load('${fill('<hex:8>', random)}', options.token, { key: index });\n`;
  const block = Array.from({ length: 4000 }, line).join('');
  try {
    mkdirSync(join(root, 'tree'));
    const count = Math.ceil(1e9 / (block.length * 4));
    for (let index = 0; index < count; index++)
      writeFileSync(join(root, 'tree', `file${index}.ts`), `// ${index}\n${block.repeat(4)}`);
    mkdirSync(join(root, 'large'));
    writeFileSync(join(root, 'large', 'dump.sql'), block.repeat(Math.ceil(100e6 / block.length)));
    mkdirSync(join(root, 'line'));
    writeFileSync(
      join(root, 'line', 'dump.json'),
      block.replaceAll('\n', ' ').repeat(Math.ceil(100e6 / block.length)),
    );
    for (const [name, folder] of [
      ['1 GB tree', 'tree'],
      ['100 MB file', 'large'],
      ['100 MB line', 'line'],
    ] as const) {
      const { seconds, megabytes, peakMiB } = ours('off', join(root, folder));
      say(`${name}: ${seconds.toFixed(1)} s, ${megabytes.toFixed(0)} MB, peak ${peakMiB} MiB`);
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
