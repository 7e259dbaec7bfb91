import { defineConfig } from 'vitest/config';

/** The tests that mutants of the policy meet: those of the policy alone, so that thousands of runs stay minutes. */
export default defineConfig({
  test: { include: ['test/policy/**/*.test.ts'], pool: 'threads', testTimeout: 20_000 },
});
