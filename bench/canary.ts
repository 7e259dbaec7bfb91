/**
 * `node bench/canary.ts [--runs N] [--write]`: how often and how fast the canary's test rolls back and promotes,
 * beside rules of other controllers on the same streams. Exits 1 where a promise is broken. `--write` renews
 * docs/figures-canary.md. Two worker threads; seeds are fixed.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { type Cell, type CellResult, simulateCell } from './canary/cells.ts';
import { figuresPage, type Kept } from './canary/page.ts';
import { type ScenarioResult, scenarios, simulateScenario } from './canary/scenarios.ts';

type Task = { index: number; cell: Cell } | { index: number; scenario: number };
const THREADS = 2;

function tasks(): Task[] {
  const all: Task[] = [];
  for (const weight of [0.05, 0.1, 0.5])
    for (const baseline of [0, 0.0001, 0.001, 0.005])
      for (const canary of [baseline, 0.01, 0.02, 0.05])
        all.push({ index: all.length, cell: { weight, baseline, canary } });
  for (const scenario of scenarios.keys()) all.push({ index: all.length, scenario });
  return all;
}

function work(task: Task, runs: number): CellResult | ScenarioResult {
  const seed = 7919 * (task.index + 1);
  if ('cell' in task) return simulateCell(task.cell, runs, seed);
  const scenario = scenarios[task.scenario];
  if (scenario === undefined) throw new Error(`no scenario ${task.scenario}`);
  return simulateScenario(scenario, runs, seed);
}

const share = (value: number) => `${(value * 100).toFixed(2)} %`;

function judge(cells: readonly CellResult[], results: readonly ScenarioResult[]): Kept[] {
  const equal = cells.filter((cell) => cell.canary === cell.baseline);
  const worst = (values: number[]) => Math.max(...values);
  const falseOne = worst(equal.map((cell) => cell.rho1.share));
  const falseMore = worst(equal.map((cell) => cell.rho125.share));
  const bad = cells.filter(
    (cell) => cell.canary >= Math.max(2 * cell.baseline, 0.005) && cell.canary !== cell.baseline,
  );
  const falsePromotions = worst(bad.map((cell) => cell.promoted.share));
  const detection = cells.find((c) => c.weight === 0.1 && c.baseline === 0.005 && c.canary === 0.02);
  const promises: Kept[] = [
    {
      what: 'false rollback at most 1 % in every cell, rho 1',
      found: `at most ${share(falseOne)}`,
      kept: falseOne <= 0.01,
    },
    { what: 'the same, rho 1.25', found: `at most ${share(falseMore)}`, kept: falseMore <= 0.01 },
    {
      what: '2 % against 0.5 % at 10 % weight: median detection at most 120 s, rho 1',
      found: `${detection?.rho1.median} s`,
      kept: (detection?.rho1.median ?? Number.POSITIVE_INFINITY) <= 120,
    },
    {
      what: 'the same: at most 160 s, rho 1.25',
      found: `${detection?.rho125.median} s`,
      kept: (detection?.rho125.median ?? Number.POSITIVE_INFINITY) <= 160,
    },
    {
      what: 'a bad version (at least max(2 times the baseline, 0.5 %)) is promoted at most once in 100',
      found: `at most ${share(falsePromotions)}`,
      kept: falsePromotions <= 0.01,
    },
  ];
  for (const weight of [0.05, 0.1, 0.5]) {
    const wanted = weight === 0.05 ? 0.95 : 0.99;
    const good = equal.filter((cell) => cell.weight === weight && cell.baseline < 0.005);
    const least = Math.min(...good.map((cell) => cell.promoted.share));
    promises.push({
      what: `a good version at baseline 0, 0.01 and 0.1 % is promoted at least ${wanted * 100} times in 100 at ${weight * 100} % weight`,
      found: `at least ${share(least)}`,
      kept: least >= wanted,
    });
  }
  for (const result of results.filter((one) => one.guaranteed)) {
    promises.push({
      what: `false rollback at most 1 %: ${result.name}`,
      found: share(result.falseRollbacks),
      kept: result.falseRollbacks <= 0.01,
    });
  }
  return promises;
}

async function main(): Promise<void> {
  const runsAt = process.argv.indexOf('--runs');
  const runs = runsAt === -1 ? 4000 : Number(process.argv[runsAt + 1]);
  const queue = tasks();
  const results: (CellResult | ScenarioResult)[] = new Array(queue.length);
  const started = performance.now();
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { runs } });
      const feed = () => {
        const task = queue.shift();
        if (task === undefined) {
          void worker.terminate();
          resolve();
        } else worker.postMessage(task);
      };
      worker.on('error', reject);
      worker.on('message', ({ index, result }: { index: number; result: CellResult | ScenarioResult }) => {
        results[index] = result;
        feed();
      });
      feed();
    });
  await Promise.all(Array.from({ length: THREADS }, one));
  const cells = results.filter((result): result is CellResult => 'weight' in result);
  const situations = results.filter((result): result is ScenarioResult => 'guaranteed' in result);
  const promises = judge(cells, situations);
  for (const { what, found, kept } of promises) {
    process.stdout.write(`${kept ? 'kept  ' : 'BROKEN'} ${what}: ${found}\n`);
    if (!kept) process.exitCode = 1;
  }
  const page = figuresPage(cells, situations, promises);
  if (process.argv.includes('--write')) {
    const root = join(dirname(fileURLToPath(import.meta.url)), '..');
    writeFileSync(join(root, 'docs', 'figures-canary.md'), page);
  } else process.stdout.write(`\n${page}`);
  process.stdout.write(`${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}

if (isMainThread) await main();
else {
  const { runs } = workerData as { runs: number };
  parentPort?.on('message', (task: Task) =>
    parentPort?.postMessage({ index: task.index, result: work(task, runs) }),
  );
}
