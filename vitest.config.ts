import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/fixtures/**'],
    // Processes, not threads: with threads one process starts and ends hundreds of isolates, which now and then ends in a
    // segmentation fault of Node (vitest-dev/vitest#11291).
    pool: 'forks',
    testTimeout: 20_000,
  },
});
