/**
 * Mutation tests: `node scripts/mutation.ts [PART...]`, every part in turn where none is named. A part that was
 * interrupted, or whose code and tests changed since, goes on from what it knows (reports/mutation/PART.known.json).
 */
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { type Part, parts } from './mutation/parts.ts';

type Results = Awaited<ReturnType<Stryker['runMutationTest']>>;

const count = (results: Results, ...among: Results[number]['status'][]): number =>
  results.filter(({ status }) => among.includes(status)).length;

async function run(name: string, { mutate, tests }: Part): Promise<Results> {
  const at = (ending: string) => `reports/mutation/${name}.${ending}`;
  const results = await new Stryker({
    testRunner: 'one-process',
    plugins: ['./scripts/mutation/runner.ts', './scripts/mutation/words.ts'],
    ignorers: ['words'],
    mutate,
    testFiles: tests,
    coverageAnalysis: 'perTest',
    // What is evaluated once when a module is loaded would need every test for every change.
    ignoreStatic: true,
    incremental: true,
    incrementalFile: at('known.json'),
    reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
    clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
    htmlReporter: { fileName: at('html') },
    jsonReporter: { fileName: at('json') },
    ignorePatterns: ['.stryker-tmp', 'reports'],
    tempDirName: `.stryker-tmp/${name}`,
    concurrency: Math.min(availableParallelism(), 4),
    timeoutMS: 15_000,
    dryRunTimeoutMinutes: 30,
    disableTypeChecks: true,
    tsconfigFile: 'none',
  }).runMutationTest();
  // What is known may be of files that were in the part before.
  const own = new Set(mutate.flatMap((one) => globSync(one)).map((path) => resolve(path)));
  return results.filter(({ fileName }) => own.has(resolve(fileName)));
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  process.stderr.write(`no such part: ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}\n`);
  process.exit(2);
}
const inParts = new Set(Object.values(parts).flatMap(({ mutate }) => mutate.flatMap((one) => globSync(one))));
const forgotten = globSync('src/{policy,gate}/**/*.ts').filter((path) => !inParts.has(path));
if (forgotten.some((path) => !path.endsWith('.generated.ts')))
  throw new Error(`in no part: ${forgotten.join(', ')}`);
const lines: string[] = [];
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const started = performance.now();
  const results = await run(name, part);
  const minutes = Math.ceil((performance.now() - started) / 60_000);
  const leftOut = count(results, 'Ignored');
  lines.push(
    `${name}: ${results.length - leftOut} mutants, ${count(results, 'Killed')} killed, ${count(results, 'Timeout')} out of time, ${count(results, 'Survived')} survived, ${count(results, 'NoCoverage')} not covered, ${count(results, 'RuntimeError', 'CompileError')} errors; ${leftOut} left out; ${minutes} minutes\n`,
  );
}
process.stdout.write(lines.join(''));
