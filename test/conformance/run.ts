import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Disputed, disputed } from './disputed.ts';
import { checkPurl, type PurlCase } from './purl.ts';
import { checkVers, type VersCase } from './vers.ts';

/**
 * Runs every test of the purl and vers specifications (https://github.com/package-url) and fails on any difference.
 * The tests are read from CONFORMANCE_DATA, or from ../shared/data/conformance beside the checkout. A test that
 * contradicts its own specification is named in disputed.ts, with our answer, and that answer is checked.
 */
const root = resolve(import.meta.dirname, '../..');
const data = process.env.CONFORMANCE_DATA ?? join(root, '../shared/data/conformance');

interface Suite {
  name: string;
  check(test: unknown): string;
}

const suites: Suite[] = [
  { name: 'purl-spec', check: (test) => checkPurl(test as PurlCase) },
  { name: 'vers-spec', check: (test) => checkVers(test as VersCase) },
];

const failures: string[] = [];
const met = new Set<Disputed>();
let passed = 0;
let disputes = 0;

if (!existsSync(data)) {
  console.log(`conformance: SKIPPED, no folder ${data} (set CONFORMANCE_DATA)`);
} else {
  for (const suite of suites) runSuite(suite);
  report();
}

function runSuite({ name, check }: Suite): void {
  const folder = join(data, name, 'tests');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort();
  if (files.length === 0) failures.push(`${name}: no test files in ${folder}`);
  for (const file of files) {
    const { tests } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { tests: unknown[] };
    const before = { passed, disputes, failed: failures.length };
    tests.forEach((test, i) => {
      runTest(`${name}/${file}`, i, test, check);
    });
    const failed = failures.length - before.failed;
    console.log(
      `${failed === 0 ? 'ok  ' : 'FAIL'} ${name}/${file}: ${tests.length} tests, ${passed - before.passed} passed, ` +
        `${disputes - before.disputes} disputed, ${failed} failed`,
    );
  }
}

function runTest(file: string, index: number, test: unknown, check: (test: unknown) => string): void {
  const { input, test_type: type } = test as { input: unknown; test_type: string };
  const key = JSON.stringify(input);
  const dispute = disputed.find(
    (one) => one.file === file && one.type === type && JSON.stringify(one.input) === key,
  );
  let answer: string;
  try {
    answer = check(test);
  } catch (thrown) {
    answer = `threw ${String(thrown)}`;
  }
  if (dispute === undefined) {
    if (answer === 'pass') passed++;
    else failures.push(`${file}[${index}] ${type} ${key}: ${answer}`);
    return;
  }
  met.add(dispute);
  if (answer === 'pass')
    failures.push(`${file}[${index}] ${type} ${key}: disputed, but it passes; remove it from disputed.ts`);
  else if (!answer.endsWith(`got ${JSON.stringify(dispute.ours)}`)) {
    failures.push(
      `${file}[${index}] ${type} ${key}: disputed with the answer ${JSON.stringify(dispute.ours)}, but ${answer}`,
    );
  } else disputes++;
}

function report(): void {
  for (const dispute of disputed) {
    if (!met.has(dispute))
      failures.push(
        `disputed.ts names a test that is not there: ${dispute.file} ${JSON.stringify(dispute.input)}`,
      );
  }
  for (const failure of failures) console.error(failure);
  console.log(`conformance of ${relative(process.cwd(), data) || '.'}, ${disputes} disputed by name`);
  console.log(`${passed} passed, ${failures.length} failed`);
  if (failures.length > 0) process.exitCode = 1;
}
