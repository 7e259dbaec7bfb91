/**
 * `describe`, `it` and the hooks as tests know them from vitest, collected to be run one by one and over and over:
 * starting vitest for each of thousands of changes takes a hundred times longer than most tests.
 */
type Work = (...args: unknown[]) => unknown;

export interface Suite {
  name: string;
  parent: Suite | null;
  beforeAll: Work[];
  afterAll: Work[];
  beforeEach: Work[];
  afterEach: Work[];
}

export interface Test {
  id: string;
  name: string;
  file: string;
  suite: Suite;
  run: Work;
}

const newSuite = (name: string, parent: Suite | null): Suite => ({
  name,
  parent,
  beforeAll: [],
  afterAll: [],
  beforeEach: [],
  afterEach: [],
});

/** Hooks of what several files of tests import, for every test. */
const everywhere = newSuite('', null);
export const tests: Test[] = [];
let file = '';
let suite = everywhere;

/** Imports a file of tests. Only its own top level is its suite: what it imports is loaded once for all. */
export async function collect(path: string, load: () => Promise<unknown>): Promise<void> {
  file = path;
  suite = newSuite('', everywhere);
  await load();
}

function namesOf(of: Suite | null): string[] {
  return of === null ? [] : [...namesOf(of.parent), ...(of.name === '' ? [] : [of.name])];
}

/** Numbered where a file has a name twice. */
function idOf(name: string): string {
  const same = tests.filter((one) => one.file === file && one.name === name).length;
  return `${file}#${name}${same === 0 ? '' : ` (${same + 1})`}`;
}

function add(name: string, run: Work): void {
  const whole = [...namesOf(suite), name].join(' > ');
  tests.push({ id: idOf(whole), name: whole, file, suite, run });
}

function group(name: string, body: Work): void {
  const outer = suite;
  suite = newSuite(name, outer);
  const done = body();
  suite = outer;
  if (done instanceof Promise) throw new Error(`${name}: a describe that waits is not understood here`);
}

/** `%s` and the like, and `$0`, as they stand in names; the index keeps names apart in any case. */
const named = (name: string, row: unknown, index: number): string =>
  `${name.replace('%s', () => String(Array.isArray(row) ? row[0] : row))} [${index}]`;

const each =
  (register: (name: string, body: Work) => void) =>
  (rows: readonly unknown[]) =>
  (name: string, body: Work) => {
    for (const [index, row] of rows.entries())
      register(named(name, row, index), () => body(...(Array.isArray(row) ? row : [row])));
  };

/** Options between name and body, such as a time limit, are for vitest: here Stryker keeps the time. */
const bodyOf = (args: readonly unknown[]): Work => {
  const body = args.find((arg) => typeof arg === 'function');
  if (body === undefined) throw new Error('a test without a body is not understood here');
  return body as Work;
};

export const it = Object.assign((name: string, ...args: unknown[]) => add(name, bodyOf(args)), {
  each: each(add),
});
export const describe = Object.assign((name: string, ...args: unknown[]) => group(name, bodyOf(args)), {
  each: each(group),
});

/** A hook belongs to the suite around it, unless a file that tests share says it. */
const hook = (kind: 'beforeAll' | 'afterAll' | 'beforeEach' | 'afterEach') => (work: Work) => {
  const isShared = !(new Error().stack ?? '').split('\n')[2]?.includes('.test.ts');
  (isShared ? everywhere : suite)[kind].push(work);
};
export const beforeAll = hook('beforeAll');
export const afterAll = hook('afterAll');
export const beforeEach = hook('beforeEach');
export const afterEach = hook('afterEach');

function pathTo(to: Suite | null): Suite[] {
  return to === null ? [] : [...pathTo(to.parent), to];
}

// What tests share is shared by all runs: it ends with the process, and cannot wait for anything then.
process.once('exit', () => {
  for (const work of everywhere.afterAll) work();
});

/** One run over some tests: `beforeAll` at the first test of a suite, `afterAll` when `end` is called. */
export class Session {
  readonly #begun: Suite[] = [];

  /** What went wrong; null where nothing did. */
  async run(test: Test): Promise<unknown> {
    const path = pathTo(test.suite);
    let failure: { of: unknown } | null = null;
    const attempt = async (work: Work) => {
      try {
        await work();
      } catch (thrown) {
        failure ??= { of: thrown };
      }
    };
    for (const one of path) {
      if (this.#begun.includes(one)) continue;
      this.#begun.push(one);
      for (const work of one.beforeAll) await attempt(work);
    }
    const enough = () => failure !== null;
    for (const work of path.flatMap((one) => one.beforeEach)) if (!enough()) await attempt(work);
    if (!enough()) await attempt(test.run);
    for (const work of path.toReversed().flatMap((one) => one.afterEach)) await attempt(work);
    return failure;
  }

  async end(): Promise<void> {
    for (const one of this.#begun.toReversed())
      if (one !== everywhere) for (const work of one.afterAll) await work();
  }
}
