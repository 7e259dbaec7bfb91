/**
 * A test runner for Stryker that loads code and tests once, in one process, and for each mutant runs the tests that
 * reach it. A plugin of Stryker's. What a mutant leaves behind in the process must not be taken for another's work:
 * where a test fails, it is run again without the mutant, and unless it passes the process is given up.
 */
import { globSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { collect, Session, type Test, tests } from './collected.ts';

/** Stryker's side of mutated code. */
interface Namespace {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: unknown;
}

interface MutantRun {
  testFilter?: string[];
  hitLimit?: number;
  activeMutant: { id: string };
}

const mutated: Namespace = {};
Object.assign(globalThis, { __stryker__: mutated });

const own = pathToFileURL(resolve(import.meta.dirname, 'vitest.ts')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vitest' ? { url: own, shortCircuit: true } : next(specifier, context),
});

/** What a promise that nobody waits for threw: it fails the test that is at work. */
let stray: { of: unknown } | null = null;
for (const event of ['unhandledRejection', 'uncaughtException'])
  process.on(event, (thrown: unknown) => {
    stray ??= { of: thrown };
  });

async function outcomeOf(session: Session, test: Test): Promise<{ of: unknown } | null> {
  stray = null;
  const failure = (await session.run(test)) as { of: unknown } | null;
  // A rejection that nobody handles is told a turn later.
  await new Promise((done) => setImmediate(done));
  return failure ?? stray;
}

const textOf = ({ of }: { of: unknown }): string =>
  (of instanceof Error ? of.message : String(of)).slice(0, 2000);

class OneProcess {
  static readonly inject = ['options'];
  readonly #files: string[];
  #isSpoilt = false;
  #hasRun = false;

  constructor(options: { testFiles: readonly string[] }) {
    // In the order of the patterns: the quick ones come first, and the first that fails is enough.
    this.#files = [...new Set(options.testFiles.flatMap((pattern) => globSync(pattern).sort()))];
  }

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  async init(): Promise<void> {
    for (const path of this.#files) {
      const url = pathToFileURL(resolve(path)).href;
      await collect(relative('.', path), async () => await import(url));
    }
  }

  async dryRun(): Promise<unknown> {
    const results = [];
    const session = new Session();
    for (const test of tests) {
      mutated.currentTestId = test.id;
      const started = performance.now();
      const failure = await outcomeOf(session, test);
      results.push({
        id: test.id,
        name: test.name,
        fileName: resolve(test.file),
        timeSpentMs: performance.now() - started,
        ...(failure === null ? { status: 0 } : { status: 1, failureMessage: textOf(failure) }),
      });
    }
    mutated.currentTestId = undefined;
    await session.end();
    return { status: 'complete', tests: results, mutantCoverage: mutated.mutantCoverage };
  }

  async mutantRun({ testFilter, hitLimit, activeMutant }: MutantRun): Promise<unknown> {
    // Stryker starts another process for a runner that died, and asks that one again.
    if (this.#isSpoilt) process.exit(1);
    const isFresh = !this.#hasRun;
    this.#hasRun = true;
    const wanted = testFilter === undefined ? tests : tests.filter(({ id }) => testFilter.includes(id));
    const session = new Session();
    Object.assign(mutated, {
      activeMutant: activeMutant.id,
      hitLimit,
      hitCount: hitLimit === undefined ? undefined : 0,
    });
    let nrOfTests = 0;
    let failed: { test: Test; failure: { of: unknown } } | null = null;
    for (const test of wanted) {
      nrOfTests += 1;
      const failure = await outcomeOf(session, test);
      if (failure === null) continue;
      failed = { test, failure };
      break;
    }
    await session.end().catch(() => undefined);
    const isEndless = hitLimit !== undefined && (mutated.hitCount ?? 0) > hitLimit;
    Object.assign(mutated, { activeMutant: undefined, hitLimit: undefined, hitCount: undefined });
    if (failed === null)
      return isEndless
        ? { status: 'timeout', reason: 'the mutant was met too often' }
        : { status: 'survived', nrOfTests };
    const again = new Session();
    this.#isSpoilt = (await outcomeOf(again, failed.test)) !== null;
    await again.end().catch(() => undefined);
    // Others may have spoilt it before.
    if (this.#isSpoilt && !isFresh) process.exit(1);
    if (isEndless) return { status: 'timeout', reason: 'the mutant was met too often' };
    return {
      status: 'killed',
      killedBy: [failed.test.id],
      failureMessage: textOf(failed.failure),
      nrOfTests,
    };
  }
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'one-process', injectableClass: OneProcess }];
